package dev.tessera.jobs.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Convex hulls of points in a picture, by Andrew's monotone chain (1979). */
final class Hull {
  /** A point of a picture. */
  record Spot(double x, double y) {}

  private Hull() {}

  /** The corners in order; fewer than three if the points lie on a line. */
  static List<Spot> of(List<Spot> spots) {
    List<Spot> sorted =
        spots.stream()
            .distinct()
            .sorted(Comparator.comparingDouble(Spot::x).thenComparingDouble(Spot::y))
            .toList();
    if (sorted.size() < 3) {
      return sorted;
    }
    List<Spot> hull = new ArrayList<>();
    for (Spot spot : sorted) {
      extend(hull, spot, 2);
    }
    int lower = hull.size() + 1;
    for (int i = sorted.size() - 2; i >= 0; i--) {
      extend(hull, sorted.get(i), lower);
    }
    hull.remove(hull.size() - 1);
    return hull;
  }

  private static void extend(List<Spot> hull, Spot next, int least) {
    while (hull.size() >= least
        && turn(hull.get(hull.size() - 2), hull.get(hull.size() - 1), next) <= 0) {
      hull.remove(hull.size() - 1);
    }
    hull.add(next);
  }

  private static double turn(Spot a, Spot b, Spot c) {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  }
}
