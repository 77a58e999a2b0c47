package dev.tessera.jobs;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/**
 * How often Spark tries the task that this thread runs. The last try of a cluster is not counted:
 * it is kept for saying that the others failed, since a failure of the last one ends the run.
 *
 * <p>Spark counts the tries of a task from zero whenever it begins the stage anew, as it does when
 * shuffle files were lost that the stage reads. Tasks of the engine read none ({@link ChunkFiles}),
 * so that their count is that of the whole run.
 */
final class TaskTries {
  /** Spark's default of {@code spark.task.maxFailures}. */
  private static final int DEFAULT_FAILURES = 4;

  private TaskTries() {}

  /** Tries there are still, with this one; none when only the last one is left. */
  static int left() {
    return tries() - before();
  }

  /** Tries there have been before this one. */
  static int before() {
    return TaskContext.get().attemptNumber();
  }

  /** Whether Spark also counts copies of a slow task, of which none has failed. */
  static boolean speculative() {
    return SparkEnv.get().conf().getBoolean("spark.speculation", false);
  }

  private static int tries() {
    SparkConf conf = SparkEnv.get().conf();
    boolean retries = !conf.get("spark.master").startsWith("local"); // threads of one JVM try once
    return retries ? Math.max(1, conf.getInt("spark.task.maxFailures", DEFAULT_FAILURES) - 1) : 1;
  }
}
