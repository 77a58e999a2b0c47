package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.jobs.metrics.ExecutorMetrics;
import dev.tessera.reconstruct.PhotoSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/** Photos on any Hadoop file system. */
record HadoopPhotos(SerializableConfiguration hadoop) implements PhotoSource, Serializable {
  @Override
  public byte[] read(View view) throws IOException {
    return read(view.uri());
  }

  byte[] read(String uri) throws IOException {
    Path path = new Path(uri);
    FileSystem fs = path.getFileSystem(hadoop.value());
    try (InputStream in = fs.open(path)) {
      byte[] bytes = in.readAllBytes();
      ExecutorMetrics.ofThisJvm().bytesRead(bytes.length);
      return bytes;
    } catch (FSError e) { // what local disks say of a bad block
      throw new IOException("Cannot read " + uri, e);
    }
  }
}
