package dev.tessera.jobs.workspace;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Publishes by renaming the attempt, on file systems that do so in one step. */
final class RenamePublisher implements Publisher {
  private final FileSystem fs;
  private final Path root;

  RenamePublisher(FileSystem fs, Path root) {
    this.fs = fs;
    this.root = root;
  }

  @Override
  public Path attempts() {
    return new Path(root, "_attempts");
  }

  @Override
  public void publish(Path attempt, Path place) throws IOException {
    Path old = replaced(place);
    fs.delete(old, true);
    if (fs.exists(place)) {
      fs.mkdirs(old.getParent());
      rename(place, old);
    }
    fs.mkdirs(place.getParent());
    rename(attempt, place);
    fs.delete(old, true);
  }

  @Override
  public void publishFirst(Path attempt, Path place) throws IOException {
    try {
      if (!fs.exists(place) && !fs.rename(attempt, place) && !fs.exists(place)) {
        throw new IOException("Cannot rename " + attempt + " to " + place);
      }
    } finally {
      fs.delete(attempt, true);
      // A rename onto a folder that another attempt has just published moves into it.
      fs.delete(new Path(place, attempt.getName()), true);
    }
  }

  @Override
  public Optional<Path> find(Path place) throws IOException {
    return fs.exists(place) ? Optional.of(place) : Optional.empty();
  }

  @Override
  public void remove(Path place) throws IOException {
    fs.delete(place, true);
  }

  /** Killed between the two renames of a replacement. */
  @Override
  public void recover(Path place) throws IOException {
    if (fs.exists(replaced(place)) && !fs.exists(place)) {
      rename(replaced(place), place);
    }
  }

  @Override
  public void clearAttempts() throws IOException {
    fs.delete(attempts(), true);
  }

  /** Whoever holds the lease has the only attempts there are. */
  @Override
  public void clearAttempts(String runId) throws IOException {
    clearAttempts();
  }

  /** What is published is no attempt any more. */
  @Override
  public List<Path> leftOvers(FileStatus[] entries) {
    return Stream.of(entries).filter(Publisher::isAttempt).map(FileStatus::getPath).toList();
  }

  /** Where the folder before is while the new one takes its place. */
  private Path replaced(Path place) {
    return new Path(attempts(), "replaced-" + place.getName());
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fs.rename(from, to)) {
      throw new IOException("Cannot rename " + from + " to " + to);
    }
  }
}
