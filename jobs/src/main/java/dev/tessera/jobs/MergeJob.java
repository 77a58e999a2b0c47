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
        + new TreeMap<>(AlignJob.storeKeys(ChunkTables.outcomes(run)));
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
    MapSolution solution = MapSolution.of(run);
    MapExports exports = MapExports.of(run, solution);
    JavaRDD<MapCamera> cameras = exports.cameras().cache();
    FusedPoints points = FusedPoints.of(run, exports.points(), solution);
    MapMemory memory = MapMemory.of(run, solution);
    JavaRDD<Failure> failures = MapFailures.of(run, solution, exports).cache();

    MapWriter writer = new MapWriter(run, solution, run.workspace().newAttempt(run.runId(), "map"));
    writer.cameras(cameras);
    writer.points(points);
    writer.chunksAndEdges(cameras);
    writer.memory(memory);
    writer.failures(failures);
    Map<String, Object> facts = facts(run, solution, cameras, points, memory, failures);
    writer.finish(
        key, points, facts, new ReportData(run, solution, cameras, points, failures, facts));

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
    facts.put("photos", run.workspace().required(Stage.INGEST).count("photos"));
    facts.put("views", run.workspace().required(Stage.INGEST).count("views"));
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
    facts.put("failures", failures.count());
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
