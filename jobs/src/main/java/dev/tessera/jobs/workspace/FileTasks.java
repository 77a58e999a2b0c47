package dev.tessera.jobs.workspace;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Work on many files, on executors: a task for each, so that large and small ones spread over all
 * cores. The driver holds the list of files and one answer for each.
 */
public final class FileTasks {
  private FileTasks() {}

  /** What is done with a file, on an executor. */
  @FunctionalInterface
  public interface FileTask<F, R> extends Serializable {
    R of(Configuration conf, F file) throws IOException;
  }

  /** Does something with each file; the answers are in the order of the files. */
  public static <F, R> List<R> each(JavaSparkContext sc, List<F> files, FileTask<F, R> task) {
    SerializableConfiguration conf = new SerializableConfiguration(sc.hadoopConfiguration());
    return sc.parallelize(files, Math.max(1, files.size()))
        .map(file -> task.of(conf.value(), file))
        .collect();
  }
}
