package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Bounds;
import dev.tessera.jobs.report.MapReport.Camera;
import dev.tessera.jobs.report.MapReport.Chunk;
import dev.tessera.jobs.report.MapReport.Counts;
import dev.tessera.jobs.report.MapReport.Edge;
import dev.tessera.jobs.report.MapReport.Failure;
import dev.tessera.jobs.report.MapReport.FailureCount;
import dev.tessera.jobs.report.MapReport.Metric;
import dev.tessera.jobs.report.MapReport.Offset;
import dev.tessera.jobs.report.MapReport.Point;
import dev.tessera.jobs.report.MapReport.Run;
import dev.tessera.jobs.report.MapReport.Setting;
import dev.tessera.jobs.report.MapReport.Stage;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Made-up runs to write pages of. */
final class Reports {
  private static final Run RUN =
      new Run(
          "Harbour",
          "run-41",
          "sfm",
          Instant.parse("2026-03-04T05:06:07Z"),
          Instant.parse("2026-03-04T06:16:07Z"));

  private Reports() {}

  static MapReport empty() {
    return new MapReport(
        RUN,
        new Counts(0, 0, 0, 0, 0, 0, 0),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Histogram.empty(),
        Histogram.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** One georeferenced component of two chunks and a third that failed; every section is filled. */
  static MapReport full() {
    return new MapReport(
        RUN,
        new Counts(1234, 17, 1217, 1199, 3, 1, 7_654_321),
        cameras(60, true),
        points(200),
        List.of(
            new Chunk(0, 0, new Bounds(0, 0, 50, 50), 31, 9, 38, "placed", true, 0.125, 61.4, 13.7),
            new Chunk(
                1, 0, new Bounds(50, 0, 99, 50), 29, 8, 36, "placed", true, 0.375, 72.6, 14.9),
            new Chunk(
                2, -1, new Bounds(60, 0, 80, 20), 6, 3, 0, "failed", false, Double.NaN, 3, 1)),
        List.of(
            new Edge(0, 1, "overlap", true, "", 23, 1871, 0.21, 0.93),
            new Edge(1, 2, "query", false, "TOO_FEW_INLIERS", 5, 11, 4.56, 0)),
        Histogram.ofCounts(0.1, new long[] {10, 400, 300, 20, 5}),
        Histogram.ofValues(0.5, 10, new double[] {0.4, 0.9, 1.1, 1.7, 2.2}),
        List.of(new Failure("photo", "a.jpg", "ingest", "UNREADABLE", "cut after 81 bytes")),
        List.of(new FailureCount("ingest", "UNREADABLE", 17)),
        List.of(new Setting("seed", "7", false), new Setting("halo-meters", "33.5", true)),
        List.of(new Stage("ingest", 4.25, 1234, "photos"), new Stage("merge", 777, 2, "chunks")),
        List.of(new Metric("Position error", 0.234, "m", "against the survey")),
        List.of("No GPU was found."));
  }

  static MapReport named(String name) {
    MapReport r = full();
    Camera c = r.cameras().get(0);
    Camera renamed =
        new Camera(name, c.east(), c.north(), c.up(), 90, 0, 0, 0, true, c.gpsResidual());
    return new MapReport(
        new Run(name, name, name, r.run().started(), r.run().finished()),
        r.counts(),
        List.of(renamed),
        r.points(),
        r.chunks(),
        List.of(new Edge(0, 1, "overlap", false, name, 1, 1, 1, 1)),
        r.reprojection(),
        r.gps(),
        List.of(new Failure(name, name, name, name, name)),
        List.of(new FailureCount(name, name, 1)),
        List.of(new Setting(name, name, true)),
        List.of(new Stage(name, 1, 1, name)),
        List.of(new Metric(name, 1, name, name)),
        List.of(name));
  }

  static MapReport withCameras(List<Camera> cameras, long registered, long components) {
    MapReport r = full();
    return new MapReport(
        r.run(),
        new Counts(registered, 0, registered, registered, 2, components, 200),
        cameras,
        r.points(),
        r.chunks(),
        r.edges(),
        r.reprojection(),
        Histogram.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  static List<Camera> cameras(int n, boolean georeferenced) {
    Random random = new Random(3);
    return IntStream.range(0, n)
        .mapToObj(
            i ->
                new Camera(
                    "v" + i + ".jpg",
                    100 * random.nextDouble(),
                    50 * random.nextDouble(),
                    20 + random.nextGaussian(),
                    360 * random.nextDouble(),
                    i % 2,
                    i % 2,
                    georeferenced ? 0 : i % 2,
                    georeferenced,
                    georeferenced
                        ? new Offset(random.nextGaussian(), random.nextGaussian(), 1)
                        : null))
        .toList();
  }

  private static List<Point> points(int n) {
    Random random = new Random(5);
    return IntStream.range(0, n)
        .mapToObj(
            i ->
                new Point(
                    100 * random.nextDouble(),
                    50 * random.nextDouble(),
                    random.nextDouble(),
                    random.nextInt(1 << 24),
                    0))
        .toList();
  }
}
