package dev.tessera.jobs.workspace;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** SHA-256 of files. */
public final class Digests {
  private Digests() {}

  /** Of a file, in hexadecimal; read in pieces of some kilobytes, whatever its size. */
  public static String sha256(Configuration conf, Path file) throws IOException {
    try (InputStream in = file.getFileSystem(conf).open(file)) {
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
