package dev.tessera.partition;

import java.io.Serializable;

/**
 * Square cells {@code [x s, (x + 1) s) x [y s, (y + 1) s)} of side s, named by one long: x in the
 * high 32 bits, y in the low ones.
 */
record Grid(double cellMeters) implements Serializable {
  /** Names the place of the views that have no position; x = -2^31 is no cell of a site. */
  static final long NOWHERE = Long.MIN_VALUE;

  long cellOf(ViewSite site) {
    return site.hasPosition() ? cell(index(site.eastMeters()), index(site.northMeters())) : NOWHERE;
  }

  Grid coarser() {
    return new Grid(2 * cellMeters);
  }

  /** The cell of {@link #coarser()} that contains the cell. */
  static long parent(long cell) {
    return cell(x(cell) >> 1, y(cell) >> 1);
  }

  static long cell(int x, int y) {
    return ((long) x << 32) | (y & 0xffffffffL);
  }

  static int x(long cell) {
    return (int) (cell >> 32);
  }

  static int y(long cell) {
    return (int) cell;
  }

  private int index(double meters) {
    return (int) Math.floor(meters / cellMeters);
  }
}
