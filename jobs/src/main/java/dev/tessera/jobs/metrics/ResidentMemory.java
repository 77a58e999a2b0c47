package dev.tessera.jobs.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The most memory that this process has held while something was in work: heap, native libraries
 * and all. Looked at four times a second, so a peak that is shorter may be missed. What runs at the
 * same time is in it.
 */
public final class ResidentMemory implements AutoCloseable {
  private static final long PERIOD_MILLIS = 250;

  /** Of Linux on x86-64. */
  private static final long PAGE_BYTES = 4096;

  private static final Path STATM = Path.of("/proc/self/statm");
  private static final Set<ResidentMemory> WATCHES = ConcurrentHashMap.newKeySet();

  static {
    ScheduledExecutorService watchman =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "resident-memory");
              thread.setDaemon(true);
              return thread;
            });
    watchman.scheduleWithFixedDelay(
        ResidentMemory::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private volatile long peak;

  private ResidentMemory() {}

  /** Watches from now on, until it is closed. */
  public static ResidentMemory watch() {
    ResidentMemory watch = new ResidentMemory();
    watch.peak = bytes();
    WATCHES.add(watch);
    return watch;
  }

  private static void look() {
    if (!WATCHES.isEmpty()) {
      long now = bytes();
      WATCHES.forEach(watch -> watch.peak = Math.max(watch.peak, now));
    }
  }

  /** The most so far. */
  public long peakBytes() {
    return Math.max(peak, bytes());
  }

  /** Bytes this process holds now; the heap in use where the system does not say. */
  static long bytes() {
    try {
      return Long.parseLong(Files.readString(STATM).split(" ", 3)[1]) * PAGE_BYTES;
    } catch (IOException e) {
      Runtime jvm = Runtime.getRuntime();
      return jvm.totalMemory() - jvm.freeMemory();
    }
  }

  @Override
  public void close() {
    WATCHES.remove(this);
  }
}
