package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.ShortType;

import dev.tessera.jobs.report.MapReport;
import dev.tessera.map.MapPoint;
import java.io.Serializable;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** The map's {@code points} table, format.md: the only place that knows its columns. */
public final class PointRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("x", DoubleType, false)
          .add("y", DoubleType, false)
          .add("z", DoubleType, false)
          .add("r", ShortType, false)
          .add("g", ShortType, false)
          .add("b", ShortType, false)
          .add("confidence", FloatType, false)
          .add("image_id", LongType, false)
          .add("chunk_id", IntegerType, false)
          .add("component_id", IntegerType, false)
          .add("n_obs", IntegerType, false)
          .add("n_chunks", IntegerType, false)
          .add("level", IntegerType, false)
          .add("tile", LongType, false)
          .add("morton", LongType, false);

  public static final Column MORTON = functions.col("morton");

  /** What {@link #toReport} reads, in its order. */
  public static final Column[] REPORTED =
      Stream.of("x", "y", "z", "r", "g", "b", "component_id")
          .map(functions::col)
          .toArray(Column[]::new);

  private PointRows() {}

  /**
   * A point of the map in its place.
   *
   * @param level of detail: 0 is the coarsest, all levels together are the whole cloud
   */
  public record PlacedPoint(MapPoint point, int component, int level, long tile, long morton)
      implements Serializable {}

  public static Row toRow(PlacedPoint placed) {
    MapPoint p = placed.point();
    return RowFactory.create(
        p.xInWorld().x(),
        p.xInWorld().y(),
        p.xInWorld().z(),
        (short) (p.rgb() >> 16 & 0xff),
        (short) (p.rgb() >> 8 & 0xff),
        (short) (p.rgb() & 0xff),
        p.confidence(),
        p.imageId(),
        p.chunkId(),
        placed.component(),
        p.observations(),
        p.chunks(),
        placed.level(),
        placed.tile(),
        placed.morton());
  }

  /** A row of the columns {@link #REPORTED}. */
  public static MapReport.Point toReport(Row row) {
    int rgb = row.getShort(3) << 16 | row.getShort(4) << 8 | row.getShort(5);
    return new MapReport.Point(
        row.getDouble(0), row.getDouble(1), row.getDouble(2), rgb, row.getInt(6));
  }
}
