package dev.tessera.partition;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The occupied cells of a chunk and their places in the sequence, against which distances are
 * measured: an empty corner of a chunk's rectangle is near to nobody.
 */
final class Footprint implements Serializable {
  private final double cellMeters;
  private final int[] x;
  private final int[] y;
  private final long[] ends; // first and last order of each cell, sorted
  private final int[] counts;
  private final int minX;
  private final int maxX;
  private final int minY;
  private final int maxY;

  Footprint(List<Atom> atoms, double cellMeters) {
    this.cellMeters = cellMeters;
    x = atoms.stream().mapToInt(Atom::x).toArray();
    y = atoms.stream().mapToInt(Atom::y).toArray();
    counts = atoms.stream().mapToInt(Atom::count).toArray();
    ends =
        atoms.stream()
            .flatMapToLong(a -> Arrays.stream(new long[] {a.firstOrder(), a.lastOrder()}))
            .sorted()
            .toArray();
    minX = Arrays.stream(x).min().orElseThrow();
    maxX = Arrays.stream(x).max().orElseThrow();
    minY = Arrays.stream(y).min().orElseThrow();
    maxY = Arrays.stream(y).max().orElseThrow();
  }

  int owned() {
    return Arrays.stream(counts).sum();
  }

  /** From a place to the nearest occupied cell, or some value above {@code limit} if beyond it. */
  double distanceMeters(double eastMeters, double northMeters, double limit) {
    double atLeast = Math.hypot(outside(eastMeters, minX, maxX), outside(northMeters, minY, maxY));
    if (atLeast > limit) {
      return atLeast;
    }
    double best = Double.MAX_VALUE;
    for (int i = 0; i < x.length; i++) {
      double dx = outside(eastMeters, x[i], x[i]);
      double dy = outside(northMeters, y[i], y[i]);
      best = Math.min(best, dx * dx + dy * dy);
    }
    return Math.sqrt(best);
  }

  /** Steps of the sequence to the nearest end of a cell. */
  long orderGap(long order) {
    int at = Arrays.binarySearch(ends, order);
    if (at >= 0) {
      return 0;
    }
    int above = -at - 1;
    long gap = above < ends.length ? ends[above] - order : Long.MAX_VALUE;
    return above > 0 ? Math.min(gap, order - ends[above - 1]) : gap;
  }

  /** Smallest gap between the ends of two footprints. */
  long orderGap(Footprint o) {
    return Arrays.stream(o.ends).map(this::orderGap).min().orElseThrow();
  }

  /**
   * How far from this footprint's cells the first {@code quota} views of the lender's cells lie.
   */
  double reachMeters(Footprint lender, int quota) {
    double[] cells = new double[lender.owned()];
    int n = 0;
    for (int i = 0; i < lender.x.length; i++) {
      double distance = cellGap(lender.x[i], lender.y[i]);
      Arrays.fill(cells, n, n + lender.counts[i], distance);
      n += lender.counts[i];
    }
    Arrays.sort(cells);
    return cells[Math.min(quota, n) - 1] * cellMeters;
  }

  double minEastMeters() {
    return minX * cellMeters;
  }

  double maxEastMeters() {
    return (maxX + 1.0) * cellMeters;
  }

  double minNorthMeters() {
    return minY * cellMeters;
  }

  double maxNorthMeters() {
    return (maxY + 1.0) * cellMeters;
  }

  long firstOrder() {
    return ends[0];
  }

  long lastOrder() {
    return ends[ends.length - 1];
  }

  private double cellGap(int cellX, int cellY) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < x.length; i++) {
      double dx = Math.max(0, Math.abs((double) x[i] - cellX) - 1);
      double dy = Math.max(0, Math.abs((double) y[i] - cellY) - 1);
      best = Math.min(best, dx * dx + dy * dy);
    }
    return Math.sqrt(best);
  }

  private double outside(double meters, int minCell, int maxCell) {
    return Math.max(
        0, Math.max(minCell * cellMeters - meters, meters - (maxCell + 1.0) * cellMeters));
  }
}
