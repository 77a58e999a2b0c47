package dev.tessera.jobs.workspace;

import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Files of this machine, without what Hadoop's own class adds for lack of its native library: a
 * {@code chmod} process for every file and folder it makes (some 10 ms each), and a hidden checksum
 * file beside every file. Permissions are those of the process's umask; the map's manifest has the
 * digests.
 */
public final class LocalFiles extends LocalFileSystem {
  public LocalFiles() {
    super(new Unguarded());
    setWriteChecksum(false);
    setVerifyChecksum(false);
  }

  private static final class Unguarded extends RawLocalFileSystem {
    @Override
    public void setPermission(Path path, FsPermission permission) {
      // left to the umask
    }
  }
}
