package dev.tessera.jobs.metrics;

import ai.djl.Device;
import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.SlidingTimeWindowArrayReservoir;
import com.codahale.metrics.Timer;
import dev.tessera.tensor.Torch;
import java.util.concurrent.TimeUnit;

/**
 * What the tasks of this JVM have done since it started. One instance: tasks reach it without
 * Spark, and every Spark session of the JVM shows the same numbers.
 */
public final class ExecutorMetrics {
  private static final ExecutorMetrics OF_THIS_JVM = new ExecutorMetrics();

  private final Meter photosRead = new Meter();
  private final Counter bytesRead = new Counter();
  private final Meter photosReconstructed = new Meter();
  private final Counter chunksReconstructed = new Counter();
  private final Counter chunksResumed = new Counter();
  private final Counter chunksFailed = new Counter();
  private final Timer chunkSeconds = new Timer(anHour());
  private final Histogram chunkPeakMemory = new Histogram(anHour());

  private ExecutorMetrics() {}

  public static ExecutorMetrics ofThisJvm() {
    return OF_THIS_JVM;
  }

  /** Shows them in a registry. */
  void register(MetricRegistry registry) {
    registry.register("photos.read", photosRead);
    registry.register("bytes.read", bytesRead);
    registry.register("photos.reconstructed", photosReconstructed);
    registry.register("chunks.reconstructed", chunksReconstructed);
    registry.register("chunks.resumed", chunksResumed);
    registry.register("chunks.failed", chunksFailed);
    registry.register("chunk.duration", chunkSeconds);
    registry.register("chunk.peak-memory-bytes", chunkPeakMemory);
    registry.register("memory.resident-bytes", (Gauge<Long>) ResidentMemory::bytes);
  }

  /** Shows how much of the memory of this executor's GPU is in use. */
  void registerGpu(MetricRegistry registry, int gpu) {
    Device device = Device.gpu(gpu);
    registry.register(
        "gpu.%d.used-bytes".formatted(gpu), (Gauge<Long>) () -> Torch.usedBytes(device).orElse(0));
  }

  /** A photo file was read for its header. */
  public void photoRead(long bytes) {
    photosRead.mark();
    bytesRead.inc(bytes);
  }

  /** Bytes of a photo were read for its pixels. */
  public void bytesRead(long bytes) {
    bytesRead.inc(bytes);
  }

  /** The scene of a chunk was in the store. */
  public void chunkResumed() {
    chunksResumed.inc();
  }

  /**
   * The engine was given a chunk.
   *
   * @param peakBytes of this JVM while it was in work
   */
  public void chunkTried(boolean reconstructed, int views, double seconds, long peakBytes) {
    (reconstructed ? chunksReconstructed : chunksFailed).inc();
    if (reconstructed) {
      photosReconstructed.mark(views);
    }
    chunkSeconds.update((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
    chunkPeakMemory.update(peakBytes);
  }

  private static SlidingTimeWindowArrayReservoir anHour() {
    return new SlidingTimeWindowArrayReservoir(1, TimeUnit.HOURS);
  }
}
