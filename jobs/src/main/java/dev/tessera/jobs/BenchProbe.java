package dev.tessera.jobs;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Measures parts of a benchmark in this JVM: time, processor time, heap in use after collections,
 * and bytes shuffled. For one measurement at a time.
 */
public final class BenchProbe extends SparkListener {
  private static final double KIBIBYTES_PER_MEBIBYTE = 1024;
  private static final double BYTES_PER_MEBIBYTE = 1024 * 1024;

  private final SparkContext spark;
  private final Set<String> heapPools;
  private final AtomicLong shuffledBytes = new AtomicLong();
  private final AtomicLong mostHeapBytes = new AtomicLong();

  /**
   * What a part took.
   *
   * @param cpuSeconds of all threads of this process
   * @param peakHeapMebibytes most heap in use after a collection
   * @param liveHeapMebibytes heap in use at its end, after a whole collection
   */
  record Measured(
      double seconds,
      double cpuSeconds,
      double peakHeapMebibytes,
      double liveHeapMebibytes,
      long shuffledBytes) {}

  /** A part of a benchmark. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException;
  }

  private BenchProbe(SparkContext spark) {
    this.spark = spark;
    this.heapPools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getName)
            .collect(Collectors.toSet());
  }

  static BenchProbe of(SparkContext spark) {
    BenchProbe probe = new BenchProbe(spark);
    spark.addSparkListener(probe);
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) collector)
          .addNotificationListener((notice, handback) -> probe.collected(notice), null, null);
    }
    return probe;
  }

  Measured measure(Work work) throws IOException {
    System.gc();
    shuffledBytes.set(0);
    mostHeapBytes.set(0);
    double cpuBefore = cpuSeconds();
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = cpuSeconds() - cpuBefore;
    System.gc();
    awaitListeners();
    return new Measured(
        seconds,
        cpuSeconds,
        mostHeapBytes.get() / BYTES_PER_MEBIBYTE,
        usedHeapBytes() / BYTES_PER_MEBIBYTE,
        shuffledBytes.get());
  }

  private static long usedHeapBytes() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Spark tells listeners in a thread of its own. */
  private void awaitListeners() {
    try {
      spark.listenerBus().waitUntilEmpty();
    } catch (TimeoutException e) {
      throw new IllegalStateException("Cannot measure: Spark's events do not come to an end", e);
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd task) {
    if (task.taskMetrics() != null) {
      shuffledBytes.addAndGet(task.taskMetrics().shuffleWriteMetrics().bytesWritten());
    }
  }

  private void collected(Notification notice) {
    if (notice
        .getType()
        .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
      long used =
          GarbageCollectionNotificationInfo.from((CompositeData) notice.getUserData())
              .getGcInfo()
              .getMemoryUsageAfterGc()
              .entrySet()
              .stream()
              .filter(pool -> heapPools.contains(pool.getKey()))
              .mapToLong(pool -> pool.getValue().getUsed())
              .sum();
      mostHeapBytes.accumulateAndGet(used, Math::max);
    }
  }

  private static double cpuSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / 1e9;
  }

  /** Largest resident size of this process so far; where the system does not say, its heap. */
  public static double peakResidentMebibytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.isReadable(status)) {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / KIBIBYTES_PER_MEBIBYTE;
        }
      }
    }
    return Runtime.getRuntime().totalMemory() / BYTES_PER_MEBIBYTE;
  }
}
