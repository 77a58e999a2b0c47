package dev.tessera.jobs;

import dev.tessera.jobs.tables.CameraRows.MapCamera;
import dev.tessera.jobs.tables.FailureRows.Failure;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.partition.PlannedChunk;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;

/**
 * Edges to the map. Reads all tables and the store; publishes {@code map/}. The driver solves for
 * one frame per chunk; cameras and points are made, fused and sorted on executors.
 */
final class MergeJob implements StageJob {
  @Override
  public Stage stage() {
    return Stage.MERGE;
  }

  @Override
  public String inputKey(Run run) throws IOException {
    return run.workspace().required(Stage.REPAIR).key();
  }

  @Override
  public String dependsOn(Run run) throws IOException {
    ReconstructJob.requireEngineOfScenes(run);
    return run.settings().canonical("merge", "map")
        + MapManifest.SCHEMA_VERSION
        + joining(run)
        + new TreeMap<>(AlignJob.storeKeys(ChunkTables.outcomes(run)));
  }

  /** What edges between workspaces depend on; nothing without others. */
  private static String joining(Run run) throws IOException {
    String others = run.sources().keys();
    return others.isEmpty() ? "" : others + AlignJob.VERSION + run.settings().canonical("align");
  }

  /** The map folder is the result: it counts only if it is there and is this one. */
  @Override
  public boolean stillValid(Run run, String key) throws IOException {
    FileSystem fs = run.workspace().fs();
    return fs.exists(new Path(run.workspace().map(), "_SUCCESS"))
        && MapManifest.read(fs, run.workspace().map()).key().equals(key);
  }

  @Override
  public Map<String, Object> write(Run run, String key, Path attempt) throws IOException {
    run.progress().start(stage().word(), "map", 0, () -> 0);
    String others = run.sources().keys();
    run.describe(stage(), "frames of the chunks");
    MapSolution solution = MapSolution.of(run);
    run.describe(stage(), "cameras and points");
    MapExports exports = MapExports.of(run, solution);
    JavaRDD<MapCamera> cameras = exports.cameras().persist(StorageLevel.MEMORY_AND_DISK());
    FusedPoints points = FusedPoints.of(run, exports.runs(), solution);
    MapMemory memory = MapMemory.of(run, solution);
    JavaRDD<Failure> failures =
        MapFailures.of(run, solution, exports).persist(StorageLevel.MEMORY_AND_DISK());

    MapWriter writer = new MapWriter(run, solution, run.workspace().newAttempt(run.runId(), "map"));
    run.describe(stage(), "write the tables");
    writer.cameras(cameras);
    writer.points(points);
    writer.chunksAndEdges(cameras);
    writer.memory(memory);
    writer.failures(failures);
    run.describe(stage(), "report and check");
    Map<String, Object> facts = facts(run, solution, cameras, points, memory, failures);
    Path pointTable = writer.table("points");
    writer.finish(
        key, points, facts, new ReportData(run, solution, cameras, pointTable, failures, facts));

    if (!run.sources().keys().equals(others)) {
      throw new RunFailedException(
          "Cannot publish the map: a workspace that was joined has changed meanwhile; try again",
          ExitCodes.FAILED);
    }
    run.lease().check();
    run.workspace().publishMap(writer.folder());
    return facts;
  }

  private static Map<String, Object> facts(
      Run run,
      MapSolution solution,
      JavaRDD<MapCamera> cameras,
      FusedPoints points,
      MapMemory memory,
      JavaRDD<Failure> failures)
      throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    long views = views(run);
    long inSeveral = run.sources().count(Stage.INGEST, "views") - views;
    facts.put("photos", run.sources().count(Stage.INGEST, "photos") - inSeveral);
    facts.put("views", views);
    facts.put("registered", cameras.count());
    facts.put("georeferenced", cameras.filter(MapCamera::georeferenced).count());
    long replaced = count(solution, Outcome::halved);
    long rechunked = count(solution, Outcome::rechunked);
    facts.put("chunks", solution.outcomes().size() - replaced);
    facts.put("chunks_halved", replaced - rechunked);
    facts.put("chunks_rechunked", rechunked);
    facts.put("chunks_seam", solution.plan().values().stream().filter(MergeJob::isSeam).count());
    facts.put("chunks_in_map", solution.frames().frames().size());
    facts.put("components", solution.components());
    facts.put("points", points.count());
    facts.put("tiles", points.tiles().size());
    facts.put("tensors", memory.tensors());
    facts.put("edges", solution.frames().edges().size());
    facts.put("chunks_quarantined", solution.frames().quarantined().size());
    facts.put("failures", failures.count());
    facts.put("failures_by_reason", new TreeMap<>(failures.map(Failure::reason).countByValue()));
    facts.put("reprojection_median_px", orNull(solution.residuals().medianPixels()));
    facts.put(
        "gps_residual_median_m",
        orNull(
            DistributedMedian.of(
                cameras
                    .filter(c -> c.gpsResidual() != null)
                    .mapToDouble(c -> Math.hypot(c.gpsResidual().x(), c.gpsResidual().y())))));
    return facts;
  }

  /** Those of several workspaces have to be counted, for a photo may be in more than one. */
  private static long views(Run run) throws IOException {
    return run.sources().joined().isEmpty()
        ? run.sources().count(Stage.INGEST, "views")
        : ChunkTables.views(run).count();
  }

  private static long count(MapSolution solution, Predicate<Outcome> which) {
    return solution.outcomes().values().stream().filter(which).count();
  }

  private static boolean isSeam(PlannedChunk chunk) {
    return chunk.kind() == PlannedChunk.Kind.SEAM;
  }

  private static Double orNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  @Override
  public String summary(Map<String, Object> facts) {
    return "%s of %s views in %s component(s), %s points"
        .formatted(
            facts.get("registered"),
            facts.get("views"),
            facts.get("components"),
            facts.get("points"));
  }
}
