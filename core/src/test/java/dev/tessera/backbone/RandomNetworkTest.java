package dev.tessera.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks that are made from a config alone. */
class RandomNetworkTest {
  private static final String SMALL =
      """
      {"embed_dim": 32, "num_heads": 4, "depth": 5, "patch_size": 8, "img_size": 40,
       "vit_depth": 1, "vit_heads": 2, "num_register_tokens": 3, "mlp_ratio": 3,
       "intermediate_layer_idx": [0, 1, 2, 4], "camera_trunk_depth": 1, "camera_heads": 2,
       "camera_iterations": 2, "dpt_features": 16, "dpt_out_channels": [8, 8, 16, 16],
       "ttt": {"mlp_ratio": 2, "short_conv_size_qkv": [0, 3, 5]}}""";

  /** Of 10,000 numbers: five standard deviations of their mean square. */
  private static final double SAMPLE_ERROR = 5 * Math.sqrt(2.0 / 10_000);

  @TempDir Path temp;

  /** The lists of the released checkpoints, made by instantiating the official classes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"vggt_1b.txt; {}", "vgg_ttt.txt; {'ttt': {}}"})
  void namesAndShapesAreThoseOfTheReleasedModels(String list, String config) throws IOException {
    RandomNetwork network = RandomNetwork.of(file(config.replace('\'', '"')));

    Map<String, String> planned =
        network.tensors(DType.F32).stream()
            .collect(Collectors.toMap(TensorInfo::name, info -> info.shape().toString()));

    assertThat(planned).isEqualTo(released(list));
  }

  /** All but what no forward pass uses. */
  private static Map<String, String> released(String list) throws IOException {
    String named = System.getenv("TESSERA_SHARED");
    Path shared = named != null ? Path.of(named) : Path.of("..", "..", "shared");
    Path path = shared.resolve("specs").resolve("keys").resolve(list);
    assumeTrue(Files.exists(path), () -> "list of keys " + path + " is not there");
    return Files.readAllLines(path).stream()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .filter(line -> !line.startsWith("track_head.") && !line.contains("mask_token"))
        .map(line -> List.of(line.split("\t", 2)))
        .collect(Collectors.toMap(cells -> cells.get(0), cells -> cells.get(1)));
  }

  @Test
  void whatIsWrittenIsTheNetworkThatWasAsked() throws IOException {
    ConfigFile file = file(SMALL);
    RandomNetwork network = RandomNetwork.of(file);
    Path weights = temp.resolve("weights.safetensors");

    network.write(weights, DType.F32, 1, done -> {});

    try (Checkpoint checkpoint = Checkpoint.open(weights)) {
      assertThat(VggtConfig.of(checkpoint, file)).isEqualTo(network.config());
      assertThat(Vggt.match(checkpoint, network.config()).fits()).isTrue();
      assertThat(Vggt.match(checkpoint, network.config()).unknown()).isEmpty();
      assertThat(checkpoint.info("aggregator.frame_blocks.0.mlp.fc1.weight").shape())
          .containsExactly(96L, 32L);
      assertThat(checkpoint.info("aggregator.global_blocks.4.attn.w0").shape())
          .containsExactly(4L, 8L, 16L);
      assertThat(checkpoint.info("aggregator.global_blocks.4.attn.short_conv_qkv.2.conf.weight"))
          .extracting(TensorInfo::shape)
          .isEqualTo(List.of(32L, 1L, 5L, 5L));
    }
  }

  @Test
  void valuesAreRandomNormsOneAndLayerScalesATenth() throws IOException {
    RandomNetwork.of(file(SMALL)).write(temp.resolve("a"), DType.F32, 1, done -> {});

    try (Checkpoint checkpoint = Checkpoint.open(temp.resolve("a"))) {
      assertThat(checkpoint.floats("aggregator.frame_blocks.0.norm1.weight")).containsOnly(1);
      assertThat(checkpoint.floats("depth_head.norm.bias")).containsOnly(0);
      assertThat(checkpoint.floats("camera_head.trunk.0.ls1.gamma")).containsOnly(0.1f);
      double meanSquare = 0;
      double[] values = checkpoint.doubles("camera_head.poseLN_modulation.1.weight");
      for (double value : values) {
        meanSquare += value * value / values.length;
      }
      assertThat(values).hasSizeGreaterThan(10_000);
      assertThat(meanSquare / (0.02 * 0.02) - 1).isBetween(-SAMPLE_ERROR, SAMPLE_ERROR);
    }
  }

  @Test
  void theSameSeedGivesTheSameFileAndAnotherAnother() throws IOException {
    RandomNetwork network = RandomNetwork.of(file(SMALL));
    network.write(temp.resolve("a"), DType.BF16, 7, done -> {});
    network.write(temp.resolve("b"), DType.BF16, 7, done -> {});
    network.write(temp.resolve("c"), DType.BF16, 8, done -> {});

    assertThat(temp.resolve("a")).hasSameBinaryContentAs(temp.resolve("b"));
    assertThat(Files.mismatch(temp.resolve("a"), temp.resolve("c"))).isNotNegative();
    try (Checkpoint checkpoint = Checkpoint.open(temp.resolve("a"))) {
      assertThat(checkpoint.info("aggregator.camera_token").dtype()).isEqualTo(DType.BF16);
    }
  }

  @Test
  void equallyShapedTensorsDiffer() throws IOException {
    RandomNetwork.of(file(SMALL)).write(temp.resolve("a"), DType.F32, 1, done -> {});

    try (Checkpoint checkpoint = Checkpoint.open(temp.resolve("a"))) {
      assertThat(checkpoint.floats("aggregator.frame_blocks.0.attn.qkv.weight"))
          .isNotEqualTo(checkpoint.floats("aggregator.frame_blocks.1.attn.qkv.weight"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'img_size': 500}; img_size 500 is not a multiple of patch_size 14",
        "{'num_heads': 7}; num_heads 7 does not divide embed_dim 1024",
        "{'depth': 3}; its config must say intermediate_layer_idx",
        "{'intermediate_layer_idx': [1, 1, 2, 3]}; must be 4 different layers of 0 to 23",
        "{'mlp_ratio': 0.5}; mlp_ratio must be at least 1",
        "{'dpt_out_channels': [1, 2]}; dpt_out_channels must be 4 numbers above 0",
        "{'ttt': {'short_conv_size_qkv': [0, 2, 3]}}; must be three odd sides or 0"
      })
  void sizesThatCannotBeAreRefused(String configAndWhy) throws IOException {
    List<String> parts = List.of(configAndWhy.split("; ", 2));
    ConfigFile file = file(parts.get(0).replace('\'', '"'));

    assertThatThrownBy(() -> RandomNetwork.of(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(parts.get(1));
  }

  private ConfigFile file(String json) throws IOException {
    return ConfigFile.read(Files.writeString(temp.resolve("config.json"), json));
  }
}
