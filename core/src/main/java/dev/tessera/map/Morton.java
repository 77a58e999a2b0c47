package dev.tessera.map;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;

/**
 * Interleaves a position into one 63-bit key whose order keeps neighbours together (Morton 1966).
 *
 * <p>Space is a cube of 2^21 cells per axis about the world's origin: cell i of an axis covers
 * {@code [(i - 2^20) cell, (i - 2^20 + 1) cell)} metres. The key holds, from its highest bit, z y x
 * of the highest bit of the cells, and so on down: bit 3k is bit k of x, 3k + 1 of y, 3k + 2 of z.
 * A key shifted right by 3k names the cube of 2^k cells per edge that holds the cell.
 */
public record Morton(double cellMeters) implements Serializable {
  /** Bits per axis. */
  public static final int BITS = 21;

  /** Finest cell: 1 cm, which reaches 10.4 km from the origin. */
  public static final double FINEST_CELL_METERS = 0.01;

  private static final long HALF = 1L << (BITS - 1);

  public Morton {
    if (!(cellMeters > 0) || Double.isInfinite(cellMeters)) {
      throw new IllegalArgumentException("Cell must be positive and finite, was " + cellMeters);
    }
  }

  /** As {@link #covering(Bounds, double)} with cells of 1 cm. */
  public static Morton covering(Bounds bounds) {
    return covering(bounds, FINEST_CELL_METERS);
  }

  /**
   * The keys with the finest cell, the asked size times a power of two, that reach all of the
   * bounds.
   *
   * @throws IllegalArgumentException if the bounds are not finite
   */
  public static Morton covering(Bounds bounds, double finestCellMeters) {
    double reach = 0;
    if (!bounds.isEmpty()) {
      double low = Math.min(bounds.minX(), Math.min(bounds.minY(), bounds.minZ()));
      double high = Math.max(bounds.maxX(), Math.max(bounds.maxY(), bounds.maxZ()));
      reach = Math.max(-low, high);
    }
    if (!Double.isFinite(reach)) {
      throw new IllegalArgumentException("Cannot make keys for unbounded positions: " + bounds);
    }
    double cell = finestCellMeters;
    while (reach >= cell * HALF) {
      cell *= 2;
    }
    return new Morton(cell);
  }

  /**
   * The key of a position.
   *
   * @throws IllegalArgumentException for a position beyond the reach of the keys
   */
  public long encode(Vec3 x) {
    return spread(cell(x.x())) | spread(cell(x.y())) << 1 | spread(cell(x.z())) << 2;
  }

  /** The middle of the key's cell. */
  public Vec3 decode(long key) {
    return corner(key, 0).plus(new Vec3(0.5, 0.5, 0.5).times(cellMeters));
  }

  /** Lowest corner of the cube of {@code 2^levels} cells per edge named by {@code prefix}. */
  public Vec3 corner(long prefix, int levels) {
    return new Vec3(
        (((gather(prefix) << levels) - HALF) * cellMeters),
        (((gather(prefix >>> 1) << levels) - HALF) * cellMeters),
        (((gather(prefix >>> 2) << levels) - HALF) * cellMeters));
  }

  /** Name of the cube of {@code 2^levels} cells per edge that holds the key's cell. */
  public static long prefix(long key, int levels) {
    return key >>> (3 * levels);
  }

  private long cell(double meters) {
    double cell = Math.floor(meters / cellMeters) + HALF;
    if (!(cell >= 0 && cell < 2 * HALF)) {
      throw new IllegalArgumentException(
          "Cannot make a key: %s m is beyond %s m from the origin"
              .formatted(meters, HALF * cellMeters));
    }
    return (long) cell;
  }

  /** Moves bit k to bit 3k. */
  private static long spread(long v) {
    long x = v & 0x1fffffL;
    x = (x | x << 32) & 0x1f00000000ffffL;
    x = (x | x << 16) & 0x1f0000ff0000ffL;
    x = (x | x << 8) & 0x100f00f00f00f00fL;
    x = (x | x << 4) & 0x10c30c30c30c30c3L;
    return (x | x << 2) & 0x1249249249249249L;
  }

  /** Moves bit 3k back to bit k. */
  private static long gather(long v) {
    long x = v & 0x1249249249249249L;
    x = (x | x >>> 2) & 0x10c30c30c30c30c3L;
    x = (x | x >>> 4) & 0x100f00f00f00f00fL;
    x = (x | x >>> 8) & 0x1f0000ff0000ffL;
    x = (x | x >>> 16) & 0x1f00000000ffffL;
    return (x | x >>> 32) & 0x1fffffL;
  }
}
