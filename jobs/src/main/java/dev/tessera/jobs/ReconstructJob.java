package dev.tessera.jobs;

import dev.tessera.jobs.tables.OutcomeRows;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.SharedCalibration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;

/**
 * Chunks to scenes. Reads {@code views} and {@code memberships}; writes scenes into the store and
 * {@code outcomes}. One task per chunk. Shuffles the views to their chunks; the driver sees one row
 * per chunk.
 */
final class ReconstructJob implements StageJob {
  /** Changes whenever the same scenes may be stored differently. */
  private static final String VERSION = "one lens per camera model\n";

  @Override
  public Stage stage() {
    return Stage.RECONSTRUCT;
  }

  @Override
  public String inputKey(Run run) throws IOException {
    return run.workspace().required(Stage.PARTITION).key();
  }

  @Override
  public String dependsOn(Run run) {
    return VERSION + run.engine().fingerprint() + "\nonly=" + run.onlyChunks();
  }

  /** What ran out of memory may fit now: the settings that bound memory change no scene. */
  @Override
  public boolean stillValid(Run run, String key) throws IOException {
    List<Outcome> rows = List.copyOf(ChunkTables.outcomes(run).values());
    String retried = ChunkOutcome.Reason.OUT_OF_MEMORY.name();
    if (rows.stream().anyMatch(row -> retried.equals(row.reason()))) {
      return false;
    }
    requireEnough(rows, run.settings().number("run.max-failed-share"));
    return true;
  }

  @Override
  public Map<String, Object> write(Run run, String key, Path attempt) throws IOException {
    long chunks = run.workspace().required(Stage.PARTITION).count("chunks");
    for (int only : run.onlyChunks()) {
      if (only < 0 || only >= chunks) {
        throw new UsageException(
            "Cannot reconstruct chunk %d: the chunks are 0 to %d".formatted(only, chunks - 1));
      }
    }
    ChunkTask task = ChunkTask.of(run);
    run.progress().start(stage().word(), "chunks", chunks, task.done()::value);

    JavaRDD<ChunkViews> chunkViews = ChunkTables.chunkViews(run, null).cache();
    List<ChunkResult> results = chunkViews.map(task::reconstruct).collect(); // a row per chunk
    List<Outcome> rows = new ArrayList<>(results.stream().map(ChunkResult::outcome).toList());
    rows.sort(Comparator.comparing(Outcome::chunk));
    requireEnough(rows, run.settings().number("run.max-failed-share"));
    rows = recalibrated(run, chunkViews, rows, results);
    Tables.write(
        run.spark(),
        run.sc().parallelize(rows, 1).map(OutcomeRows::toRow),
        OutcomeRows.SCHEMA,
        new Path(attempt, "outcomes"));
    return facts(rows);
  }

  /** All scenes under the same lenses, if there is more than one. */
  private static List<Outcome> recalibrated(
      Run run, JavaRDD<ChunkViews> chunkViews, List<Outcome> rows, List<ChunkResult> results) {
    Map<Integer, Outcome> scenes = new HashMap<>();
    rows.stream()
        .filter(Outcome::reconstructed)
        .forEach(row -> scenes.put(row.chunk().value(), row));
    if (scenes.size() < 2) {
      return rows;
    }
    SharedCalibration shared =
        SharedCalibration.of(results.stream().flatMap(r -> r.lenses().stream()).toList());
    ChunkTask task = ChunkTask.of(run);
    run.progress().start("calibrate", "chunks", scenes.size(), task.done()::value);
    List<Outcome> calibrated =
        chunkViews
            .filter(chunk -> scenes.containsKey(chunk.chunk().value()))
            .map(chunk -> task.recalibrate(chunk, scenes.get(chunk.chunk().value()), shared))
            .collect();
    calibrated.forEach(row -> scenes.put(row.chunk().value(), row));
    return rows.stream().map(row -> scenes.getOrDefault(row.chunk().value(), row)).toList();
  }

  /**
   * What was reconstructed stays in the store; a run that lost too much stops here all the same.
   */
  private static void requireEnough(List<Outcome> rows, double maxFailedShare) {
    List<Outcome> tried =
        rows.stream().filter(row -> !ChunkTask.NOT_SELECTED.equals(row.reason())).toList();
    List<Outcome> failed = tried.stream().filter(row -> !row.reconstructed()).toList();
    boolean all = failed.size() == tried.size();
    if (!failed.isEmpty() && (all || failed.size() > maxFailedShare * tried.size())) {
      Outcome first = failed.get(0);
      throw new RunFailedException(
          "Cannot make a map: %d of %d chunks failed (run.max-failed-share is %s), chunk %s: %s, %s"
              .formatted(
                  failed.size(),
                  tried.size(),
                  maxFailedShare,
                  first.chunk(),
                  first.reason().toLowerCase(Locale.ROOT),
                  first.detail()));
    }
  }

  private static Map<String, Object> facts(List<Outcome> rows) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("chunks", rows.size());
    facts.put("reconstructed", rows.stream().filter(Outcome::reconstructed).count());
    facts.put("resumed", rows.stream().filter(Outcome::resumed).count());
    facts.put("points", rows.stream().mapToLong(Outcome::points).sum());
    return facts;
  }

  @Override
  public String summary(Map<String, Object> facts) {
    return "%s of %s chunks reconstructed, %s of them from the store"
        .formatted(facts.get("reconstructed"), facts.get("chunks"), facts.get("resumed"));
  }
}
