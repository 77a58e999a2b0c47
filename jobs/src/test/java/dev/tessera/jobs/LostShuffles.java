package dev.tessera.jobs;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.shuffle.ShuffleHandle;
import org.apache.spark.shuffle.ShuffleReadMetricsReporter;
import org.apache.spark.shuffle.ShuffleReader;
import org.apache.spark.shuffle.sort.SortShuffleManager;
import scala.collection.JavaConverters;

/**
 * Spark's shuffles, but that the files of each are gone when they are first asked for. To be named
 * in {@code spark.shuffle.manager}.
 */
public final class LostShuffles extends SortShuffleManager {
  /** Shuffles of this JVM whose files went. */
  private static final AtomicInteger LOST = new AtomicInteger();

  private final Set<Integer> asked = ConcurrentHashMap.newKeySet();

  public LostShuffles(SparkConf conf) {
    super(conf);
  }

  /** How many shuffles have lost files, since {@link #forget}. */
  static int lost() {
    return LOST.get();
  }

  static void forget() {
    LOST.set(0);
  }

  @Override
  public <K, C> ShuffleReader<K, C> getReader(
      ShuffleHandle handle,
      int startMapIndex,
      int endMapIndex,
      int startPartition,
      int endPartition,
      TaskContext context,
      ShuffleReadMetricsReporter metrics) {
    if (asked.add(handle.shuffleId()) && loseFiles("shuffle_" + handle.shuffleId() + "_")) {
      LOST.incrementAndGet();
    }
    return super.getReader(
        handle, startMapIndex, endMapIndex, startPartition, endPartition, context, metrics);
  }

  private static boolean loseFiles(String prefix) {
    boolean any = false;
    for (File file :
        JavaConverters.seqAsJavaList(
            SparkEnv.get().blockManager().diskBlockManager().getAllFiles())) {
      if (file.getName().startsWith(prefix)) {
        try {
          any |= Files.deleteIfExists(file.toPath());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return any;
  }
}
