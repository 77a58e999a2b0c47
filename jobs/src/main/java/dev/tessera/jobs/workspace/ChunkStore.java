package dev.tessera.jobs.workspace;

import dev.tessera.jobs.tables.SceneFiles;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkScene.Unregistered;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SceneMemory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Reconstructed chunks by the key of what they were made from, in one folder or in several: new
 * ones go into the first, and keys mean the same in all. A chunk is written into a folder of its
 * own and then published: it is there whole or not at all, whatever is killed when. Travels to
 * executors.
 */
public final class ChunkStore implements Serializable {
  private final String root;
  private final List<String> others;
  private final SerializableConfiguration conf;

  public ChunkStore(Path root, Configuration conf) {
    this(root, List.of(), conf);
  }

  /**
   * @param others folders that are only read
   */
  public ChunkStore(Path root, List<Path> others, Configuration conf) {
    this.root = root.toString();
    this.others = others.stream().map(Path::toString).toList();
    this.conf = new SerializableConfiguration(conf);
  }

  public boolean contains(String key) throws IOException {
    return publisher().find(place(key)).isPresent();
  }

  /** A scene without its memory. */
  public ChunkScene read(String key, ChunkId chunk) throws IOException {
    return SceneFiles.read(conf.value(), folder(key), chunk);
  }

  /** Only the cameras of a scene: a small part of its bytes. */
  public List<SceneCamera> readCameras(String key) throws IOException {
    return SceneFiles.readCameras(conf.value(), folder(key));
  }

  /** Only the views of a scene that have no pose. */
  public List<Unregistered> readUnregistered(String key) throws IOException {
    return SceneFiles.readUnregistered(conf.value(), folder(key));
  }

  /** Only what a scene remembers; most of its bytes, where it remembers anything. */
  public SceneMemory readMemory(String key) throws IOException {
    return SceneFiles.readMemory(conf.value(), folder(key));
  }

  /** How many tensors the memory of a scene has. */
  public int countTensors(String key) throws IOException {
    return SceneFiles.countTensors(conf.value(), folder(key));
  }

  /** Publishes a scene. If another attempt was faster, its equal result stays. */
  public void publish(String key, ChunkScene scene) throws IOException {
    Path attempt = Publisher.attemptBeside(place(key));
    try {
      fs().mkdirs(attempt);
      SceneFiles.write(conf.value(), attempt, scene);
      SceneFiles.requireWhole(conf.value(), attempt);
      publisher().publishFirst(attempt, place(key));
    } catch (IOException | RuntimeException e) {
      fs().delete(attempt, true);
      throw e;
    }
  }

  /**
   * Notes that a chunk cannot be made with the memory there is, so that another run need not find
   * out again.
   *
   * @param memory digest of what bounds it
   */
  public void publishTooLarge(String key, String memory, String detail) throws IOException {
    try (OutputStream out = fs().create(tooLargeFile(key), true)) {
      out.write((memory + "\n" + detail).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** How a chunk ran out of memory when it had this much; empty if it has not been seen to. */
  public Optional<String> tooLarge(String key, String memory) throws IOException {
    if (!fs().exists(tooLargeFile(key))) {
      return Optional.empty();
    }
    try (InputStream in = fs().open(tooLargeFile(key))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.startsWith(memory + "\n")
          ? Optional.of(text.substring(memory.length() + 1))
          : Optional.empty();
    }
  }

  private Path tooLargeFile(String key) {
    return new Path(root, key + ".too-large");
  }

  /**
   * Removes what killed tasks of earlier runs left unfinished. Only for the holder of the lease.
   */
  void clearAttempts() throws IOException {
    Path store = new Path(root);
    if (fs().exists(store)) {
      for (Path attempt : publisher().leftOvers(fs().listStatus(store))) {
        fs().delete(attempt, true);
      }
    }
  }

  public void remove(String key) throws IOException {
    publisher().remove(place(key));
  }

  /** The folder of a chunk; where it would be if it is not there. */
  private Path folder(String key) throws IOException {
    Optional<Path> found = publisher().find(place(key));
    for (int i = 0; i < others.size() && found.isEmpty(); i++) {
      found = publisher(others.get(i)).find(new Path(others.get(i), key));
    }
    return found.orElse(place(key));
  }

  private Path place(String key) {
    return new Path(root, key);
  }

  private Publisher publisher() throws IOException {
    return publisher(root);
  }

  private Publisher publisher(String folder) throws IOException {
    Path path = new Path(folder);
    return Publisher.of(path.getFileSystem(conf.value()), path);
  }

  private FileSystem fs() throws IOException {
    return new Path(root).getFileSystem(conf.value());
  }
}
