package dev.tessera.jobs;

import dev.tessera.jobs.workspace.Lease;
import dev.tessera.jobs.workspace.Workspace;
import dev.tessera.reconstruct.EngineSpec;
import java.time.Instant;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What every stage of one run is given. Lives on the driver only.
 *
 * @param photosUri folder of the photos; null for a stage that does not look at them
 * @param force recompute what is already there
 * @param onlyChunks the only chunks to reconstruct; empty for all
 */
public record Run(
    String runId,
    Instant started,
    SparkSession spark,
    Workspace workspace,
    Lease lease,
    Settings settings,
    EngineSpec engine,
    EngineTasks engineTasks,
    String photosUri,
    boolean force,
    Set<Integer> onlyChunks,
    ProgressBoard progress) {

  public JavaSparkContext sc() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  /** Task slots of the executors that are there now. */
  public int slots() {
    return spark.sparkContext().defaultParallelism();
  }
}
