package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.backbone.Vggt;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.reconstruct.VggtSpec.PointSelection;
import dev.tessera.tensor.Precision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VggtSpecTest {
  private static final NetworkInput INPUT = VggtEngineTest.INPUT;
  private static final Vggt.Options OPTIONS = Vggt.Options.defaults();
  private static final PointSelection POINTS = VggtEngineTest.ALL_POINTS;

  @TempDir Path folder;

  private VggtSpec fast() throws IOException {
    return spec(RandomVggt.fastWeights().write(folder.resolve("fast")));
  }

  private static VggtSpec spec(Path weights) {
    return VggtSpec.of(VggtSpec.FAST_WEIGHTS, weights, null, INPUT, Precision.F32, OPTIONS, POINTS);
  }

  @Test
  void fingerprintSaysAllThatChangesAScene() throws IOException {
    VggtSpec spec = fast();
    Path other = RandomVggt.fastWeights().withSeed(2).write(folder.resolve("other"));
    Path weights = Path.of(spec.weights());

    assertThat(
            List.of(
                spec,
                spec(other),
                VggtSpec.of(
                    VggtSpec.FAST_WEIGHTS, weights, null, INPUT, Precision.BF16, OPTIONS, POINTS),
                with(INPUT, OPTIONS.withSteps(1), POINTS),
                with(new NetworkInput(NetworkInput.Mode.PAD, 70, 14, 1), OPTIONS, POINTS),
                with(new NetworkInput(NetworkInput.Mode.CROP, 84, 14, 1), OPTIONS, POINTS),
                with(INPUT, OPTIONS, new PointSelection(0.5, 2)),
                with(INPUT, OPTIONS, new PointSelection(0, 3))))
        .extracting(VggtSpec::fingerprint)
        .doesNotHaveDuplicates();
  }

  private VggtSpec with(NetworkInput input, Vggt.Options options, PointSelection points) {
    return VggtSpec.of(
        VggtSpec.FAST_WEIGHTS, folder.resolve("fast"), null, input, Precision.F32, options, points);
  }

  @Test
  void configFileIsPartOfTheFingerprint() throws IOException {
    VggtSpec spec = fast();
    Path config = folder.resolve("other.json");
    String said = Files.readString(Path.of(spec.weights()).resolve("config.json"));
    Files.writeString(config, said.replaceFirst("\\{", "{\"ttt\": {\"base_lr\": 0.02},"));

    VggtSpec other =
        VggtSpec.of(
            VggtSpec.FAST_WEIGHTS,
            Path.of(spec.weights()),
            config,
            INPUT,
            Precision.F32,
            OPTIONS,
            POINTS);

    assertThat(other.fingerprint()).isNotEqualTo(spec.fingerprint());
  }

  @Test
  void placeOfTheWeightsAndLimitsOfMemoryDoNotChangeTheFingerprint() throws IOException {
    VggtSpec spec = fast();
    Path copy = Files.createDirectories(folder.resolve("copy"));
    try (Stream<Path> files = Files.list(Path.of(spec.weights()))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }

    assertThat(spec(copy).fingerprint()).isEqualTo(spec.fingerprint());
    assertThat(spec(copy)).isNotEqualTo(spec);
    assertThat(with(INPUT, OPTIONS.withTokensPerGroup(100), POINTS).fingerprint())
        .isEqualTo(spec.fingerprint());
  }

  @Test
  void specIsEqualByValueAndTravels() throws IOException {
    VggtSpec spec = fast();

    assertThat(spec(Path.of(spec.weights()))).isEqualTo(spec);
    assertThat(Travel.there(spec)).isEqualTo(spec);
    assertThat(spec.weights()).isEqualTo(folder.resolve("fast").toAbsolutePath().toString());
  }

  @Test
  void specOpensTheEngineThatItNames() throws IOException {
    TexturedTown town = TexturedTown.seen(2);
    try (ReconstructionEngine engine = Travel.there(fast()).open(1)) {
      ChunkScene scene =
          ReconstructionEngineContract.scene(
              engine.reconstruct(town.chunk(), town.photos(), Progress.NONE));

      assertThat(scene.memory().kind()).isEqualTo(SceneMemory.FAST_WEIGHTS);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, vgg-t3, vggt", "16, vggt, vgg-t3"})
  void engineAndWeightsMustBelongTogether(int fastHidden, String asked, String held)
      throws IOException {
    Path weights =
        RandomVggt.softmax().withFastWeights(fastHidden).write(folder.resolve("weights"));

    assertRefused(
        () -> VggtSpec.of(asked, weights, null, INPUT, Precision.F32, OPTIONS, POINTS),
        "Cannot run engine %s on %s: these are weights of %s".formatted(asked, weights, held));
  }

  @Test
  void photosArePreparedInTheNetworksPatches() throws IOException {
    fast();

    assertRefused(
        () -> with(new NetworkInput(NetworkInput.Mode.CROP, 64, 16, 1), OPTIONS, POINTS),
        "Cannot prepare photos in patches of 16 pixels: the network has patches of 14");
  }

  @Test
  void weightsThatAreNotThereAreNamed() {
    Path missing = folder.resolve("nothing.safetensors");

    assertRefused(() -> spec(missing), missing.toString());
  }

  @Test
  void configThatIsNotThereIsNamed() throws IOException {
    Path missing = folder.resolve("nothing.json");
    Path weights = Path.of(fast().weights());

    assertRefused(
        () ->
            VggtSpec.of(
                VggtSpec.FAST_WEIGHTS, weights, missing, INPUT, Precision.F32, OPTIONS, POINTS),
        "Cannot read model config " + missing);
  }

  /** Not the first alone: whoever converts a checkpoint wants to know all. */
  @Test
  void allMissingWeightsAreNamedAtOnce() throws IOException {
    Path weights = RandomVggt.fastWeights().write(folder.resolve("weights"));
    Path file = weights.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    String head = "\"camera_head.trunk_norm.weight\"";
    replace(bytes, head, head.replace("trunk", "trank"));
    replace(bytes, "\"depth_head.norm.bias\"", "\"depth_head.norm.bios\"");
    Files.write(file, bytes);

    assertRefused(() -> spec(weights), "missing camera_head.trunk_norm.weight [32]");
    assertRefused(() -> spec(weights), "missing depth_head.norm.bias [32]");
    assertRefused(() -> spec(weights), "unknown keys: 2");
  }

  private static void replace(byte[] bytes, String old, String other) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    byte[] with = other.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(with, 0, bytes, text.indexOf(old), with.length);
  }

  @ParameterizedTest
  @CsvSource({"-0.1, 1", "1, 1", "NaN, 1", "0.5, 0"})
  void pointsAreSelectedByAConfidenceAndAStride(double minConfidence, int stride) {
    assertRefused(
        () -> new PointSelection(minConfidence, stride),
        "Points need a confidence in [0, 1) and a stride of at least 1, was %s and %d"
            .formatted(minConfidence, stride));
  }

  private static void assertRefused(ThrowingCallable call, String why) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why)
        .hasMessageNotContaining("\n");
  }
}
