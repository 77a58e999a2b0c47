package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The {@code plan} table, format.md: the only place that knows its columns. */
public final class PlanRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("chunk_id", IntegerType, false)
          .add("kind", StringType, false)
          .add("owned", IntegerType, false)
          .add("halo", IntegerType, false)
          .add("min_east_m", DoubleType, false)
          .add("min_north_m", DoubleType, false)
          .add("max_east_m", DoubleType, false)
          .add("max_north_m", DoubleType, false)
          .add("first_rank", LongType, false)
          .add("last_rank", LongType, false);

  private PlanRows() {}

  public static Row toRow(PlannedChunk c) {
    return RowFactory.create(
        c.id().value(),
        c.kind().name(),
        c.owned(),
        c.borrowed(),
        c.minEastMeters(),
        c.minNorthMeters(),
        c.maxEastMeters(),
        c.maxNorthMeters(),
        c.firstOrder(),
        c.lastOrder());
  }

  public static PlannedChunk fromRow(Row row) {
    return new PlannedChunk(
        new ChunkId(row.getInt(0)),
        PlannedChunk.Kind.valueOf(row.getString(1)),
        row.getInt(2),
        row.getInt(3),
        row.getDouble(4),
        row.getDouble(5),
        row.getDouble(6),
        row.getDouble(7),
        row.getLong(8),
        row.getLong(9));
  }
}
