package dev.tessera.jobs.workspace;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tessera.jobs.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The folder of a run, on any Hadoop file system.
 *
 * <pre>
 * stages/STAGE/KEY/      tables of a stage and _manifest.json, complete once it exists
 * stages/STAGE/_current  the KEY that the next stage reads
 * store/KEY/             a chunk as reconstructed, or under the lens that all chunks share
 * map/                   the published map
 * _attempts/RUN/         what is being written
 * _lease.json            who is writing
 * </pre>
 *
 * A stage writes into its attempt folder and is published by one rename.
 */
public final class Workspace {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String MANIFEST = "_manifest.json";

  private final FileSystem fs;
  private final Path root;

  private Workspace(FileSystem fs, Path root) {
    this.fs = fs;
    this.root = root;
  }

  /**
   * Opens a workspace, making the folder if it is not there.
   *
   * @throws UsageException if it cannot be written
   */
  public static Workspace open(String uri, Configuration conf) {
    try {
      Path path = new Path(uri);
      FileSystem fs = path.getFileSystem(conf);
      Path root = fs.makeQualified(path);
      fs.mkdirs(root);
      Path probe = new Path(root, "_probe");
      fs.create(probe, true).close();
      fs.delete(probe, false);
      return new Workspace(fs, root);
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException("Cannot write workspace '" + uri + "': " + firstLine(e));
    }
  }

  public FileSystem fs() {
    return fs;
  }

  public Path root() {
    return root;
  }

  public Path map() {
    return new Path(root, "map");
  }

  public Path store() {
    return new Path(root, "store");
  }

  /** A folder for this run's unfinished work; emptied if it is there. */
  public Path newAttempt(String runId, String name) throws IOException {
    Path attempt = new Path(root, "_attempts/" + runId + "/" + name);
    fs.delete(attempt, true);
    fs.mkdirs(attempt);
    return attempt;
  }

  /** Removes what this and earlier runs left unfinished. Only for the holder of the lease. */
  public void clearAttempts() throws IOException {
    if (fs.exists(replacedMap()) && !fs.exists(map())) {
      rename(replacedMap(), map()); // killed between the two renames of a replacement
    }
    fs.delete(new Path(root, "_attempts"), true);
    ChunkStore.clearAttempts(fs, store());
  }

  /** Where a published stage has its tables. */
  public Path folder(Stage stage, String key) {
    return new Path(root, "stages/" + stage.word() + "/" + key);
  }

  /** The manifest of a published result, if there is one. */
  public Optional<StageManifest> published(Stage stage, String key) throws IOException {
    Path file = new Path(folder(stage, key), MANIFEST);
    if (!fs.exists(file)) {
      return Optional.empty();
    }
    try (InputStream in = fs.open(file)) {
      return Optional.of(JSON.readValue(in, StageManifest.class));
    }
  }

  /** The manifest of the result that the next stage is to read, if the stage has ever run. */
  public Optional<StageManifest> current(Stage stage) throws IOException {
    Path pointer = new Path(root, "stages/" + stage.word() + "/_current");
    if (!fs.exists(pointer)) {
      return Optional.empty();
    }
    try (InputStream in = fs.open(pointer)) {
      String key = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      return published(stage, key);
    }
  }

  /**
   * As {@link #current}, for a stage that must have run.
   *
   * @throws UsageException if it has not
   */
  public StageManifest required(Stage stage) throws IOException {
    return current(stage)
        .orElseThrow(
            () ->
                new UsageException(
                    "Cannot go on in workspace %s: stage %s has not run; run it first"
                        .formatted(root, stage.word())));
  }

  /** Publishes an attempt folder as the result of a stage; it replaces one of the same key. */
  public void publish(Stage stage, Path attempt, StageManifest manifest) throws IOException {
    writeJson(new Path(attempt, MANIFEST), manifest);
    Path target = folder(stage, manifest.key());
    fs.delete(target, true);
    fs.mkdirs(target.getParent());
    rename(attempt, target);
    makeCurrent(stage, manifest.key());
  }

  /** Points the next stage to a published result. */
  public void makeCurrent(Stage stage, String key) throws IOException {
    Path pointer = new Path(root, "stages/" + stage.word() + "/_current");
    try (OutputStream out = fs.create(pointer, true)) {
      out.write(key.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Puts a finished map in the place of the one before. */
  public void publishMap(Path attempt) throws IOException {
    Path old = replacedMap();
    fs.delete(old, true);
    if (fs.exists(map())) {
      fs.mkdirs(old.getParent());
      rename(map(), old);
    }
    rename(attempt, map());
    fs.delete(old, true);
  }

  /** Where the map before is while the new one takes its place. */
  private Path replacedMap() {
    return new Path(root, "_attempts/replaced-map");
  }

  public void writeJson(Path file, Object value) throws IOException {
    writeJson(fs, file, value);
  }

  /** As {@link #writeJson(Path, Object)}, into a folder that may be elsewhere. */
  public static void writeJson(FileSystem fs, Path file, Object value) throws IOException {
    try (OutputStream out = fs.create(file, true)) {
      JSON.writeValue(out, value);
    }
  }

  public void writeText(Path file, String text) throws IOException {
    try (OutputStream out = fs.create(file, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fs.rename(from, to)) {
      throw new IOException("Cannot rename " + from + " to " + to);
    }
  }

  private static String firstLine(Exception e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message.lines().findFirst().orElse("");
  }
}
