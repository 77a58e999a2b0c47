package dev.tessera.jobs;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationStart;

/** Counts the Spark applications that were started with it as a listener. */
public final class StartedSessions extends SparkListener {
  private static final AtomicInteger STARTED = new AtomicInteger();

  /** The setting that makes a run be counted. */
  static final String SETTING =
      "spark.conf.spark.extraListeners=" + StartedSessions.class.getName();

  static int count() {
    return STARTED.get();
  }

  @Override
  public void onApplicationStart(SparkListenerApplicationStart start) {
    STARTED.incrementAndGet();
  }
}
