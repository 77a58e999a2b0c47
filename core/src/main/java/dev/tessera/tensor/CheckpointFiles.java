package dev.tessera.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Which file a user means by the path of a checkpoint. */
final class CheckpointFiles {
  private static final String SUFFIX = ".safetensors";
  private static final String INDEX_SUFFIX = ".json";
  private static final List<String> USUAL =
      List.of("model.safetensors", "model.safetensors.index.json");
  private static final List<String> PICKLES = List.of(".pt", ".pth", ".bin", ".ckpt", ".pkl");

  private CheckpointFiles() {}

  /**
   * The safetensors file or index that {@code path} is or holds.
   *
   * @throws IllegalArgumentException if there is none, or more than one
   */
  static Path weightsFile(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(
          "Cannot read weights %s: no such file or directory".formatted(path));
    }
    if (!Files.isDirectory(path)) {
      return path;
    }
    for (String usual : USUAL) {
      if (Files.exists(path.resolve(usual))) {
        return path.resolve(usual);
      }
    }
    return onlyFile(path);
  }

  static boolean isIndex(Path file) {
    return file.getFileName().toString().endsWith(INDEX_SUFFIX);
  }

  private static Path onlyFile(Path directory) throws IOException {
    List<String> names = names(directory);
    List<String> found = names.stream().filter(name -> name.endsWith(SUFFIX)).toList();
    if (found.size() == 1) {
      return directory.resolve(found.get(0));
    }
    throw new IllegalArgumentException(
        "Cannot read weights %s: %s".formatted(directory, why(names, found)));
  }

  private static String why(List<String> names, List<String> found) {
    if (!found.isEmpty()) {
      return "it holds %d safetensors files and none is named %s; name one of %s"
          .formatted(found.size(), String.join(" or ", USUAL), Excerpt.names(found));
    }
    List<String> pickles = names.stream().filter(CheckpointFiles::isPickle).toList();
    return pickles.isEmpty()
        ? "it holds no safetensors file"
        : "it holds no safetensors file but %s; %s"
            .formatted(Excerpt.names(pickles), FileHead.PICKLE);
  }

  private static boolean isPickle(String name) {
    return PICKLES.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
