package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.tensor.DType;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A network of sizes that no other has, with random weights, and images for it. */
record SmallModel(Path weights, Path config, Path images) {
  static final int VIEWS = 3;
  static final int HEIGHT = 48;
  static final int WIDTH = 64;
  static final int DEPTH = 6;
  static final int EMBED_DIM = 40;
  static final int ITERATIONS = 3;

  private static final String CONFIG =
      """
      {"embed_dim": 40, "num_heads": 2, "depth": 6, "patch_size": 16, "img_size": 160,
       "vit_depth": 3, "vit_heads": 5, "num_register_tokens": 2, "mlp_ratio": 3,
       "intermediate_layer_idx": [1, 2, 4, 5], "camera_trunk_depth": 1, "camera_heads": 4,
       "camera_iterations": 3, "dpt_features": 24, "dpt_out_channels": [8, 16, 24, 32]%s}""";

  private static final String TTT = ", \"ttt\": {\"mlp_ratio\": 2, \"muon_update_steps\": 4}";

  /** Makes its files in a folder, the weights by {@code model random}. */
  static SmallModel make(Path folder, boolean fastWeights, String... further) throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(config, CONFIG.formatted(fastWeights ? TTT : ""));
    Path weights = folder.resolve("weights.safetensors");
    List<String> arguments =
        List.of(
            "model", "random", "--model-config", config.toString(), "--out", weights.toString());
    CommandLineRun run = CommandLineRun.of(arguments, further);
    assertThat(run.exitCode()).as(run.err()).isZero();
    byte[] pixels = new byte[VIEWS * 3 * HEIGHT * WIDTH];
    new Random(4).nextBytes(pixels);
    TensorInfo info = TensorInfo.of("photos", DType.U8, VIEWS, 3, HEIGHT, WIDTH);
    Path images = TensorFiles.single(folder.resolve("images.safetensors"), info, pixels);
    return new SmallModel(weights, config, images);
  }

  /** {@code model run} on its files. */
  CommandLineRun run(Path out, String... further) {
    return CommandLineRun.of(runArguments(out), further);
  }

  private List<String> runArguments(Path out) {
    return new ArrayList<>(
        List.of(
            "model",
            "run",
            "--weights",
            weights.toString(),
            "--images",
            images.toString(),
            "--out",
            out.toString()));
  }

  SmallModel withWeights(Path other) {
    return new SmallModel(other, config, images);
  }

  SmallModel withImages(Path other) {
    return new SmallModel(weights, config, other);
  }

  /** {@code model info} on its weights. */
  CommandLineRun info(String... further) {
    return CommandLineRun.of(List.of("model", "info", "--weights", weights.toString()), further);
  }
}
