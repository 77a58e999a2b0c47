package dev.tessera.jobs.workspace;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Publishes by a pointer, on stores that write one object in one step and no more: an attempt stays
 * where it was written, and the object {@code PLACE-published.json} names it.
 */
final class PointerPublisher implements Publisher {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SUFFIX = "-published.json";

  private final FileSystem fs;
  private final Path root;

  PointerPublisher(FileSystem fs, Path root) {
    this.fs = fs;
    this.root = fs.makeQualified(root);
  }

  /**
   * What a pointer says.
   *
   * @param folder path of the attempt below the root
   */
  record Pointer(String folder) {}

  @Override
  public Path attempts() {
    return new Path(root, "runs");
  }

  @Override
  public void publish(Path attempt, Path place) throws IOException {
    String folder = root.toUri().relativize(fs.makeQualified(attempt).toUri()).getPath();
    try (OutputStream out = fs.create(pointer(place), true)) {
      out.write(JSON.writeValueAsBytes(new Pointer(folder)));
    }
  }

  /**
   * Looks, then writes. Of two that look at the same moment the later one stays: both are whole.
   */
  @Override
  public void publishFirst(Path attempt, Path place) throws IOException {
    if (fs.exists(pointer(place))) {
      fs.delete(attempt, true);
    } else {
      publish(attempt, place);
    }
  }

  @Override
  public Optional<Path> find(Path place) throws IOException {
    return read(pointer(place));
  }

  private Optional<Path> read(Path pointer) throws IOException {
    try (InputStream in = fs.open(pointer)) {
      return Optional.of(new Path(root, JSON.readValue(in, Pointer.class).folder()));
    } catch (FileNotFoundException e) {
      return Optional.empty(); // nothing was published there
    }
  }

  /** First the pointer, so that nobody finds half a folder. */
  @Override
  public void remove(Path place) throws IOException {
    Optional<Path> folder = find(place);
    fs.delete(pointer(place), false);
    if (folder.isPresent()) {
      fs.delete(folder.get(), true);
    }
  }

  /** A pointer is replaced in one step. */
  @Override
  public void recover(Path place) {}

  @Override
  public void clearAttempts() throws IOException {
    Set<Path> published = published();
    for (FileStatus run : list(attempts())) {
      if (run.isDirectory()) { // beside them are the summaries of runs
        clearAttempts(run.getPath(), published);
      }
    }
  }

  /** What a run before has published, and this one has replaced, may have readers still. */
  @Override
  public void clearAttempts(String runId) throws IOException {
    clearAttempts(new Path(attempts(), runId), published());
  }

  private void clearAttempts(Path run, Set<Path> published) throws IOException {
    for (FileStatus attempt : list(run)) {
      if (!published.contains(attempt.getPath())) {
        fs.delete(attempt.getPath(), true);
      }
    }
  }

  private Set<Path> published() throws IOException {
    Set<Path> published = new HashSet<>();
    addPublished(root, published);
    for (FileStatus stage : list(new Path(root, "stages"))) {
      addPublished(stage.getPath(), published);
    }
    return published;
  }

  private void addPublished(Path folder, Set<Path> published) throws IOException {
    for (FileStatus entry : list(folder)) {
      if (entry.isFile() && entry.getPath().getName().endsWith(SUFFIX)) {
        read(entry.getPath()).ifPresent(published::add);
      }
    }
  }

  private FileStatus[] list(Path folder) throws IOException {
    try {
      return fs.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0]; // nothing has been written there yet
    }
  }

  /** The only attempt at a place that is taken is the one that took it: only others are read. */
  @Override
  public List<Path> leftOvers(FileStatus[] entries) throws IOException {
    Set<Path> all = new HashSet<>();
    Map<Path, List<Path>> byPlace = new HashMap<>();
    for (FileStatus entry : entries) {
      all.add(entry.getPath());
      if (Publisher.isAttempt(entry)) {
        byPlace
            .computeIfAbsent(Publisher.placeOf(entry.getPath()), place -> new ArrayList<>())
            .add(entry.getPath());
      }
    }
    List<Path> leftOvers = new ArrayList<>();
    for (Map.Entry<Path, List<Path>> place : byPlace.entrySet()) {
      List<Path> attempts = place.getValue();
      if (attempts.size() > 1) {
        find(place.getKey()).ifPresent(attempts::remove);
        leftOvers.addAll(attempts);
      } else if (!all.contains(pointer(place.getKey()))) {
        leftOvers.addAll(attempts);
      }
    }
    return leftOvers;
  }

  private static Path pointer(Path place) {
    return place.suffix(SUFFIX);
  }
}
