package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The {@code memberships} table, format.md: the only place that knows its columns. */
public final class MembershipRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("chunk_id", IntegerType, false)
          .add("image_id", LongType, false)
          .add("owned", BooleanType, false);

  private MembershipRows() {}

  /** A view in a chunk: owned, or borrowed from a neighbour. */
  public record Membership(ChunkId chunk, ViewId view, boolean owned) implements Serializable {}

  public static Row toRow(Membership m) {
    return RowFactory.create(m.chunk().value(), m.view().value(), m.owned());
  }

  public static Membership fromRow(Row row) {
    return new Membership(
        new ChunkId(row.getInt(0)), new ViewId(row.getLong(1)), row.getBoolean(2));
  }
}
