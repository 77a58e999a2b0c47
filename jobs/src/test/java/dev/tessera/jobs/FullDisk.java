package dev.tessera.jobs;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** A local disk that is full as soon as something of some size is written to a certain place. */
public final class FullDisk extends LocalFileSystem {
  private static final String PLACE = "test.full-disk.place";
  private static final long FREE_BYTES = 1000;

  private String place;

  public FullDisk() {
    setWriteChecksum(false);
    setVerifyChecksum(false);
  }

  /** Settings of a run for which the disk is full where a path has this in it. */
  static List<String> settings(String place) {
    return List.of(
        "spark.conf.\"spark.hadoop.fs.file.impl\"=" + FullDisk.class.getName(),
        "spark.conf.\"spark.hadoop." + PLACE + "\"=" + place);
  }

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    place = conf.get(PLACE);
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    FSDataOutputStream out =
        super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
    return file.toString().contains(place)
        ? new FSDataOutputStream(new Bounded(out), new FileSystem.Statistics("file"))
        : out;
  }

  private static final class Bounded extends OutputStream {
    private final OutputStream out;
    private long free = FREE_BYTES;

    private Bounded(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      free -= count;
      if (free < 0) {
        throw new IOException("No space left on device"); // as every system says it
      }
      out.write(bytes, from, count);
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
