package dev.tessera.jobs.workspace;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** SHA-256 of files. */
public final class Digests {
  private Digests() {}

  /** Of a file, in hexadecimal. */
  public static String sha256(FileSystem fs, Path file) throws IOException {
    try (InputStream in = fs.open(file)) {
      return copy(in, OutputStream.nullOutputStream());
    }
  }

  /** Copies all bytes and returns their digest in hexadecimal. */
  public static String copy(InputStream in, OutputStream out) throws IOException {
    MessageDigest digest = Keys.sha256();
    new DigestInputStream(in, digest).transferTo(out);
    return HexFormat.of().formatHex(digest.digest());
  }
}
