package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.ShortType;

import dev.tessera.map.MapPoint;
import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
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
          .add("level", IntegerType, false)
          .add("tile", LongType, false)
          .add("morton", LongType, false);

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
        placed.level(),
        placed.tile(),
        placed.morton());
  }
}
