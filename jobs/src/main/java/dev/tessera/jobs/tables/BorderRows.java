package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.IntegerType;

import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The {@code borders} table, format.md: the only place that knows its columns. */
public final class BorderRows {
  public static final StructType SCHEMA =
      new StructType().add("chunk_a", IntegerType, false).add("chunk_b", IntegerType, false);

  private BorderRows() {}

  public static Row toRow(Border border) {
    return RowFactory.create(border.a().value(), border.b().value());
  }

  public static Border fromRow(Row row) {
    return new Border(new ChunkId(row.getInt(0)), new ChunkId(row.getInt(1)));
  }
}
