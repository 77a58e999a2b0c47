package dev.tessera.jobs;

import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.jobs.workspace.Lease;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.Workspace;
import dev.tessera.reconstruct.EngineSpec;
import java.time.Instant;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What every stage of one run is given. Lives on the driver only.
 *
 * @param sources the workspace, and others that are joined to it
 * @param engine null for work that asks none
 * @param photosUri folder of the photos; null for a stage that does not look at them
 * @param force recompute what is already there
 * @param onlyChunks the only chunks to reconstruct; empty for all
 */
public record Run(
    String runId,
    Instant started,
    SparkSession spark,
    Workspace workspace,
    Sources sources,
    Lease lease,
    Settings settings,
    EngineSpec engine,
    EngineTasks engineTasks,
    String photosUri,
    boolean force,
    Set<Integer> onlyChunks,
    ProgressBoard progress,
    RunSummary summary) {

  /** So that none is left when the others are done, and that a lost one is soon made again. */
  private static final int TASKS_PER_SLOT = 4;

  private static final int CHUNKS_PER_TASK = 64;

  /**
   * For work on tables alone: no workspace, no lease, no engine, nothing that tells how far it is.
   */
  static Run onTables(SparkSession spark, Settings settings) {
    return new Run(
        "tables",
        Instant.EPOCH,
        spark,
        null,
        null,
        null,
        settings,
        null,
        null,
        null,
        false,
        Set.of(),
        null,
        null);
  }

  public JavaSparkContext sc() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  /** The scenes of all sources; new ones go into the workspace. */
  ChunkStore store() {
    return new ChunkStore(workspace.store(), sources.otherStores(), sc().hadoopConfiguration());
  }

  /** What Spark does from now on is a part of this, for those who look at its pages. */
  void group(String work) {
    sc().setJobGroup("tessera-%s-%s".formatted(runId, work), "Tessera " + work, false);
  }

  /** What Spark does next, within the group. */
  void describe(Stage stage, String step) {
    sc().setJobDescription("Tessera %s: %s".formatted(stage.word(), step));
  }

  /** Task slots of the executors that are there now. */
  public int slots() {
    return spark.sparkContext().defaultParallelism();
  }

  /**
   * How many tasks share what takes milliseconds for each chunk: all slots have some, and a large
   * map has no more tasks than the driver starts in a moment.
   */
  int tasksFor(int chunks) {
    int most = Math.max(TASKS_PER_SLOT * slots(), chunks / CHUNKS_PER_TASK);
    return Math.max(1, Math.min(chunks, most));
  }
}
