package dev.tessera.jobs;

import com.sun.management.OperatingSystemMXBean;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.ReconstructionEngine;
import java.lang.management.ManagementFactory;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The one engine of an executor's JVM, shared by its tasks: opened by the first that needs it, kept
 * until another one is wanted. At most {@code chunksAtOnce} tasks are let in together, which bounds
 * the memory; the others wait.
 */
final class ExecutorEngine {
  /** local, local[k], local[*], local[k,failures]. */
  private static final Pattern LOCAL_MASTER = Pattern.compile("local(?:\\[(\\d+|\\*)(?:,.*)?])?");

  private static ExecutorEngine current;

  private final EngineSpec spec;
  private final ReconstructionEngine engine;
  private final Semaphore places;
  private final int allPlaces;
  private volatile boolean abandoned;

  private ExecutorEngine(EngineSpec spec, int chunksAtOnce) {
    this.spec = spec;
    this.engine = opened(spec);
    this.allPlaces = placesOfThisJvm(spec, chunksAtOnce);
    this.places = new Semaphore(allPlaces, true);
  }

  /** What cannot be opened was asked for wrongly: the driver finds that in Spark's exception. */
  private static ReconstructionEngine opened(EngineSpec spec) {
    try {
      return spec.open(threadsOfThisJvm(), gpuOfThisTask());
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

  /** Uses the engine of this JVM while holding one of its places. */
  static <T> T use(EngineSpec spec, int chunksAtOnce, Work<T> work) throws Exception {
    ExecutorEngine holder = withPlace(spec, chunksAtOnce);
    try {
      return work.with(holder.engine);
    } finally {
      holder.places.release();
    }
  }

  /** The engine of this JVM with one of its places taken. */
  private static ExecutorEngine withPlace(EngineSpec spec, int chunksAtOnce)
      throws InterruptedException {
    while (true) {
      ExecutorEngine holder = of(spec, chunksAtOnce);
      holder.places.acquire();
      if (!holder.abandoned) {
        return holder;
      }
      holder.places.release(); // abandoned while this waited
    }
  }

  /**
   * Has the next tasks open another engine: this one is caught in a call that does not end. It is
   * never closed, and what it holds stays held until this JVM ends.
   */
  static synchronized void abandon(ReconstructionEngine engine) {
    if (current != null && current.engine == engine) {
      current.abandoned = true;
      current = null;
    }
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
    if (current != null && !current.spec.equals(wanted)) {
      current.places.acquire(current.allPlaces); // wait for the last user of the old engine
      current.engine.close();
      current = null;
    }
    if (current == null) {
      current = new ExecutorEngine(wanted, chunksAtOnce);
    }
    return current;
  }

  /** The GPU that Spark gave to the task: an executor is to have one, which its tasks share. */
  private static OptionalInt gpuOfThisTask() {
    TaskContext task = TaskContext.get();
    ResourceInformation gpu = task == null ? null : task.resourcesJMap().get("gpu");
    return gpu == null || gpu.addresses().length == 0
        ? OptionalInt.empty()
        : OptionalInt.of(Integer.parseInt(gpu.addresses()[0]));
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
