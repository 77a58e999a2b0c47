package dev.tessera.jobs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A temporary folder that goes when it is closed. */
record ScratchFolder(Path path) implements AutoCloseable {
  /**
   * @param parent where to make it; null for the system's place
   */
  static ScratchFolder in(Path parent) throws IOException {
    String prefix = "tessera-bench-";
    if (parent == null) {
      return new ScratchFolder(Files.createTempDirectory(prefix));
    }
    Files.createDirectories(parent);
    return new ScratchFolder(Files.createTempDirectory(parent, prefix));
  }

  @Override
  public void close() throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(path)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.delete(file);
    }
  }
}
