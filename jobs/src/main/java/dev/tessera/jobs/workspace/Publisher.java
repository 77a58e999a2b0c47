package dev.tessera.jobs.workspace;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Makes finished folders appear in their places: each is there whole or not at all, whatever is
 * killed when. How depends on the store: docs/object-stores.md says why.
 */
sealed interface Publisher permits RenamePublisher, PointerPublisher {
  /**
   * Schemes of file systems that rename a folder in one step. Any other one may copy it file by
   * file, as object stores do.
   */
  Set<String> RENAME_IN_ONE_STEP = Set.of("file", "hdfs", "viewfs", "webhdfs");

  String ATTEMPT = "_attempt-";

  int UUID_LENGTH = 36;

  /**
   * The publisher for a file system.
   *
   * @param root folder that all places and attempts are below
   */
  static Publisher of(FileSystem fs, Path root) {
    return renamesInOneStep(fs) ? new RenamePublisher(fs, root) : new PointerPublisher(fs, root);
  }

  static boolean renamesInOneStep(FileSystem fs) {
    return RENAME_IN_ONE_STEP.contains(fs.getUri().getScheme());
  }

  /** Where the attempts of runs are written. */
  Path attempts();

  /** Puts an attempt in its place, instead of what was there. */
  void publish(Path attempt, Path place) throws IOException;

  /**
   * Puts an attempt in its place unless another one is there: then that one stays.
   *
   * @throws IOException if the place is empty afterwards
   */
  void publishFirst(Path attempt, Path place) throws IOException;

  /** The folder in a place, if there is one. */
  Optional<Path> find(Path place) throws IOException;

  void remove(Path place) throws IOException;

  /**
   * Puts back what was in a place when a driver was killed that was replacing it. Only for the
   * holder of the lease.
   */
  void recover(Path place) throws IOException;

  /** Removes attempts of runs that are in no place. Only for the holder of the lease. */
  void clearAttempts() throws IOException;

  /** As {@link #clearAttempts()}, of one run alone. */
  void clearAttempts(String runId) throws IOException;

  /**
   * Attempts beside their places that are of no use to anybody: unfinished, or slower than others.
   *
   * @param entries all that is in their folder
   */
  List<Path> leftOvers(FileStatus[] entries) throws IOException;

  /** A new name for an attempt beside its place. */
  static Path attemptBeside(Path place) {
    return new Path(place.getParent(), ATTEMPT + place.getName() + "-" + UUID.randomUUID());
  }

  /** Whether a folder is an attempt beside its place. */
  static boolean isAttempt(FileStatus entry) {
    return entry.isDirectory() && entry.getPath().getName().startsWith(ATTEMPT);
  }

  /** The place that an attempt beside it is for. */
  static Path placeOf(Path attempt) {
    String name = attempt.getName();
    int end = name.length() - UUID_LENGTH - 1;
    return new Path(attempt.getParent(), name.substring(ATTEMPT.length(), end));
  }
}
