package dev.tessera.jobs;

import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.tables.TileRows.Tile;
import dev.tessera.map.Bounds;
import dev.tessera.map.MapPoint;

/** Counts and bounds the points of a tile as they come, in Morton order. */
final class TileTally {
  private final long tile;
  private final Box all = new Box();
  private final Box onEarth = new Box();
  private long points;
  private long firstKey;
  private long lastKey;

  TileTally(long tile) {
    this.tile = tile;
  }

  long tile() {
    return tile;
  }

  void add(MapPoint point, boolean georeferenced, long morton) {
    all.add(point.xInWorld());
    if (georeferenced) {
      onEarth.add(point.xInWorld());
    }
    firstKey = points == 0 ? morton : firstKey;
    lastKey = morton;
    points++;
  }

  Tile toTile() {
    return new Tile(tile, points, all.bounds(), onEarth.bounds(), firstKey, lastKey);
  }

  /** Bounds that grow in place. */
  private static final class Box {
    private double minX = Double.POSITIVE_INFINITY;
    private double minY = Double.POSITIVE_INFINITY;
    private double minZ = Double.POSITIVE_INFINITY;
    private double maxX = Double.NEGATIVE_INFINITY;
    private double maxY = Double.NEGATIVE_INFINITY;
    private double maxZ = Double.NEGATIVE_INFINITY;

    void add(Vec3 x) {
      minX = Math.min(minX, x.x());
      minY = Math.min(minY, x.y());
      minZ = Math.min(minZ, x.z());
      maxX = Math.max(maxX, x.x());
      maxY = Math.max(maxY, x.y());
      maxZ = Math.max(maxZ, x.z());
    }

    Bounds bounds() {
      return new Bounds(minX, minY, minZ, maxX, maxY, maxZ);
    }
  }
}
