package dev.tessera.jobs.workspace;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Copies of files that are in their places whole or not at all, also where another attempt at the
 * same copy is under way, or goes on though it is thought dead.
 */
public final class FileCopy {
  private FileCopy() {}

  /**
   * Copies a file and digests what it reads.
   *
   * @param attempts folder of the target's file system for what is not whole yet; what attempts
   *     that died leave there is the caller's to remove
   * @return SHA-256 of the bytes, in hexadecimal
   */
  public static String copy(FileSystem from, Path source, FileSystem to, Path target, Path attempts)
      throws IOException {
    if (!Publisher.renamesInOneStep(to)) {
      return write(from, source, to, target); // object stores show a file when it is closed
    }
    Path attempt = new Path(attempts, UUID.randomUUID().toString());
    String digest = write(from, source, to, attempt);
    to.mkdirs(target.getParent());
    if (!to.rename(attempt, target) && !to.exists(target)) {
      throw new IOException("Cannot rename " + attempt + " to " + target);
    }
    return digest;
  }

  private static String write(FileSystem from, Path source, FileSystem to, Path target)
      throws IOException {
    try (InputStream in = from.open(source);
        OutputStream out = to.create(target, true)) {
      return Digests.copy(in, out);
    }
  }
}
