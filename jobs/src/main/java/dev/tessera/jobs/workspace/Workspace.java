package dev.tessera.jobs.workspace;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tessera.jobs.UsageException;
import java.io.FileNotFoundException;
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
 * stages/STAGE/KEY/      tables of a stage and _manifest.json
 * stages/STAGE/_current  the KEY that the next stage reads
 * store/KEY/             a chunk as reconstructed, or under the lens that all chunks share
 * map/                   the published map
 * _attempts/RUN/         what is being written
 * _lease.json            who is writing
 * </pre>
 *
 * A stage writes into its attempt folder, which is then published: by one rename, or, where that is
 * many copies, by a pointer to it.
 */
public final class Workspace {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String MANIFEST = "_manifest.json";

  private final FileSystem fs;
  private final Path root;
  private final Publisher publisher;
  private final ChunkStore store;

  private Workspace(FileSystem fs, Path root) {
    this.fs = fs;
    this.root = root;
    this.publisher = Publisher.of(fs, root);
    this.store = new ChunkStore(store(), fs.getConf());
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

  /**
   * A workspace that is only read, not held: what is published in it stays as it is.
   *
   * @throws UsageException if it has no chunks
   */
  public static Workspace reading(String uri, Configuration conf) {
    try {
      Workspace workspace = toRead(uri, conf);
      if (workspace.current(Stage.REPAIR).isEmpty()) {
        throw new UsageException(
            "Cannot read workspace '%s': stage repair has not run; run it first".formatted(uri));
      }
      return workspace;
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException("Cannot read workspace '" + uri + "': " + firstLine(e));
    }
  }

  public FileSystem fs() {
    return fs;
  }

  public Path root() {
    return root;
  }

  /** The folder of the published map; where it would be if there is none. */
  public Path map() throws IOException {
    return publisher.find(mapPlace()).orElse(mapPlace());
  }

  /** As {@link #map()}, of a workspace that is only read. */
  public static Path map(String uri, Configuration conf) throws IOException {
    return toRead(uri, conf).map();
  }

  /** A workspace that is only read, and need not be there. */
  public static Workspace toRead(String uri, Configuration conf) throws IOException {
    Path root = new Path(uri);
    FileSystem fs = root.getFileSystem(conf);
    return new Workspace(fs, fs.makeQualified(root));
  }

  private Path mapPlace() {
    return new Path(root, "map");
  }

  public Path store() {
    return new Path(root, "store");
  }

  /** A folder for this run's unfinished work; emptied if it is there. */
  public Path newAttempt(String runId, String name) throws IOException {
    Path attempt = new Path(publisher.attempts(), runId + "/" + name);
    fs.delete(attempt, true);
    fs.mkdirs(attempt);
    return attempt;
  }

  /** Removes what this and earlier runs left unfinished. Only for the holder of the lease. */
  public void clearAttempts() throws IOException {
    publisher.recover(mapPlace());
    publisher.clearAttempts();
    store.clearAttempts();
  }

  /**
   * Removes what a run that ends left unfinished. Where folders are not renamed, the map that it
   * replaced stays for its readers until {@link #clearAttempts()} of the next run.
   */
  public void clearAttempts(String runId) throws IOException {
    publisher.clearAttempts(runId);
    store.clearAttempts();
  }

  /** Where a published stage has its tables. */
  public Path folder(Stage stage, String key) throws IOException {
    return publisher.find(place(stage, key)).orElse(place(stage, key));
  }

  private Path place(Stage stage, String key) {
    return new Path(root, "stages/" + stage.word() + "/" + key);
  }

  /** The manifest of a published result, if there is one. */
  public Optional<StageManifest> published(Stage stage, String key) throws IOException {
    Path file = new Path(folder(stage, key), MANIFEST);
    try (InputStream in = fs.open(file)) {
      return Optional.of(JSON.readValue(in, StageManifest.class));
    } catch (FileNotFoundException e) {
      return Optional.empty(); // never published
    }
  }

  /** The manifest of the result that the next stage is to read, if the stage has ever run. */
  public Optional<StageManifest> current(Stage stage) throws IOException {
    Path pointer = new Path(root, "stages/" + stage.word() + "/_current");
    try (InputStream in = fs.open(pointer)) {
      String key = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      return published(stage, key);
    } catch (FileNotFoundException e) {
      return Optional.empty(); // the stage has never run
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
    publisher.publish(attempt, place(stage, manifest.key()));
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
    publisher.publish(attempt, mapPlace());
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

  private static String firstLine(Exception e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message.lines().findFirst().orElse("");
  }
}
