package dev.tessera.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The stored weights of a network, from one safetensors file or from several that an index lists.
 *
 * <p>A tensor that a shard holds and the index does not list is not part of the checkpoint.
 */
public final class Checkpoint implements TensorSource, AutoCloseable {
  private final Path path;
  private final List<Safetensors> shards;
  private final Map<String, Safetensors> shardOfTensor;

  private Checkpoint(Path path, List<Safetensors> shards, Map<String, Safetensors> shardOfTensor) {
    this.path = path;
    this.shards = shards;
    this.shardOfTensor = shardOfTensor;
  }

  /**
   * Opens a safetensors file, an index ({@code *.json}), or a directory with, in this order of
   * preference, {@code model.safetensors}, {@code model.safetensors.index.json}, or exactly one
   * safetensors file of another name.
   *
   * @throws IllegalArgumentException if there is no such thing, or a file of it is bad
   */
  public static Checkpoint open(Path path) throws IOException {
    Path file = CheckpointFiles.weightsFile(path);
    if (CheckpointFiles.isIndex(file)) {
      return open(path, ShardIndex.read(file));
    }
    Safetensors only = Safetensors.open(file);
    Map<String, Safetensors> shardOfTensor = new LinkedHashMap<>();
    only.names().forEach(name -> shardOfTensor.put(name, only));
    return new Checkpoint(path, List.of(only), shardOfTensor);
  }

  private static Checkpoint open(Path path, ShardIndex index) throws IOException {
    Map<String, Safetensors> shards = new LinkedHashMap<>();
    try {
      for (String shard : index.presentShards()) {
        shards.put(shard, Safetensors.open(index.path().resolveSibling(shard)));
      }
      index.requireTensors(shards);
    } catch (IllegalArgumentException | IOException bad) {
      for (Safetensors shard : shards.values()) {
        shard.close();
      }
      throw bad;
    }
    Map<String, Safetensors> shardOfTensor = new LinkedHashMap<>();
    shards.forEach(
        (shard, tensors) ->
            tensors.names().stream()
                .filter(name -> shard.equals(index.shardOfTensor().get(name)))
                .forEach(name -> shardOfTensor.put(name, tensors)));
    return new Checkpoint(path, List.copyOf(shards.values()), shardOfTensor);
  }

  /** What {@link #open} was given. */
  public Path path() {
    return path;
  }

  /** The names, shard by shard, and in each in the order of the tensors' bytes. */
  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(shardOfTensor.keySet());
  }

  @Override
  public TensorInfo info(String name) {
    return shardOf(name).info(name);
  }

  @Override
  public ByteBuffer bytes(String name) {
    return shardOf(name).bytes(name);
  }

  private Safetensors shardOf(String name) {
    Safetensors shard = shardOfTensor.get(name);
    if (shard == null) {
      throw new IllegalArgumentException(
          "Cannot read tensor %s: %s has none of that name".formatted(Excerpt.of(name), path));
    }
    return shard;
  }

  /** The number of elements of all tensors. */
  public long parameters() {
    return names().stream().mapToLong(name -> info(name).elements()).sum();
  }

  /**
   * SHA-256 in hex of the files' bytes, shard after shard by file name; for one file the same as
   * {@code sha256sum}. Every byte is read, a few seconds per gigabyte: ask once and keep the
   * answer.
   */
  public String digest() throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java has SHA-256", impossible);
    }
    for (Safetensors shard : shards) {
      shard.digest(digest);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** How this checkpoint fits the plan; never throws for a bad fit. */
  public KeyMatch match(KeyPlan plan) {
    return plan.match(this);
  }

  /**
   * The stored name of each planned tensor, by the first of its planned names.
   *
   * @throws IllegalArgumentException naming everything that does not fit at once
   */
  public Map<String, String> require(KeyPlan plan) {
    KeyMatch match = match(plan);
    if (!match.fits()) {
      throw new IllegalArgumentException(
          "Cannot use weights %s: %s".formatted(path, match.summary()));
    }
    return match.storedNames();
  }

  /** Lets go of the files; buffers that were handed out stay valid. */
  @Override
  public void close() throws IOException {
    for (Safetensors shard : shards) {
      shard.close();
    }
  }
}
