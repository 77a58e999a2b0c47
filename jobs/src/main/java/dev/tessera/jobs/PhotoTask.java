package dev.tessera.jobs;

import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PhotoOutcome.Reason;
import dev.tessera.imagery.PhotoReader;
import dev.tessera.jobs.PhotoListing.PhotoFile;
import dev.tessera.jobs.metrics.ExecutorMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** What an executor does with one photo file at ingest: read it once, keep what its header says. */
record PhotoTask(SerializableConfiguration hadoop, PhotoReader reader, LongAccumulator done)
    implements Serializable {
  static PhotoTask of(Run run, PhotoReader reader, LongAccumulator done) {
    return new PhotoTask(
        new SerializableConfiguration(run.sc().hadoopConfiguration()), reader, done);
  }

  PhotoOutcome read(PhotoFile file) {
    done.add(1);
    ExecutorMetrics.ofThisJvm().photoRead(file.size());
    Path path = new Path(file.uri());
    try (InputStream in = path.getFileSystem(hadoop.value()).open(path)) {
      return reader.read(file.uri(), file.name(), in, file.size());
    } catch (IOException | FSError e) { // FSError: what local disks say of a bad block
      return new Quarantined(
          file.uri(), file.name(), Reason.UNREADABLE, "cannot be read: " + e.getMessage());
    }
  }
}
