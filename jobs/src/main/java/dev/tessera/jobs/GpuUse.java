package dev.tessera.jobs;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/** Whether engines compute on GPUs: the setting {@code gpu.use}. */
enum GpuUse {
  /** Where Spark's executors have GPUs. */
  AUTO,
  /** Never. */
  OFF,
  /** Always: a run without GPUs is refused. */
  REQUIRED;

  /** How executors are told. */
  private static final String SPARK_KEY = "spark.tessera.gpu";

  /**
   * As the settings say.
   *
   * @throws UsageException if they say none of these
   */
  static GpuUse of(Settings settings) {
    String word = settings.text("gpu.use");
    List<String> words = Stream.of(values()).map(GpuUse::word).toList();
    if (!words.contains(word)) {
      throw new UsageException(
          "Cannot use setting gpu.use=%s: it is %s".formatted(word, String.join(", ", words)));
    }
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** As the driver told this executor. */
  static GpuUse of(SparkConf conf) {
    return valueOf(conf.get(SPARK_KEY, AUTO.name()));
  }

  void tellExecutors(SparkConf conf) {
    conf.set(SPARK_KEY, name());
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
