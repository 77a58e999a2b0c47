package dev.tessera.jobs.report;

import dev.tessera.jobs.report.LocalizedPage.Photo;
import dev.tessera.jobs.report.MapReport.Bounds;
import dev.tessera.jobs.report.MapReport.Camera;
import dev.tessera.jobs.report.MapReport.Chunk;
import dev.tessera.jobs.report.MapReport.Edge;
import dev.tessera.jobs.report.MapReport.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * What shares one frame and so can be drawn in one picture: all georeferenced components together,
 * each other component alone.
 *
 * @param id names its elements in the page
 */
record Panel(
    String id,
    String name,
    boolean georeferenced,
    List<Camera> cameras,
    List<Point> points,
    List<Chunk> chunks,
    List<Edge> edges) {
  /** More cameras than this make a picture no clearer; an even sample is drawn. */
  static final int MOST_CAMERAS = 5_000;

  private static final double OUTLIER_SHARE = 0.01;

  static List<Panel> of(MapReport report) {
    Set<Integer> all = new TreeSet<>();
    Set<Integer> onEarth = new TreeSet<>();
    for (Camera camera : report.cameras()) {
      all.add(camera.component());
      if (camera.georeferenced()) {
        onEarth.add(camera.component());
      }
    }
    List<Panel> panels = new ArrayList<>();
    if (!onEarth.isEmpty()) {
      panels.add(of(report, "world", onEarth.size() == 1 ? "" : "Georeferenced", onEarth, true));
    }
    all.removeAll(onEarth);
    for (int component : all) {
      String name = all.size() + onEarth.size() == 1 ? "" : "Component " + component;
      panels.add(of(report, "component-" + component, name, Set.of(component), false));
    }
    return panels;
  }

  private static Panel of(
      MapReport report, String id, String name, Set<Integer> components, boolean georeferenced) {
    List<Chunk> chunks =
        report.chunks().stream()
            .filter(c -> components.contains(c.component()) || (georeferenced && isLost(c)))
            .toList();
    Set<Integer> ids = chunks.stream().map(Chunk::id).collect(Collectors.toSet());
    return new Panel(
        id,
        name,
        georeferenced,
        sampled(
            report.cameras().stream().filter(c -> components.contains(c.component())).toList(),
            MOST_CAMERAS),
        report.points().stream().filter(p -> components.contains(p.component())).toList(),
        chunks,
        report.edges().stream()
            .filter(e -> ids.contains(e.chunkA()) && ids.contains(e.chunkB()))
            .toList());
  }

  /** Without a scene a chunk has only the bounds it was planned with, which are on earth. */
  private static boolean isLost(Chunk chunk) {
    return !chunk.inMap() && chunk.bounds() != null;
  }

  /** Every n-th, so that at most so many are left. */
  static List<Camera> sampled(List<Camera> cameras, int most) {
    long n = cameras.size();
    if (n <= most) {
      return cameras;
    }
    List<Camera> even = new ArrayList<>(most);
    for (long i = 0; i < most; i++) {
      even.add(cameras.get((int) (i * n / most)));
    }
    return even;
  }

  /** Whether the photo has its place in this frame. */
  boolean shows(Photo photo) {
    return photo.georeferenced() == georeferenced
        && chunks.stream().anyMatch(chunk -> chunk.id() == photo.chunk());
  }

  String unit() {
    return georeferenced ? Units.METRES : Units.CHUNK_UNITS;
  }

  List<Camera> camerasOf(int chunk) {
    return cameras.stream().filter(c -> c.chunk() == chunk).toList();
  }

  /** All cameras and the points but for outliers, from above. */
  Bounds planBounds() {
    double[] east = range(Camera::east, Point::east);
    double[] north = range(Camera::north, Point::north);
    return new Bounds(east[0], north[0], east[1], north[1]);
  }

  /** As {@code planBounds}, from the south: heights in place of north. */
  Bounds sideBounds() {
    double[] east = range(Camera::east, Point::east);
    double[] up = range(Camera::up, Point::up);
    return new Bounds(east[0], up[0], east[1], up[1]);
  }

  private double[] range(ToDoubleFunction<Camera> ofCamera, ToDoubleFunction<Point> ofPoint) {
    double[] sorted = points.stream().mapToDouble(ofPoint).sorted().toArray();
    int cut = (int) (sorted.length * OUTLIER_SHARE);
    double[] kept = Arrays.copyOfRange(sorted, cut, sorted.length - cut);
    double[] values =
        DoubleStream.concat(
                cameras.stream().mapToDouble(ofCamera),
                kept.length == 0
                    ? DoubleStream.empty()
                    : DoubleStream.of(kept[0], kept[kept.length - 1]))
            .filter(Double::isFinite)
            .toArray();
    return values.length == 0
        ? new double[] {0, 1}
        : new double[] {
          Arrays.stream(values).min().orElse(0), Arrays.stream(values).max().orElse(1)
        };
  }
}
