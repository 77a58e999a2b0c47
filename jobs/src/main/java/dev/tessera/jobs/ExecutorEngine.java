package dev.tessera.jobs;

import com.sun.management.OperatingSystemMXBean;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.ReconstructionEngine;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
 * of that device: opened by the first that needs it, kept until another spec is wanted. At most
 * {@code chunksAtOnce} tasks are let in to a device together, which bounds the memory; the others
 * wait.
 */
final class ExecutorEngine {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorEngine.class);

  /** local, local[k], local[*], local[k,failures]. */
  private static final Pattern LOCAL_MASTER = Pattern.compile("local(?:\\[(\\d+|\\*)(?:,.*)?])?");

  /** By device: the index of a GPU, or none for the CPU. All are of the same spec. */
  private static final Map<OptionalInt, ExecutorEngine> OPEN = new HashMap<>();

  private final EngineSpec spec;
  private final ReconstructionEngine engine;
  private final Semaphore places;
  private final int allPlaces;

  /** Whether it is not to be used any more: abandoned, or closed. Those who waited ask again. */
  private volatile boolean gone;

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
      if (!holder.gone) {
        return holder;
      }
      holder.places.release(); // abandoned or closed while this waited
    }
  }

  /**
   * Has the next tasks open another engine: this one is caught in a call that does not end. It is
   * never closed, and what it holds stays held until this JVM ends.
   */
  static synchronized void abandon(ReconstructionEngine engine) {
    for (ExecutorEngine open : List.copyOf(OPEN.values())) {
      if (open.engine == engine) {
        open.gone = true;
        OPEN.values().remove(open);
      }
    }
  }

  /**
   * The most views a chunk may have, so that as many chunks as are let in together fit into this
   * JVM's memory.
   */
  static int viewsThatFit(EngineSpec spec, int chunksAtOnce, long pixelsPerView)
      throws InterruptedException {
    ExecutorEngine holder = withPlace(spec, chunksAtOnce);
    try {
      return holder.engine.maxViews(memoryOfThisJvm(), pixelsPerView) / holder.allPlaces;
    } finally {
      holder.places.release();
    }
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

  /** The engine of this task's device, once those of other specs are closed. */
  private static ExecutorEngine of(EngineSpec wanted, int chunksAtOnce)
      throws InterruptedException {
    while (true) {
      Optional<ExecutorEngine> other;
      synchronized (ExecutorEngine.class) {
        other = OPEN.values().stream().filter(open -> !open.spec.equals(wanted)).findAny();
        if (other.isEmpty()) {
          return ofThisDevice(wanted, chunksAtOnce);
        }
      }
      other.get().retire();
    }
  }

  /** To be called with the lock held, when all that is open is of this spec. */
  private static ExecutorEngine ofThisDevice(EngineSpec wanted, int chunksAtOnce) {
    OptionalInt gpu = gpuOfThisTask(wanted);
    ExecutorEngine holder = OPEN.get(gpu);
    if (holder == null) {
      holder = new ExecutorEngine(wanted, gpu, chunksAtOnce);
      OPEN.put(gpu, holder);
    }
    return holder;
  }

  /**
   * Closes this engine when its last users are done, unless it is gone already. Waits without the
   * lock: {@link #abandon} needs it to free the users.
   */
  private void retire() throws InterruptedException {
    places.acquire(allPlaces);
    try {
      synchronized (ExecutorEngine.class) {
        if (OPEN.values().remove(this)) {
          gone = true;
          engine.close();
        }
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
      return OptionalInt.of(indexOf(given.addresses()[0]));
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

  private static int indexOf(String address) {
    try {
      return Integer.parseInt(address);
    } catch (NumberFormatException e) {
      throw new UsageException(
          "Cannot use GPU '%s': gpu-discovery must print indices".formatted(address));
    }
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
