package dev.tessera.jobs;

import dev.tessera.jobs.tables.LensRows;
import dev.tessera.jobs.tables.MembershipRows;
import dev.tessera.jobs.tables.OutcomeRows;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.tables.PlanRows;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.Workspace;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.SharedCalibration;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Chunks to scenes. Reads {@code views}, {@code memberships} and {@code plan}; writes scenes into
 * the store, {@code outcomes}, the {@code lenses} they agree on, and memberships and plan as they
 * are after chunks that ran out of memory were halved. One task per chunk. Shuffles the views to
 * their chunks; the driver sees one row per chunk.
 */
final class ReconstructJob implements StageJob {
  /** Changes whenever the same scenes may be stored differently. */
  private static final String VERSION =
      "one lens per camera model by information, halves, lenses\n";

  private static final int MEMBERSHIPS_PER_FILE = 1_000_000;

  /** Name of the fact that says what made the scenes. */
  private static final String ENGINE = "engine";

  @Override
  public Stage stage() {
    return Stage.RECONSTRUCT;
  }

  /**
   * The map says what made its scenes, and is asked by it later: later stages must name the same.
   *
   * @throws UsageException if the scenes were made by another engine or other settings of it
   */
  static void requireEngineOfScenes(Run run) throws IOException {
    for (Workspace workspace : run.sources().workspaces()) {
      Object made = workspace.required(Stage.RECONSTRUCT).facts().get(ENGINE);
      if (!run.engine().fingerprint().equals(made)) {
        throw new UsageException(
            "Cannot go on: the scenes in %s were not made by engine %s with these settings;"
                    .formatted(workspace.root(), run.engine().engineName())
                + " name --engine, --weights and settings as for reconstruct");
      }
    }
  }

  @Override
  public String inputKey(Run run) throws IOException {
    return run.workspace().required(Stage.PARTITION).key();
  }

  @Override
  public String dependsOn(Run run) {
    return VERSION + run.engine().fingerprint() + "\nonly=" + run.onlyChunks();
  }

  /**
   * What an engine did not expect may be over, and what ran out of memory may fit now: the settings
   * that bound memory change no scene.
   */
  @Override
  public boolean stillValid(Run run, String key) throws IOException {
    List<Outcome> rows = List.copyOf(ChunkTables.outcomes(run, Stage.RECONSTRUCT).values());
    if (mayEndOtherwise(run, rows)) {
      return false;
    }
    requireEnough(rows, run.settings().number("run.max-failed-share"));
    return true;
  }

  /** Whether some chunk is worth another try. Asks an executor, which knows its memory. */
  static boolean mayEndOtherwise(Run run, List<Outcome> rows) throws IOException {
    if (rows.stream().anyMatch(Outcome::worthAnotherTry)) {
      return true;
    }
    List<String> tooLarge =
        rows.stream().filter(Outcome::outOfMemory).map(Outcome::storeKey).toList();
    if (tooLarge.isEmpty()) {
      return false;
    }
    ChunkTask task = ChunkTask.of(run, run.onlyChunks());
    return !run.sc().parallelize(tooLarge, 1).filter(k -> !task.isTooLarge(k)).isEmpty();
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
    ReconstructRounds rounds = ReconstructRounds.of(run);
    requireEnough(rounds.outcomes(), run.settings().number("run.max-failed-share"));
    boolean several = rounds.outcomes().stream().filter(Outcome::reconstructed).count() > 1;
    SharedCalibration shared =
        several ? SharedCalibration.of(rounds.lenses()) : SharedCalibration.NONE;
    List<Outcome> rows = rounds.under(shared);
    requireEnough(rows, run.settings().number("run.max-failed-share"));
    write(run, rows, OutcomeRows::toRow, OutcomeRows.SCHEMA, new Path(attempt, "outcomes"));
    write(run, rounds.plan(), PlanRows::toRow, PlanRows.SCHEMA, new Path(attempt, "plan"));
    write(run, LensRows.toRows(shared), row -> row, LensRows.SCHEMA, new Path(attempt, "lenses"));
    Tables.write(
        run.spark(),
        rounds
            .memberships()
            .coalesce(1 + rows.stream().mapToInt(Outcome::views).sum() / MEMBERSHIPS_PER_FILE)
            .map(MembershipRows::toRow),
        MembershipRows.SCHEMA,
        new Path(attempt, "memberships"));
    return facts(run.engine(), rows);
  }

  /** Writes a chunk-level table. */
  static <T> void write(
      Run run, Collection<T> chunks, Function<T, Row> toRow, StructType schema, Path table) {
    List<Row> rows = chunks.stream().map(toRow).toList();
    Tables.write(run.spark(), run.sc().parallelize(rows, 1), schema, table);
  }

  /**
   * What was reconstructed stays in the store; a run that lost too much stops here all the same.
   */
  private static void requireEnough(Collection<Outcome> rows, double maxFailedShare) {
    List<Outcome> tried =
        rows.stream()
            .filter(row -> !ChunkTask.NOT_SELECTED.equals(row.reason()) && !row.halved())
            .toList();
    List<Outcome> failed = tried.stream().filter(Outcome::lost).toList();
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

  private static Map<String, Object> facts(EngineSpec engine, List<Outcome> rows) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put(ENGINE, engine.fingerprint());
    long halved = rows.stream().filter(Outcome::halved).count();
    facts.put("chunks", rows.size() - halved);
    facts.put("halved", halved);
    facts.put("reconstructed", rows.stream().filter(Outcome::reconstructed).count());
    facts.put("resumed", rows.stream().filter(Outcome::resumed).count());
    facts.put(
        "failed_by_reason",
        rows.stream()
            .filter(Outcome::lost)
            .collect(
                Collectors.groupingBy(
                    row -> row.reason().toLowerCase(Locale.ROOT),
                    TreeMap::new,
                    Collectors.counting())));
    facts.put("points", rows.stream().mapToLong(Outcome::points).sum());
    return facts;
  }

  @Override
  public String summary(Map<String, Object> facts) {
    String line =
        "%s of %s chunks reconstructed, %s of them from the store"
            .formatted(facts.get("reconstructed"), facts.get("chunks"), facts.get("resumed"));
    long halved = ((Number) facts.get("halved")).longValue();
    return halved == 0 ? line : line + ", %d halved: out of memory".formatted(halved);
  }
}
