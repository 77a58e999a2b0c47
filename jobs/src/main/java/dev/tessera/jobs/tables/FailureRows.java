package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The map's {@code failures} table, format.md: the only place that knows its columns. */
public final class FailureRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("stage", StringType, false)
          .add("kind", StringType, false)
          .add("name", StringType, false)
          .add("chunk_id", IntegerType, true)
          .add("reason", StringType, false)
          .add("detail", StringType, false);

  private FailureRows() {}

  /**
   * Something that is not in the map, and why.
   *
   * @param stage where it was lost
   * @param kind {@code photo} or {@code chunk}
   * @param name of the photo below the photo folder, or the chunk's number
   */
  public record Failure(
      String stage, String kind, String name, Integer chunk, String reason, String detail)
      implements Serializable {}

  public static Row toRow(Failure f) {
    return RowFactory.create(f.stage(), f.kind(), f.name(), f.chunk(), f.reason(), f.detail());
  }

  public static Failure fromRow(Row row) {
    return new Failure(
        row.getString(0),
        row.getString(1),
        row.getString(2),
        row.isNullAt(3) ? null : row.getInt(3),
        row.getString(4),
        row.getString(5));
  }
}
