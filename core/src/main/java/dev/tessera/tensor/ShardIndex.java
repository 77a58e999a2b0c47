package dev.tessera.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An index of sharded weights, {@code {"metadata": {...}, "weight_map": {tensor: file}}}.
 *
 * @param path the index file; shards lie beside it
 * @param shardOfTensor the file name of each tensor's shard
 */
record ShardIndex(Path path, Map<String, String> shardOfTensor) {
  private static final String WEIGHT_MAP = "weight_map";

  /** An index of real weights has some 100 bytes a tensor. */
  private static final long MOST_BYTES = SafetensorsHeader.MOST_BYTES;

  static ShardIndex read(Path path) throws IOException {
    Map<String, String> shardOfTensor = new LinkedHashMap<>();
    try {
      StrictJson.read(
          text(path),
          "the index",
          json ->
              json.members(
                  "the index",
                  name -> {
                    if (name.equals(WEIGHT_MAP)) {
                      json.members(
                          WEIGHT_MAP,
                          tensor -> shardOfTensor.put(tensor, shard(json.string(WEIGHT_MAP))));
                    } else {
                      json.skip();
                    }
                  }));
      if (shardOfTensor.isEmpty()) {
        throw new IllegalArgumentException("it has no weight_map with tensors");
      }
    } catch (IllegalArgumentException bad) {
      throw new IllegalArgumentException(
          "Cannot read %s: %s".formatted(path, bad.getMessage()), bad);
    }
    return new ShardIndex(path, shardOfTensor);
  }

  private static String text(Path path) throws IOException {
    if (Files.size(path) > MOST_BYTES) {
      throw new IllegalArgumentException("it is too large for an index");
    }
    return Utf8.text(Files.readAllBytes(path), "the index");
  }

  private static String shard(String name) {
    boolean beside =
        !name.isEmpty() && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == 0);
    if (!beside || name.equals("..") || name.equals(".")) {
      throw new IllegalArgumentException(
          "shard %s is not the name of a file beside the index".formatted(Excerpt.of(name)));
    }
    return name;
  }

  /**
   * The shards' file names, sorted.
   *
   * @throws IllegalArgumentException if one of them is not there
   */
  SortedSet<String> presentShards() {
    SortedSet<String> shards = new TreeSet<>(shardOfTensor.values());
    List<String> missing =
        shards.stream().filter(name -> !Files.exists(path.resolveSibling(name))).toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot read %s: %d of its %d shards are not there: %s"
              .formatted(path, missing.size(), shards.size(), Excerpt.names(missing)));
    }
    return shards;
  }

  /**
   * @throws IllegalArgumentException if a shard lacks a tensor that the index says it has
   */
  void requireTensors(Map<String, Safetensors> shards) {
    List<String> lacking =
        shardOfTensor.entrySet().stream()
            .filter(entry -> !shards.get(entry.getValue()).names().contains(entry.getKey()))
            .map(Map.Entry::getKey)
            .toList();
    if (!lacking.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot read %s: its shards lack %d of its %d tensors: %s"
              .formatted(path, lacking.size(), shardOfTensor.size(), Excerpt.names(lacking)));
    }
  }
}
