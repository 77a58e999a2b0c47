package dev.tessera.partition;

import dev.tessera.imagery.ViewId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/** Collections of known shape; the order of a site is its place in the list. */
final class SeededSites {
  private final SplittableRandom random;
  private final List<ViewSite> sites = new ArrayList<>();

  private SeededSites(long seed) {
    random = new SplittableRandom(seed);
  }

  static List<ViewSite> uniform(long seed, int views, double sideMeters) {
    SeededSites made = new SeededSites(seed);
    for (int i = 0; i < views; i++) {
      made.place(made.random.nextDouble(sideMeters), made.random.nextDouble(sideMeters));
    }
    return made.sites;
  }

  /** Districts of very different density with empty land between them. */
  static List<ViewSite> city(long seed, int views) {
    SeededSites made = new SeededSites(seed);
    int districts = 12;
    for (int i = 0; i < views; i++) {
      SplittableRandom district = new SplittableRandom(seed + 1 + (i % 7) * i % districts);
      double spread = 20 + 180 * district.nextDouble();
      made.place(
          district.nextDouble(5_000) + spread * made.gaussian(),
          district.nextDouble(5_000) + spread * made.gaussian());
    }
    return made.sites;
  }

  static List<ViewSite> line(int views, double stepMeters) {
    return along(0, views, i -> i * stepMeters, i -> 0.3 * i * stepMeters);
  }

  static List<ViewSite> ring(int views, double radiusMeters) {
    double turn = 2 * Math.PI / views;
    return along(
        0, views, i -> radiusMeters * Math.cos(i * turn), i -> radiusMeters * Math.sin(i * turn));
  }

  static List<ViewSite> arc(int views, double spanMeters) {
    double turn = Math.PI / 3 / (views - 1);
    return along(
        0,
        views,
        i -> spanMeters * Math.sin(i * turn - Math.PI / 6),
        i -> spanMeters * Math.cos(i * turn - Math.PI / 6));
  }

  /** Flight lines to and fro, with some wind. */
  static List<ViewSite> flight(long seed, int views, double widthMeters, double heightMeters) {
    SeededSites made = new SeededSites(seed);
    int lines = (int) Math.round(Math.sqrt(views * heightMeters / widthMeters * 0.7));
    int perLine = (views + lines - 1) / lines;
    for (int i = 0; i < views; i++) {
      int line = i / perLine;
      double along = (double) (i % perLine) / (perLine - 1) * widthMeters;
      made.place(
          (line % 2 == 0 ? along : widthMeters - along) + made.gaussian(),
          (double) line / (lines - 1) * heightMeters + made.gaussian());
    }
    return made.sites;
  }

  static List<ViewSite> islands(long seed, int views, double apartMeters) {
    SeededSites made = new SeededSites(seed);
    for (int i = 0; i < views; i++) {
      made.place((i % 3 == 0 ? apartMeters : 0) + 40 * made.gaussian(), 40 * made.gaussian());
    }
    return made.sites;
  }

  static List<ViewSite> onOnePoint(int views) {
    return along(0, views, i -> 3.25, i -> -7.5);
  }

  static List<ViewSite> nowhere(int views) {
    return along(0, views, i -> Double.NaN, i -> Double.NaN);
  }

  /** A walk that loses its fix now and then, for a while. */
  static List<ViewSite> mixed(long seed, int views, double lostShare) {
    SeededSites made = new SeededSites(seed);
    boolean lost = false;
    for (int i = 0; i < views; i++) {
      if (i % 30 == 0) {
        lost = made.random.nextDouble() < lostShare;
      }
      made.place(lost ? Double.NaN : 3.0 * (i % 100), lost ? Double.NaN : 10.0 * (i / 100));
    }
    return made.sites;
  }

  /** Truncated headers: most photos on a handful of points of an otherwise well placed city. */
  static List<ViewSite> truncated(long seed, int views) {
    SeededSites made = new SeededSites(seed);
    for (int i = 0; i < views; i++) {
      boolean exact = i % 4 == 0;
      double unit = exact ? 1e-3 : 100;
      made.place(
          Math.rint(made.random.nextDouble(300) / unit) * unit,
          Math.rint(made.random.nextDouble(300) / unit) * unit);
    }
    return made.sites;
  }

  private static List<ViewSite> along(
      long seed, int views, DoubleUnaryOperator east, DoubleUnaryOperator north) {
    SeededSites made = new SeededSites(seed);
    for (int i = 0; i < views; i++) {
      made.place(east.applyAsDouble(i), north.applyAsDouble(i));
    }
    return made.sites;
  }

  private void place(double eastMeters, double northMeters) {
    int order = sites.size();
    sites.add(new ViewSite(new ViewId(scrambled(order)), eastMeters, northMeters, order));
  }

  private double gaussian() {
    double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
    return radius * Math.cos(2 * Math.PI * random.nextDouble());
  }

  /** An id without relation to the order, as digests are. */
  private static long scrambled(int order) {
    return new SplittableRandom(order).nextLong() >>> 1;
  }
}
