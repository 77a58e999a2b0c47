package dev.tessera.jobs.metrics;

import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.resource.ResourceInformation;

/**
 * Puts Tessera's metrics into Spark's metrics system, of which sinks such as JMX and Prometheus
 * read: setting {@code spark.plugins} names this class. Where executors share the driver's JVM,
 * both parts show their metrics there; no two have the same name.
 */
public final class TesseraPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext sc, PluginContext context) {
        DriverMetrics.ofThisJvm().register(context.metricRegistry());
        return Map.of();
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext context, Map<String, String> extraConf) {
        ExecutorMetrics metrics = ExecutorMetrics.ofThisJvm();
        metrics.register(context.metricRegistry());
        ResourceInformation gpu = context.resources().get("gpu");
        for (String address : gpu == null ? new String[0] : gpu.addresses()) {
          metrics.registerGpu(context.metricRegistry(), Integer.parseInt(address));
        }
      }
    };
  }
}
