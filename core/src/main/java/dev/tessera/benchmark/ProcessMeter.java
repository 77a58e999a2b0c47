package dev.tessera.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Time and memory of this process, as its operating system counts them. */
public final class ProcessMeter {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");
  private static final String RESET_PEAK = "5";
  private static final double NANOS = 1e9;
  private static final double KILOBYTES_PER_MEGABYTE = 1 << 10;

  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private final boolean resetsPeak = resetPeak();

  /**
   * What some work cost.
   *
   * @param wallSeconds time on the clock
   * @param cpuSeconds time of all threads of the process: contention does not count
   * @param peakMegabytes largest resident memory during it, or since the process began where the
   *     peak cannot be reset
   */
  public record Cost(double wallSeconds, double cpuSeconds, double peakMegabytes) {
    /** The least of each of two repetitions: what disturbs adds. */
    Cost least(Cost other) {
      return new Cost(
          Math.min(wallSeconds, other.wallSeconds),
          Math.min(cpuSeconds, other.cpuSeconds),
          Math.min(peakMegabytes, other.peakMegabytes));
    }
  }

  /** Work to measure. */
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  /** Does the work once. */
  public Cost measure(Work work) throws IOException {
    resetPeak();
    long wall = System.nanoTime();
    long cpu = system.getProcessCpuTime();
    work.run();
    return new Cost(
        (System.nanoTime() - wall) / NANOS,
        (system.getProcessCpuTime() - cpu) / NANOS,
        megabytes("VmHWM:"));
  }

  /** Whether {@link Cost#peakMegabytes} is of the work alone. */
  public boolean resetsPeak() {
    return resetsPeak;
  }

  /** Memory of this process that is resident now; NaN where the system does not say. */
  public double residentMegabytes() {
    return megabytes("VmRSS:");
  }

  private static boolean resetPeak() {
    try {
      Files.writeString(CLEAR_REFS, RESET_PEAK);
      return true;
    } catch (IOException notPermitted) {
      return false;
    }
  }

  private static double megabytes(String field) {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(field))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
          .map(kilobytes -> kilobytes / KILOBYTES_PER_MEGABYTE)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException notLinux) {
      return Double.NaN;
    }
  }
}
