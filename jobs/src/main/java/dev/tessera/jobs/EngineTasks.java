package dev.tessera.jobs;

import dev.tessera.reconstruct.EngineSpec;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.resource.ExecutorResourceRequests;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Spark gives to the tasks that run the engine and to no others: a GPU each, where there are
 * any. Spark starts executors of their own for each profile, so that one serves a whole run.
 *
 * <p>Without dynamic allocation a profile can only say what a task takes of the executors that are
 * there; with it, it can also ask for executors that have a GPU while the others have none.
 */
final class EngineTasks {
  /** Spark's name of the resource. */
  static final String GPU = "gpu";

  private static final Logger LOG = LoggerFactory.getLogger(EngineTasks.class);

  private static final String OF_EXECUTOR = "spark.executor.resource.gpu.amount";
  private static final String OF_TASK = "spark.task.resource.gpu.amount";

  /** Null where tasks that run the engine are tasks like all others. */
  private final ResourceProfile profile;

  private EngineTasks(ResourceProfile profile) {
    this.profile = profile;
  }

  /**
   * For an engine on the cluster that the configuration describes.
   *
   * @param engine null for work that asks none
   * @throws UsageException if GPUs are required and cannot be had
   */
  static EngineTasks of(Settings settings, EngineSpec engine, SparkConf conf) {
    GpuUse use = GpuUse.of(settings);
    if (engine == null) {
      return new EngineTasks(null);
    }
    if (use == GpuUse.REQUIRED && !engine.usesGpu()) {
      throw new UsageException(
          "Cannot use setting gpu.use=required: engine %s computes on the CPU"
              .formatted(engine.engineName()));
    }
    if (use == GpuUse.OFF || !engine.usesGpu()) {
      return new EngineTasks(null);
    }
    boolean offered = conf.getInt(OF_EXECUTOR, 0) > 0;
    boolean onRequest = conf.getBoolean("spark.dynamicAllocation.enabled", false);
    if (conf.get("spark.master").startsWith("local") || !(offered || onRequest)) {
      return withoutGpu(use, engine, conf);
    }
    if (offered) {
      return onExecutorsThatHaveGpus(engine, conf);
    }
    return use == GpuUse.REQUIRED
        ? onExecutorsToBeStarted(settings, engine)
        : withoutGpu(use, engine, conf);
  }

  private static EngineTasks withoutGpu(GpuUse use, EngineSpec engine, SparkConf conf) {
    String master = conf.get("spark.master");
    if (use == GpuUse.REQUIRED) {
      throw new UsageException(
          master.startsWith("local")
              ? "Cannot use setting gpu.use=required on master %s: only clusters hand out GPUs"
                  .formatted(master)
              : "Cannot use setting gpu.use=required: no executor has a GPU; set %s, or dynamic"
                      .formatted(OF_EXECUTOR)
                  + " allocation");
    }
    LOG.info("Engine {} computes on CPUs: Spark has no GPUs for it", engine.engineName());
    return new EngineTasks(null);
  }

  private static EngineTasks onExecutorsThatHaveGpus(EngineSpec engine, SparkConf conf) {
    if (conf.contains(OF_TASK)) {
      LOG.info(
          "Engine {} computes on the GPUs that every task has ({}={})",
          engine.engineName(),
          OF_TASK,
          conf.get(OF_TASK));
      return new EngineTasks(null);
    }
    LOG.info("Engine {} computes on the executors' GPUs, one per task", engine.engineName());
    return new EngineTasks(new ResourceProfileBuilder().require(oneGpu()).build());
  }

  private static EngineTasks onExecutorsToBeStarted(Settings settings, EngineSpec engine) {
    LOG.info(
        "Engine {} asks for executors with a GPU; other tasks run on executors without",
        engine.engineName());
    ExecutorResourceRequests executor =
        new ExecutorResourceRequests()
            .resource(GPU, 1, settings.text("gpu.discovery-script"), settings.text("gpu.vendor"));
    return new EngineTasks(
        new ResourceProfileBuilder().require(executor).require(oneGpu()).build());
  }

  private static TaskResourceRequests oneGpu() {
    return new TaskResourceRequests().resource(GPU, 1);
  }

  /** The same data, computed by tasks that run the engine. */
  <T> JavaRDD<T> of(JavaRDD<T> tasks) {
    return profile == null ? tasks : tasks.withResources(profile);
  }

  /** The same data, computed by tasks that run the engine. */
  <K, V> JavaPairRDD<K, V> of(JavaPairRDD<K, V> tasks) {
    return profile == null
        ? tasks
        : JavaPairRDD.fromRDD(
            tasks.rdd().withResources(profile), tasks.kClassTag(), tasks.vClassTag());
  }
}
