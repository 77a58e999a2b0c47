package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.LongType;

import dev.tessera.map.Bounds;
import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The map's {@code tiles} table, format.md: the only place that knows its columns. */
public final class TileRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("tile", LongType, false)
          .add("points", LongType, false)
          .add("min_x", DoubleType, false)
          .add("min_y", DoubleType, false)
          .add("min_z", DoubleType, false)
          .add("max_x", DoubleType, false)
          .add("max_y", DoubleType, false)
          .add("max_z", DoubleType, false)
          .add("min_morton", LongType, false)
          .add("max_morton", LongType, false)
          .add("geometry", BinaryType, true);

  private TileRows() {}

  /**
   * What is in a tile.
   *
   * @param bounds of its points, not of its cube
   * @param boundsOnEarth of those of its points that are georeferenced
   */
  public record Tile(
      long tile, long points, Bounds bounds, Bounds boundsOnEarth, long minMorton, long maxMorton)
      implements Serializable {

    public Tile plus(Tile o) {
      return new Tile(
          tile,
          points + o.points,
          bounds.union(o.bounds),
          boundsOnEarth.union(o.boundsOnEarth),
          Math.min(minMorton, o.minMorton),
          Math.max(maxMorton, o.maxMorton));
    }
  }

  /**
   * @param wkb outline of its georeferenced points on WGS84; null if there are none
   */
  public static Row toRow(Tile t, byte[] wkb) {
    Bounds b = t.bounds();
    return RowFactory.create(
        t.tile(),
        t.points(),
        b.minX(),
        b.minY(),
        b.minZ(),
        b.maxX(),
        b.maxY(),
        b.maxZ(),
        t.minMorton(),
        t.maxMorton(),
        wkb);
  }
}
