package dev.tessera.jobs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tessera.tensor.Safetensors;
import dev.tessera.tensor.SafetensorsWriter;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Safetensors files for tests: the reference's, and damaged ones. */
final class TensorFiles {
  private TensorFiles() {}

  /**
   * A file of the reference's tensors. Some are test resources of core; the test is skipped where
   * the others are not.
   */
  static Path golden(String name) {
    String named = System.getenv("TESSERA_SHARED");
    Path shared = named != null ? Path.of(named) : Path.of("..", "..", "shared");
    Path found =
        Stream.of(Path.of("..", "core", "src", "test", "resources"), shared)
            .map(root -> root.resolve("golden").resolve("vggt").resolve(name))
            .filter(Files::exists)
            .findFirst()
            .orElse(null);
    assumeTrue(found != null, () -> "golden file " + name + " is not there; set TESSERA_SHARED");
    return found;
  }

  /** Copies a file; {@code change} answers what becomes of a tensor, null where it is left out. */
  static Path rewritten(Path from, Path to, UnaryOperator<TensorInfo> change) throws IOException {
    try (Safetensors source = Safetensors.open(from)) {
      List<TensorInfo> kept =
          source.names().stream().map(source::info).map(change).filter(Objects::nonNull).toList();
      try (SafetensorsWriter writer = SafetensorsWriter.create(to, kept, Map.of())) {
        for (TensorInfo tensor : kept) {
          boolean same =
              source.names().contains(tensor.name()) && source.info(tensor.name()).equals(tensor);
          ByteBuffer zeros = ByteBuffer.allocate((int) tensor.bytes());
          writer.write(tensor.name(), same ? source.bytes(tensor.name()) : zeros);
        }
        writer.finish();
      }
    }
    return to;
  }

  /** A file with one tensor. */
  static Path single(Path to, TensorInfo tensor, byte[] bytes) throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.create(to, List.of(tensor), Map.of())) {
      writer.write(tensor.name(), ByteBuffer.wrap(bytes));
      writer.finish();
    }
    return to;
  }

  /** The names of a folder's files, hidden ones too. */
  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names = new ArrayList<>();
      files.forEach(file -> names.add(file.getFileName().toString()));
      return names;
    }
  }
}
