package dev.tessera.jobs.workspace;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files behind another scheme, of which one write leaves nothing, or one read throws. */
final class TornFiles extends FilterFileSystem {
  private final AtomicBoolean breaksWrite = new AtomicBoolean();
  private final AtomicBoolean broken = new AtomicBoolean();
  private final AtomicBoolean failsOpen = new AtomicBoolean();
  private final AtomicBoolean failed = new AtomicBoolean();

  TornFiles() {
    super(new RawLocalFileSystem());
  }

  @Override
  public URI getUri() {
    return URI.create("file:///");
  }

  void breakNextWrite() {
    breaksWrite.set(true);
  }

  boolean isBroken() {
    return broken.get();
  }

  void failNextOpen() {
    failsOpen.set(true);
  }

  boolean hasFailed() {
    return failed.get();
  }

  @Override
  public FSDataOutputStream create(Path file, boolean overwrite) throws IOException {
    FSDataOutputStream out = super.create(file, overwrite);
    if (breaksWrite.getAndSet(false)) {
      out.close();
      broken.set(true);
      throw new IOException("No space left on device");
    }
    return out;
  }

  @Override
  public FSDataInputStream open(Path file) throws IOException {
    if (failsOpen.getAndSet(false)) {
      failed.set(true);
      throw new IllegalStateException("The client is closed");
    }
    return super.open(file);
  }
}
