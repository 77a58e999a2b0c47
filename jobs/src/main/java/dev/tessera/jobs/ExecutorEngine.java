package dev.tessera.jobs;

import com.sun.management.OperatingSystemMXBean;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.ReconstructionEngine;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engines of an executor's JVM, one per device that its tasks were given, shared by the tasks
 * of that device: opened by the first that needs it, kept until another engine is wanted. At most
 * {@code chunksAtOnce} tasks are let in to a device together, which bounds the memory; the others
 * wait.
 */
final class ExecutorEngine {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorEngine.class);

  /** local, local[k], local[*], local[k,failures]. */
  private static final Pattern LOCAL_MASTER = Pattern.compile("local(?:\\[(\\d+|\\*)(?:,.*)?])?");

  /**
   * By device: the index of a GPU, or none for the CPU. All are of the same spec. Added to by
   * {@link #of} alone, which one task enters at a time; {@link #abandon} must not wait for it.
   */
  private static final Map<OptionalInt, ExecutorEngine> OPEN = new ConcurrentHashMap<>();

  private final EngineSpec spec;
  private final ReconstructionEngine engine;
  private final Semaphore places;
  private final int allPlaces;
  private volatile boolean retired;

  private ExecutorEngine(EngineSpec spec, OptionalInt gpu, int chunksAtOnce) {
    this.spec = spec;
    this.engine = opened(spec, gpu);
    this.allPlaces = placesOfThisJvm(spec, chunksAtOnce);
    this.places = new Semaphore(allPlaces, true);
  }

  /** What cannot be opened was asked for wrongly: the driver finds that in Spark's exception. */
  private static ReconstructionEngine opened(EngineSpec spec, OptionalInt gpu) {
    long start = System.nanoTime();
    try {
      ReconstructionEngine engine = spec.open(threadsOfThisJvm(), gpu);
      LOG.info(
          "Opened engine {} on {} in {} s",
          spec.engineName(),
          gpu.isPresent() ? "GPU " + gpu.getAsInt() : "the CPU",
          (System.nanoTime() - start) / 1_000_000 / 1e3);
      return engine;
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static int placesOfThisJvm(EngineSpec spec, int chunksAtOnce) {
    int threads = threadsOfThisJvm();
    int wanted = chunksAtOnce > 0 ? Math.min(chunksAtOnce, threads) : threads;
    return Math.min(wanted, spec.mostChunksAtOnce());
  }

  /** Bytes for each of the chunks that are let in together. */
  static long memoryForOneChunk(EngineSpec spec, int chunksAtOnce) {
    return memoryOfThisJvm() / placesOfThisJvm(spec, chunksAtOnce);
  }

  /** Uses the engine of this task's device while holding one of its places. */
  static <T> T use(EngineSpec spec, int chunksAtOnce, Work<T> work) throws Exception {
    ExecutorEngine holder = withPlace(spec, chunksAtOnce);
    try {
      return work.with(holder.engine);
    } finally {
      holder.places.release();
    }
  }

  /** The engine of this task's device with one of its places taken. */
  private static ExecutorEngine withPlace(EngineSpec spec, int chunksAtOnce)
      throws InterruptedException {
    while (true) {
      ExecutorEngine holder = of(spec, chunksAtOnce);
      holder.places.acquire();
      if (!holder.retired) {
        return holder;
      }
      holder.places.release(); // closed or abandoned while this waited
    }
  }

  /**
   * Has the next tasks open another engine: this one is caught in a call that does not end. It is
   * never closed, and what it holds stays held until this JVM ends.
   */
  static void abandon(ReconstructionEngine engine) {
    OPEN.forEach(
        (device, open) -> {
          if (open.engine == engine) {
            open.retired = true;
            OPEN.remove(device, open);
          }
        });
  }

  /**
   * The most views a chunk may have, so that as many chunks as are let in together fit into this
   * JVM's memory.
   */
  static int viewsThatFit(EngineSpec spec, int chunksAtOnce, long pixelsPerView)
      throws InterruptedException {
    ExecutorEngine holder = of(spec, chunksAtOnce);
    return holder.engine.maxViews(memoryOfThisJvm(), pixelsPerView) / holder.allPlaces;
  }

  /**
   * Bytes this JVM may use, heap and native together: an executor has its heap and Spark's memory
   * overhead; a JVM that is the whole run shares the machine with others.
   */
  private static long memoryOfThisJvm() {
    SparkConf conf = SparkEnv.get().conf();
    long heap = Runtime.getRuntime().maxMemory();
    if (LOCAL_MASTER.matcher(conf.get("spark.master")).matches()) {
      OperatingSystemMXBean machine =
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
      return Math.max(heap, machine.getTotalMemorySize() / 2);
    }
    long overheadMb = Math.max(384, heap / 10 >> 20); // as Spark has it by default
    return heap + (conf.getSizeAsMb("spark.executor.memoryOverhead", overheadMb + "m") << 20);
  }

  /** Something to do with an engine. */
  @FunctionalInterface
  interface Work<T> {
    T with(ReconstructionEngine engine) throws Exception;
  }

  private static synchronized ExecutorEngine of(EngineSpec wanted, int chunksAtOnce)
      throws InterruptedException {
    if (OPEN.values().stream().anyMatch(open -> !open.spec.equals(wanted))) {
      closeAll();
    }
    OptionalInt gpu = gpuOfThisTask(wanted);
    ExecutorEngine holder = OPEN.get(gpu);
    if (holder == null) {
      holder = new ExecutorEngine(wanted, gpu, chunksAtOnce);
      OPEN.put(gpu, holder);
    }
    return holder;
  }

  /** Waits for the last users of all engines. One of them may abandon its engine meanwhile. */
  private static void closeAll() throws InterruptedException {
    for (Map.Entry<OptionalInt, ExecutorEngine> open : OPEN.entrySet()) {
      open.getValue().close();
      OPEN.remove(open.getKey(), open.getValue());
    }
  }

  /** Sends those that wait for a place on to the next engine. */
  private void close() throws InterruptedException {
    places.acquire(allPlaces);
    try {
      if (!retired) {
        retired = true;
        engine.close();
      }
    } finally {
      places.release(allPlaces);
    }
  }

  /**
   * The GPU that Spark gave to the task, if the engine's library finds it; else none.
   *
   * @throws UsageException if GPUs are required and there is none
   */
  private static OptionalInt gpuOfThisTask(EngineSpec spec) {
    GpuUse use = GpuUse.of(SparkEnv.get().conf());
    TaskContext task = TaskContext.get();
    ResourceInformation given = task == null ? null : task.resourcesJMap().get(EngineTasks.GPU);
    boolean has = given != null && given.addresses().length > 0;
    if (use == GpuUse.OFF || !spec.usesGpu() || !has) {
      return OptionalInt.empty();
    }
    if (spec.gpusHere() > 0) {
      return OptionalInt.of(Integer.parseInt(given.addresses()[0]));
    }
    String without =
        "libtorch finds no GPU where Spark has GPU %s (does PYTORCH_LIBRARY_PATH name one for CUDA?)"
            .formatted(given.addresses()[0]);
    if (use == GpuUse.REQUIRED) {
      throw new UsageException("Cannot compute on a GPU: " + without);
    }
    if (!OPEN.containsKey(OptionalInt.empty())) {
      LOG.warn("Computing on the CPU: {}", without);
    }
    return OptionalInt.empty();
  }

  private static int threadsOfThisJvm() {
    SparkConf conf = SparkEnv.get().conf();
    int processors = Runtime.getRuntime().availableProcessors();
    Matcher local = LOCAL_MASTER.matcher(conf.get("spark.master"));
    if (!local.matches()) {
      boolean standalone = conf.get("spark.master").startsWith("spark://");
      return conf.getInt("spark.executor.cores", standalone ? processors : 1);
    }
    String slots = local.group(1);
    return slots == null ? 1 : slots.equals("*") ? processors : Integer.parseInt(slots);
  }
}
