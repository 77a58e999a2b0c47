package dev.tessera.jobs;

import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The engine {@code sfm}, except that something happens whenever it is given one chunk. What it
 * makes is what {@code sfm} makes, by the same name, so that maps can be compared.
 *
 * @param folder where it notes what happens, for all processes to see
 * @param chunk the one
 */
record FaultyEngine(EngineSpec sfm, File folder, Trouble trouble, int chunk)
    implements LikeSfm.Spec {
  private static final long LOOK_EVERY_MILLIS = 20;

  /** What happens. */
  enum Trouble {
    /** The operating system kills the process, the first time. */
    DIES_ONCE,
    DIES,
    THROWS_ONCE,
    THROWS,
    /** As when photos cannot be fetched. */
    CANNOT_FETCH,
    /** Until the note {@code enough} is there, whoever interrupts. */
    HANGS,
    /** Until it is interrupted. */
    WAITS,
    /** For a second attempt to begin, the first time. */
    WAITS_FOR_ANOTHER
  }

  @Override
  public ReconstructionEngine open(int threads, OptionalInt gpu) {
    return new Opened(sfm.open(threads, gpu), this);
  }

  /** How often the chunk was begun. */
  int begun() throws IOException {
    return notes("begun-").size();
  }

  /** How often any other chunk was begun. */
  int othersBegun() throws IOException {
    return notes("other-begun-").size();
  }

  void note(String name) throws IOException {
    Files.createFile(folder.toPath().resolve(name));
  }

  private List<Path> notes(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder.toPath())) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private void meet() throws IOException {
    boolean first = begun() == 0;
    note("begun-" + System.nanoTime());
    switch (trouble) {
      case DIES_ONCE -> die(first);
      case DIES -> die(true);
      case THROWS_ONCE -> confuse(first);
      case THROWS -> confuse(true);
      case CANNOT_FETCH -> throw new IOException("the photos are away");
      case HANGS -> hang();
      case WAITS -> sleep(Long.MAX_VALUE);
      case WAITS_FOR_ANOTHER -> {
        while (first && begun() < 2) {
          sleep(LOOK_EVERY_MILLIS);
        }
      }
    }
  }

  private static void die(boolean now) throws IOException {
    if (now) {
      String pid = Long.toString(ProcessHandle.current().pid());
      new ProcessBuilder("kill", "-KILL", pid).start();
      sleep(Long.MAX_VALUE);
    }
  }

  private static void confuse(boolean now) {
    if (now) {
      throw new IllegalStateException("this chunk confuses me");
    }
  }

  private void hang() throws IOException {
    while (notes("enough").isEmpty()) {
      try {
        Thread.sleep(LOOK_EVERY_MILLIS);
      } catch (InterruptedException e) {
        note("disobeyed-" + System.nanoTime());
      }
    }
    note("woke");
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  private record Opened(ReconstructionEngine sfm, FaultyEngine spec) implements LikeSfm.Engine {
    @Override
    public ChunkOutcome reconstruct(ChunkViews views, PhotoSource photos, Progress progress)
        throws IOException {
      if (views.chunk().value() == spec.chunk()) {
        spec.meet();
      } else {
        spec.note("other-begun-" + System.nanoTime());
      }
      return sfm.reconstruct(views, photos, progress);
    }
  }
}
