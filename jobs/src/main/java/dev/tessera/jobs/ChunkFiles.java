package dev.tessera.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Chunks with their views as files of the run, one each, so that hours of work on them depend on no
 * executor but the one that does it. Shuffle files and caches go with the executors that hold them:
 * Spark then begins a stage that reads them anew, with the chunks that others are at work on, and
 * ends the run when that has happened a few times.
 */
final class ChunkFiles {
  private ChunkFiles() {}

  /**
   * The same chunks, a partition each, in the same order, read from files. They are written now,
   * and are there until the run ends. The driver sees a path per chunk.
   */
  static JavaRDD<ChunkMembers> written(Run run, JavaRDD<ChunkMembers> chunks) throws IOException {
    String folder =
        run.workspace().newAttempt(run.runId(), "chunks-" + UUID.randomUUID()).toString();
    SerializableConfiguration conf = new SerializableConfiguration(run.sc().hadoopConfiguration());
    List<String> files = chunks.map(chunk -> write(conf, folder, chunk)).collect();
    return run.sc()
        .parallelize(files, Math.max(1, files.size()))
        .map(file -> read(conf, new Path(file)));
  }

  /**
   * By a name that no other attempt at the task has: the driver is told that of the one it took.
   */
  private static String write(SerializableConfiguration conf, String folder, ChunkMembers chunk)
      throws IOException {
    Path file = new Path(folder, chunk.chunk() + "-" + UUID.randomUUID());
    try (ObjectOutputStream out = new ObjectOutputStream(fs(conf, file).create(file, false))) {
      out.writeObject(chunk);
    }
    return file.toString();
  }

  private static ChunkMembers read(SerializableConfiguration conf, Path file) throws IOException {
    try (InputStream in = fs(conf, file).open(file);
        ObjectInputStream objects = new ObjectInputStream(in)) {
      return (ChunkMembers) objects.readObject();
    } catch (ClassNotFoundException e) {
      throw new IOException("Cannot read " + file + ": other code wrote it", e);
    }
  }

  private static FileSystem fs(SerializableConfiguration conf, Path file) throws IOException {
    return file.getFileSystem(conf.value());
  }
}
