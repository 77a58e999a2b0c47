package dev.tessera.jobs;

import dev.tessera.partition.ChunkId;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What a try of a chunk tells the next one, which may be on another executor: that it ended with an
 * error of the world, as photos that cannot be fetched or a full disk, and that its executor was
 * not lost. Files of the run, written for such errors alone.
 */
record ErrorNotes(String folder, SerializableConfiguration hadoop) implements Serializable {
  static ErrorNotes of(Run run) throws IOException {
    return new ErrorNotes(
        run.workspace().newAttempt(run.runId(), "errors").toString(),
        new SerializableConfiguration(run.sc().hadoopConfiguration()));
  }

  /** Notes that a try ends with this, if it is such an error. */
  void take(ChunkId chunk, Throwable error) {
    if (!(error instanceof IOException || error instanceof FSError)) {
      return;
    }
    Path note = note(chunk);
    try (FSDataOutputStream out = note.getFileSystem(hadoop.value()).create(note, true)) {
      out.write(error.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException | FSError e) {
      error.addSuppressed(e); // the next try takes the executor for lost
    }
  }

  /** Whether a try of this run ended with such an error. */
  boolean has(ChunkId chunk) throws IOException {
    return note(chunk).getFileSystem(hadoop.value()).exists(note(chunk));
  }

  private Path note(ChunkId chunk) {
    return new Path(folder, "chunk-" + chunk);
  }
}
