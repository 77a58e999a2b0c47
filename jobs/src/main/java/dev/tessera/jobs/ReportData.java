package dev.tessera.jobs;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.report.Histogram;
import dev.tessera.jobs.report.MapReport;
import dev.tessera.jobs.report.ReportWriter;
import dev.tessera.jobs.tables.CameraRows.MapCamera;
import dev.tessera.jobs.tables.ChunkRows;
import dev.tessera.jobs.tables.FailureRows.Failure;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.merge.Edge;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.EdgeResult;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.reconstruct.ResidualHistogram;
import java.io.IOException;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * Gathers what the report shows, in bounded amounts: even samples of cameras and points (those with
 * the smallest hashed ids), examples of failures, and chunk-level rows.
 */
record ReportData(
    Run run,
    MapSolution solution,
    JavaRDD<MapCamera> cameras,
    Path pointTable,
    JavaRDD<Failure> failures,
    Map<String, Object> facts) {
  private static final int MOST_CAMERAS = 5_000;
  private static final int MOST_POINTS = 20_000;
  private static final int MOST_FAILURES = 200;

  /** GPS residuals in bins of 25 cm up to 25 m. */
  private static final double GPS_BIN_METERS = 0.25;

  private static final int GPS_BINS = 100;

  /** Multiplier of the golden ratio (Knuth): scatters consecutive keys evenly. */
  private static final long SCATTER = 0x9E3779B97F4A7C15L;

  String html() throws IOException {
    return ReportWriter.html(report());
  }

  private MapReport report() throws IOException {
    return new MapReport(
        runFacts(),
        counts(),
        sample(cameras),
        PointSample.of(run, pointTable, fact("points"), MOST_POINTS),
        chunks(),
        solution.frames().edges().stream().map(this::edge).toList(),
        residuals(),
        gpsResiduals(),
        failures
            .takeOrdered(
                MOST_FAILURES,
                (Comparator<Failure> & Serializable)
                    (a, b) -> (a.stage() + a.name()).compareTo(b.stage() + b.name()))
            .stream()
            .map(f -> new MapReport.Failure(f.kind(), f.name(), f.stage(), f.reason(), f.detail()))
            .toList(),
        failureCounts(),
        settings(),
        stages(),
        List.of(),
        Fallbacks.of(run, solution));
  }

  /** An even sample. */
  static List<MapReport.Camera> sample(JavaRDD<MapCamera> cameras) {
    return cameras.takeOrdered(MOST_CAMERAS, order(MapCamera::imageId)).stream()
        .map(ReportData::camera)
        .toList();
  }

  private MapReport.Run runFacts() {
    String title = "Map of " + run.workspace().root().getName();
    return new MapReport.Run(
        title, run.runId(), run.engine().engineName(), run.started(), Instant.now());
  }

  private MapReport.Counts counts() {
    long photos = fact("photos");
    long views = fact("views");
    return new MapReport.Counts(
        photos,
        photos - views,
        views,
        fact("registered"),
        fact("chunks"),
        fact("components"),
        fact("points"));
  }

  private long fact(String name) {
    return ((Number) facts.get(name)).longValue();
  }

  private static <T> Comparator<T> order(SerializableKey<T> key) {
    return (Comparator<T> & Serializable)
        (a, b) -> Long.compareUnsigned(key.apply(a) * SCATTER, key.apply(b) * SCATTER);
  }

  /** A key that travels to executors. */
  private interface SerializableKey<T> extends Function<T, Long>, Serializable {}

  /** Viewing direction on the ground, clockwise from north; NaN for one straight up or down. */
  static double headingDegrees(Quaternion cameraFromWorld) {
    Vec3 forward = cameraFromWorld.inverse().rotate(new Vec3(0, 0, 1));
    double level = Math.hypot(forward.x(), forward.y());
    return level < 0.1 ? Double.NaN : Math.toDegrees(Math.atan2(forward.x(), forward.y()));
  }

  private static MapReport.Camera camera(MapCamera c) {
    Vec3 center = c.cameraFromWorld().center();
    Vec3 r = c.gpsResidual();
    return new MapReport.Camera(
        c.name(),
        center.x(),
        center.y(),
        center.z(),
        headingDegrees(c.cameraFromWorld().rotation()),
        c.chunkId(),
        c.chunkId(),
        c.componentId(),
        c.georeferenced(),
        r == null ? null : new MapReport.Offset(r.x(), r.y(), r.z()));
  }

  private List<MapReport.Chunk> chunks() {
    List<MapReport.Chunk> rows = new ArrayList<>();
    for (Outcome outcome : solution.outcomes().values()) {
      if (!outcome.halved()) { // its halves are there
        rows.add(chunk(outcome, solution.plan().get(outcome.chunk())));
      }
    }
    return rows;
  }

  private MapReport.Chunk chunk(Outcome outcome, PlannedChunk planned) {
    ChunkFrame frame = solution.frames().of(outcome.chunk()).orElse(null);
    boolean placed = frame != null;
    MapReport.Bounds bounds =
        planned.kind() == PlannedChunk.Kind.SPATIAL
            ? new MapReport.Bounds(
                planned.minEastMeters(),
                planned.minNorthMeters(),
                planned.maxEastMeters(),
                planned.maxNorthMeters())
            : null;
    return new MapReport.Chunk(
        outcome.chunk().value(),
        placed ? frame.componentId() : -1,
        bounds,
        planned.owned(),
        planned.borrowed(),
        outcome.registered(),
        placed ? ChunkRows.status(frame, outcome) : ChunkRows.reason(null, outcome),
        placed,
        placed && frame.georeferenced() ? frame.positionSigmaMeters() : Double.NaN,
        outcome.seconds(),
        placed ? frame.worldFromChunk().scale() : Double.NaN);
  }

  private MapReport.Edge edge(EdgeResult result) {
    Edge e = result.edge();
    return new MapReport.Edge(
        e.a().value(),
        e.b().value(),
        e.kind().name().toLowerCase(Locale.ROOT),
        e.accepted(),
        e.verdict().name().toLowerCase(Locale.ROOT),
        e.sharedViews(),
        e.inlierPoints(),
        e.relativeRms(),
        result.weight());
  }

  private Histogram residuals() {
    return Histogram.ofCounts(ResidualHistogram.BIN_PIXELS, solution.residuals().counts());
  }

  private Histogram gpsResiduals() {
    Map<Integer, Long> bins =
        new HashMap<>(
            cameras
                .filter(c -> c.gpsResidual() != null)
                .map(c -> Math.hypot(c.gpsResidual().x(), c.gpsResidual().y()))
                .map(r -> (int) Math.min(r / GPS_BIN_METERS, GPS_BINS - 1))
                .countByValue());
    if (bins.isEmpty()) {
      return Histogram.empty();
    }
    long[] counts = new long[GPS_BINS];
    bins.forEach((bin, count) -> counts[bin] = count);
    return Histogram.ofCounts(GPS_BIN_METERS, counts);
  }

  private List<MapReport.FailureCount> failureCounts() {
    return failures.map(f -> new Tuple2<>(f.stage(), f.reason())).countByValue().entrySet().stream()
        .map(e -> new MapReport.FailureCount(e.getKey()._1(), e.getKey()._2(), e.getValue()))
        .sorted(Comparator.comparing(c -> c.stage() + c.reason()))
        .toList();
  }

  private List<MapReport.Setting> settings() {
    Map<String, String> changed = run.settings().changed();
    return run.settings().all().entrySet().stream()
        .map(e -> new MapReport.Setting(e.getKey(), e.getValue(), changed.containsKey(e.getKey())))
        .toList();
  }

  private List<MapReport.Stage> stages() throws IOException {
    List<MapReport.Stage> stages = new ArrayList<>();
    stages.add(stage(Stage.INGEST, "photos", "photos"));
    stages.add(stage(Stage.PARTITION, "chunks", "chunks"));
    stages.add(stage(Stage.RECONSTRUCT, "chunks", "chunks"));
    stages.add(stage(Stage.ALIGN, "edges", "edges"));
    stages.add(stage(Stage.REPAIR, RepairJob.ADDED, "chunks"));
    return stages;
  }

  private MapReport.Stage stage(Stage stage, String count, String item) throws IOException {
    StageManifest manifest = run.workspace().required(stage);
    return new MapReport.Stage(stage.word(), manifest.seconds(), manifest.count(count), item);
  }
}
