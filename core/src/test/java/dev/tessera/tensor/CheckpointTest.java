package dev.tessera.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir Path folder;

  /** A file of scalars, each with a value. */
  private Path write(String file, Map<String, Float> values) throws IOException {
    List<TensorInfo> tensors =
        values.keySet().stream().sorted().map(name -> TensorInfo.of(name, DType.F32)).toList();
    Path path = folder.resolve(file);
    try (SafetensorsWriter writer = SafetensorsWriter.create(path, tensors, Map.of())) {
      for (TensorInfo tensor : tensors) {
        writer.write(tensor.name(), new float[] {values.get(tensor.name())});
      }
      writer.finish();
    }
    return path;
  }

  private void writeIndex(String weightMap) throws IOException {
    Files.writeString(
        folder.resolve(INDEX),
        "{\"metadata\":{\"total_size\":12},\"weight_map\":{%s}}".formatted(weightMap));
  }

  private static void assertRefused(ThrowingCallable open, String... parts) {
    assertThatThrownBy(open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read ")
        .hasMessageContainingAll(parts)
        .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "model.safetensors, model.safetensors",
    "model.safetensors, .",
    "tiny.safetensors, ."
  })
  void oneFileIsACheckpoint(String file, String opened) throws IOException {
    write(file, Map.of("b", 2f, "a", 1f));

    try (Checkpoint checkpoint = Checkpoint.open(folder.resolve(opened).normalize())) {
      assertThat(checkpoint.names()).containsExactly("a", "b");
      assertThat(checkpoint.floats("b")).containsExactly(2);
      assertThat(checkpoint.parameters()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".", INDEX})
  void shardsAreSeenAsOne(String opened) throws IOException {
    write("model-00002-of-00002.safetensors", Map.of("a", 1f, "notListed", 5f));
    write("model-00001-of-00002.safetensors", Map.of("b", 2f, "c", 3f, "a", 9f));
    writeIndex(
        """
        "a":"model-00002-of-00002.safetensors","b":"model-00001-of-00002.safetensors",
        "c":"model-00001-of-00002.safetensors"
        """);

    try (Checkpoint checkpoint = Checkpoint.open(folder.resolve(opened).normalize())) {
      assertThat(checkpoint.names()).containsExactly("b", "c", "a");
      assertThat(checkpoint.floats("a")).containsExactly(1);
      assertThat(checkpoint.floats("c")).containsExactly(3);
      assertThat(checkpoint.info("b").dtype()).isEqualTo(DType.F32);
      assertThat(checkpoint.parameters()).isEqualTo(3);
      assertThatThrownBy(() -> checkpoint.bytes("notListed"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Cannot read tensor 'notListed': ")
          .hasMessageEndingWith("has none of that name");
    }
  }

  @Test
  void digestIsThatOfTheFilesInOrder() throws IOException, NoSuchAlgorithmException {
    Path second = write("s2.safetensors", Map.of("a", 1f));
    Path first = write("s1.safetensors", Map.of("b", 2f));
    writeIndex("\"a\":\"s2.safetensors\",\"b\":\"s1.safetensors\"");
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update(Files.readAllBytes(first));

    try (Checkpoint both = Checkpoint.open(folder)) {
      assertThat(both.digest())
          .isEqualTo(HexFormat.of().formatHex(sha256.digest(Files.readAllBytes(second))));
    }
    try (Checkpoint one = Checkpoint.open(first)) {
      assertThat(one.digest())
          .isEqualTo(HexFormat.of().formatHex(sha256.digest(Files.readAllBytes(first))));
    }
  }

  @Test
  void digestOfAFileLongerThanABlockIsRight() throws IOException {
    try (Checkpoint golden =
        Checkpoint.open(GoldenTensors.path("vggt_tiny.caseC_1x56x56.safetensors"))) {
      assertThat(golden.digest())
          .isEqualTo("2697564a040182e14490f2773eeb0bb2a2c37d2097d5aebf97cd8705109144a2");
    }
  }

  @Test
  void pathThatIsNotThereIsNamed() {
    Path path = folder.resolve("nowhere");

    assertRefused(() -> Checkpoint.open(path), "weights " + path + ": no such file or directory");
  }

  @Test
  void directoryWithoutWeightsIsRefused() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");

    assertRefused(() -> Checkpoint.open(folder), folder + ": it holds no safetensors file");
  }

  @Test
  void directoryWithSeveralModelsIsRefused() throws IOException {
    write("a.safetensors", Map.of());
    write("b.safetensors", Map.of());

    assertRefused(
        () -> Checkpoint.open(folder),
        "it holds 2 safetensors files",
        "name one of ['a.safetensors', 'b.safetensors']");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.pt", "pytorch_model.bin", "Model.PTH", "last.ckpt"})
  void pickleIsRefusedAndTheReasonSaid(String file) throws IOException {
    Files.write(folder.resolve(file), new byte[] {'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0, 0, 0});
    String reason = "a pickle can run any code when it is opened";

    assertRefused(() -> Checkpoint.open(folder.resolve(file)), file + ": " + reason);
    assertRefused(() -> Checkpoint.open(folder), "no safetensors file but ['" + file, reason);
  }

  @Test
  void missingShardsAreNamed() throws IOException {
    write("s1.safetensors", Map.of("a", 1f));
    writeIndex("\"a\":\"s1.safetensors\",\"b\":\"s2.safetensors\",\"c\":\"s3.safetensors\"");

    assertRefused(
        () -> Checkpoint.open(folder),
        INDEX + ": 2 of its 3 shards are not there: ['s2.safetensors', 's3.safetensors']");
  }

  @Test
  void tensorsThatAShardLacksAreNamed() throws IOException {
    write("s1.safetensors", Map.of("a", 1f));
    writeIndex("\"a\":\"s1.safetensors\",\"b\":\"s1.safetensors\"");

    assertRefused(
        () -> Checkpoint.open(folder), INDEX + ": its shards lack 1 of its 2 tensors: ['b']");
  }

  @Test
  void badShardIsNamed() throws IOException {
    Files.write(folder.resolve("s1.safetensors"), new byte[9]);
    writeIndex("\"a\":\"s1.safetensors\"");

    assertRefused(() -> Checkpoint.open(folder), "s1.safetensors: it is not a safetensors file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../s1.safetensors", "/s1.safetensors", "a/s1", "..", "", "a\\\\b"})
  void shardsLieBesideTheIndex(String shard) throws IOException {
    writeIndex("\"a\":\"%s\"".formatted(shard));

    assertRefused(() -> Checkpoint.open(folder), "is not the name of a file beside the index");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"weight_map\":{}}     | it has no weight_map with tensors",
        "{\"weights\":{}}        | it has no weight_map with tensors",
        "{\"weight_map\":[]}     | weight_map must be an object, is BEGIN_ARRAY",
        "{\"weight_map\":{\"a\":1}} | weight_map must be a string, is NUMBER",
        "[]                      | the index must be an object",
        "{\"weight_map\"         | the index is not valid JSON",
      })
  void badIndexIsRefused(String text, String why) throws IOException {
    Files.writeString(folder.resolve(INDEX), text);

    assertRefused(() -> Checkpoint.open(folder), INDEX + ": " + why);
  }
}
