package dev.tessera.backbone;

import dev.tessera.backbone.VggtConfig.Camera;
import dev.tessera.backbone.VggtConfig.Dense;
import dev.tessera.backbone.VggtConfig.FastWeightLayers;
import dev.tessera.backbone.VggtConfig.Vit;
import dev.tessera.tensor.TensorSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Reads the sizes of a network off the shapes of its weights, beside what its config file says. */
final class VggtShapes {
  // The released models, where neither the weights nor a config file say.
  private static final List<Integer> RELEASED_TAPS = List.of(4, 11, 17, 23);
  private static final int RELEASED_DEPTH = 24;
  private static final int RELEASED_VIT_HEAD_WIDTH = 64;
  private static final int RELEASED_CAMERA_HEADS = 16;
  private static final int RELEASED_ITERATIONS = 4;
  private static final double RELEASED_ROPE_BASE = 100;
  private static final double RELEASED_VIT_EPS = 1e-6;
  private static final double RELEASED_EPS = 1e-5;
  private static final int RELEASED_MUON_STEPS = 5;
  private static final double RELEASED_BASE_LEARNING_RATE = 0.01;

  private final TensorSource checkpoint;
  private final ConfigFile file;

  VggtShapes(TensorSource checkpoint, ConfigFile file) {
    this.checkpoint = checkpoint;
    this.file = file;
  }

  VggtConfig config() {
    int width = agreed("embed_dim", size("aggregator.camera_token", 3));
    int depth = agreed("depth", count("aggregator.frame_blocks."));
    String qNorm = "aggregator.frame_blocks.0.attn.q_norm.weight";
    int heads =
        checkpoint.names().contains(qNorm)
            ? agreed("num_heads", width / size(qNorm, 0))
            : said("num_heads", width / RELEASED_VIT_HEAD_WIDTH);
    return new VggtConfig(
        width,
        heads,
        depth,
        agreed("patch_size", size("aggregator.patch_embed.patch_embed.proj.weight", 3)),
        vit(width),
        agreed("num_register_tokens", size("aggregator.register_token", 2)),
        taps(depth),
        file.number("rope_freq").orElse(RELEASED_ROPE_BASE),
        file.number("ln_eps_aggregator").orElse(RELEASED_EPS),
        new Camera(
            agreed("camera_trunk_depth", count("camera_head.trunk.")),
            said("camera_heads", RELEASED_CAMERA_HEADS),
            said("camera_iterations", RELEASED_ITERATIONS)),
        dense(),
        checkpoint.names().contains("point_head.norm.weight"),
        fastWeights());
  }

  private Vit vit(int width) {
    int positions = size("aggregator.patch_embed.pos_embed", 1) - 1;
    int side = (int) Math.round(Math.sqrt(positions));
    if (side * side != positions) {
      throw new IllegalArgumentException(
          "Cannot build the network: pos_embed has %d patch positions, not a square"
              .formatted(positions));
    }
    return new Vit(
        agreed("vit_depth", count("aggregator.patch_embed.blocks.")),
        said("vit_heads", Math.max(1, width / RELEASED_VIT_HEAD_WIDTH)),
        side,
        file.number("ln_eps_vit").orElse(RELEASED_VIT_EPS));
  }

  private List<Integer> taps(int depth) {
    List<Integer> said = file.integers("intermediate_layer_idx");
    if (!said.isEmpty()) {
      return said;
    }
    if (depth == RELEASED_DEPTH) {
      return RELEASED_TAPS;
    }
    throw new IllegalArgumentException(
        "Cannot build a network of %d layers: its config must say intermediate_layer_idx (%s)"
            .formatted(depth, file));
  }

  private Dense dense() {
    return new Dense(
        agreed("dpt_features", size("depth_head.scratch.layer1_rn.weight", 0)),
        IntStream.range(0, VggtConfig.TAPS)
            .mapToObj(i -> size("depth_head.projects." + i + ".weight", 0))
            .toList(),
        size("depth_head.scratch.output_conv2.0.weight", 0));
  }

  private Optional<FastWeightLayers> fastWeights() {
    String rate = "aggregator.global_blocks.0.attn.lr_fc.weight";
    if (!checkpoint.names().contains(rate)) {
      return Optional.empty();
    }
    ConfigFile ttt = file.within("ttt");
    String w0 = "aggregator.global_blocks.0.attn.w0";
    return Optional.of(
        new FastWeightLayers(
            size(w0, 0),
            size(w0, 2),
            ttt.integer("muon_update_steps").orElse(RELEASED_MUON_STEPS),
            ttt.number("base_lr").orElse(RELEASED_BASE_LEARNING_RATE),
            ttt.flag("div_lr_by_seq_len"),
            ttt.flag("norm_ttt_grad")));
  }

  /** What the file says, or else {@code otherwise}. */
  private int said(String name, int otherwise) {
    return file.integer(name).orElse(otherwise);
  }

  /** What the weights say, which the file must not contradict. */
  private int agreed(String name, int fromWeights) {
    OptionalInt said = file.integer(name);
    if (said.isPresent() && said.getAsInt() != fromWeights) {
      throw new IllegalArgumentException(
          "Cannot use model config %s: %s is %d there, but %d in the weights"
              .formatted(file, name, said.getAsInt(), fromWeights));
    }
    return fromWeights;
  }

  /** An extent of a tensor that every VGGT has. */
  private int size(String name, int axis) {
    if (!checkpoint.names().contains(name)) {
      throw new IllegalArgumentException(
          "Cannot build the network: the weights have no '%s', so they are not of a VGGT or VGG-T3"
              .formatted(name));
    }
    List<Long> shape = checkpoint.info(name).shape();
    if (axis >= shape.size()) {
      throw new IllegalArgumentException(
          "Cannot build the network: '%s' has the shape %s".formatted(name, shape));
    }
    return Math.toIntExact(shape.get(axis));
  }

  /** How many numbered modules there are under a prefix: one more than the largest number. */
  private int count(String prefix) {
    Pattern numbered = Pattern.compile(Pattern.quote(prefix) + "(\\d{1,6})\\..*");
    return checkpoint.names().stream()
        .map(numbered::matcher)
        .filter(Matcher::matches)
        .mapToInt(m -> Integer.parseInt(m.group(1)) + 1)
        .max()
        .orElse(0);
  }
}
