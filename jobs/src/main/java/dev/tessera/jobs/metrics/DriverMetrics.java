package dev.tessera.jobs.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the driver of this JVM knows of its runs. One instance, as {@link ExecutorMetrics}. */
public final class DriverMetrics {
  private static final DriverMetrics OF_THIS_JVM = new DriverMetrics();

  private final Counter stagesDone = new Counter();
  private final Counter stagesResumed = new Counter();
  private final Counter stagesFailed = new Counter();
  private final Timer stageDuration = new Timer();
  private final Counter chunksHalved = new Counter();
  private final Counter chunksQuarantined = new Counter();

  private DriverMetrics() {}

  public static DriverMetrics ofThisJvm() {
    return OF_THIS_JVM;
  }

  void register(MetricRegistry registry) {
    registry.register("stages.done", stagesDone);
    registry.register("stages.resumed", stagesResumed);
    registry.register("stages.failed", stagesFailed);
    registry.register("stage.duration", stageDuration);
    registry.register("chunks.halved", chunksHalved);
    registry.register("chunks.quarantined", chunksQuarantined);
  }

  /**
   * A stage was carried out.
   *
   * @param facts of its manifest
   */
  public void stageDone(double seconds, Map<String, Object> facts) {
    stagesDone.inc();
    stageDuration.update((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
    chunksHalved.inc(count(facts, "halved"));
    chunksQuarantined.inc(count(facts, "chunks_quarantined"));
  }

  /** The result of a stage was there. */
  public void stageResumed() {
    stagesResumed.inc();
  }

  public void stageFailed() {
    stagesFailed.inc();
  }

  private static long count(Map<String, Object> facts, String name) {
    return facts.get(name) instanceof Number n ? n.longValue() : 0;
  }
}
