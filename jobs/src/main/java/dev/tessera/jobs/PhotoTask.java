package dev.tessera.jobs;

import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PhotoOutcome.Reason;
import dev.tessera.imagery.PhotoReader;
import dev.tessera.jobs.PhotoListing.PhotoFile;
import dev.tessera.jobs.metrics.ExecutorMetrics;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** What an executor does with one photo file at ingest: read it once, keep what its header says. */
record PhotoTask(SerializableConfiguration hadoop, PhotoReader reader, LongAccumulator done)
    implements Serializable {
  static PhotoTask of(Run run, PhotoReader reader, LongAccumulator done) {
    return new PhotoTask(
        new SerializableConfiguration(run.sc().hadoopConfiguration()), reader, done);
  }

  /**
   * The view, or the reason why there is none.
   *
   * @throws IOException if the store of the photo is away: that says nothing about the photo
   */
  PhotoOutcome read(PhotoFile file) throws IOException {
    ExecutorMetrics.ofThisJvm().photoRead(file.size());
    Path path = new Path(file.uri());
    FileSystem fs = path.getFileSystem(hadoop.value());
    try (InputStream in = fs.open(path)) {
      PhotoOutcome outcome = reader.read(file.uri(), file.name(), in, file.size());
      done.add(1);
      return outcome;
    } catch (IOException | FSError e) { // FSError: what local disks say of a bad block
      if (!(fs instanceof LocalFileSystem || isOfTheFile(e))) {
        throw new IOException("Cannot read " + file.uri() + ": " + e.getMessage(), e);
      }
      done.add(1);
      return new Quarantined(
          file.uri(), file.name(), Reason.UNREADABLE, "cannot be read: " + e.getMessage());
    }
  }

  /** Whether a store said that it is there and the file is not, or not for us. */
  private static boolean isOfTheFile(Throwable e) {
    return e instanceof FileNotFoundException
        || e instanceof AccessDeniedException
        || e instanceof AccessControlException;
  }
}
