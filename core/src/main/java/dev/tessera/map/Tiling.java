package dev.tessera.map;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;

/**
 * Cuts the map into cubes of {@code 2^levels} Morton cells per edge. A tile's id is the prefix of
 * its points' keys, so sorting by key sorts by tile.
 */
public record Tiling(Morton morton, int levels) implements Serializable {
  public Tiling {
    if (levels < 0 || levels > Morton.BITS) {
      throw new IllegalArgumentException("Tile levels must be in 0..21, was " + levels);
    }
  }

  /**
   * Tiles with about the asked number of points each, taking the points as spread over the ground
   * (a city is flat compared to its extent): edge = sqrt(area points-per-tile / points), to the
   * nearest power of two.
   */
  public static Tiling of(Morton morton, Bounds bounds, long points, long pointsPerTile) {
    if (pointsPerTile < 1) {
      throw new IllegalArgumentException("A tile needs a point at least, was " + pointsPerTile);
    }
    if (bounds.isEmpty() || points <= pointsPerTile) {
      return new Tiling(morton, Morton.BITS);
    }
    double cell = morton.cellMeters();
    double width = Math.max(bounds.maxX() - bounds.minX(), cell);
    double depth = Math.max(bounds.maxY() - bounds.minY(), cell);
    double edge = Math.sqrt(width * depth * pointsPerTile / points);
    long levels = Math.round(Math.log(edge / cell) / Math.log(2));
    return new Tiling(morton, (int) Math.max(0, Math.min(Morton.BITS, levels)));
  }

  public double edgeMeters() {
    return (1L << levels) * morton.cellMeters();
  }

  public long tileOf(long key) {
    return Morton.prefix(key, levels);
  }

  /** The cube of a tile. */
  public Bounds bounds(long tile) {
    Vec3 low = morton.corner(tile, levels);
    double edge = edgeMeters();
    return new Bounds(low.x(), low.y(), low.z(), low.x() + edge, low.y() + edge, low.z() + edge);
  }
}
