package dev.tessera.jobs;

import dev.tessera.evaluate.Truth;
import dev.tessera.evaluate.TruthCsv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of true cameras that the user names. */
public final class TruthFile {
  private TruthFile() {}

  /**
   * @throws UsageException if it is not there or lacks a column
   */
  public static Truth read(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new UsageException("Cannot read truth " + file + ": no such file");
    }
    try {
      return TruthCsv.read(file);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }
}
