package dev.tessera.backbone;

import dev.tessera.backbone.VggtConfig.Camera;
import dev.tessera.backbone.VggtConfig.Dense;
import dev.tessera.backbone.VggtConfig.FastWeightLayers;
import dev.tessera.backbone.VggtConfig.Vit;
import dev.tessera.backbone.VggtSizes.Origin;
import dev.tessera.backbone.VggtSizes.Size;
import dev.tessera.tensor.TensorSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Reads the sizes of a network off the shapes of its weights, beside what its config file says; or
 * from the file alone, for a network that has no weights yet.
 */
final class VggtShapes {
  private static final String FIRST_TENSOR = "aggregator.camera_token";
  private static final String QUERY_NORM = "aggregator.frame_blocks.0.attn.q_norm.weight";
  private static final String POSITIONS = "aggregator.patch_embed.pos_embed";
  private static final String FAST = "aggregator.global_blocks.0.attn.";

  // The released models, where neither the weights nor a config file say.
  private static final int RELEASED_WIDTH = 1024;
  private static final List<Integer> RELEASED_TAPS = List.of(4, 11, 17, 23);
  private static final int RELEASED_DEPTH = 24;
  private static final int RELEASED_PATCH = 14;
  private static final int RELEASED_SIDE_PIXELS = 518;
  private static final int RELEASED_REGISTERS = 4;
  private static final int RELEASED_HEAD_WIDTH = 64;
  private static final int RELEASED_CAMERA_TRUNK = 4;
  private static final int RELEASED_CAMERA_HEADS = 16;
  private static final int RELEASED_ITERATIONS = 4;
  private static final int RELEASED_FEATURES = 256;
  private static final List<Integer> RELEASED_CHANNELS = List.of(256, 512, 1024, 1024);
  private static final int RELEASED_DENSE_HIDDEN = 32;
  private static final double RELEASED_ROPE_BASE = 100;
  private static final double RELEASED_VIT_EPS = 1e-6;
  private static final double RELEASED_EPS = 1e-5;
  private static final double RELEASED_MLP_RATIO = 4;
  private static final int RELEASED_MUON_STEPS = 5;
  private static final double RELEASED_BASE_LEARNING_RATE = 0.01;
  private static final List<Integer> RELEASED_CONVOLUTIONS = List.of(0, 0, 3);

  private final TensorSource weights; // null where there are none
  private final ConfigFile file;
  private final List<Size> sizes = new ArrayList<>();

  VggtShapes(TensorSource weights, ConfigFile file) {
    this.weights = weights;
    this.file = file;
  }

  /** The sizes of a network that has no weights yet. */
  static VggtShapes ofFile(ConfigFile file) {
    return new VggtShapes(null, file);
  }

  /** What {@link #config} has found, and where. */
  List<Size> sizes() {
    return sizes;
  }

  VggtConfig config() {
    if (weights != null && !has(FIRST_TENSOR)) {
      throw new IllegalArgumentException(
          "Cannot build the network: the weights have no '%s', so they are not of a VGGT or VGG-T3"
              .formatted(FIRST_TENSOR));
    }
    int width = size("embed_dim", FIRST_TENSOR, 3, RELEASED_WIDTH);
    int depth = modules("depth", "aggregator.frame_blocks.", RELEASED_DEPTH);
    int heads = heads(width);
    int patch =
        size("patch_size", "aggregator.patch_embed.patch_embed.proj.weight", 3, RELEASED_PATCH);
    return new VggtConfig(
        width,
        heads,
        depth,
        patch,
        vit(width, patch),
        size("num_register_tokens", "aggregator.register_token", 2, RELEASED_REGISTERS),
        taps(depth),
        number(file, "", "rope_freq", RELEASED_ROPE_BASE),
        number(file, "", "ln_eps_aggregator", RELEASED_EPS),
        new Camera(
            modules("camera_trunk_depth", "camera_head.trunk.", RELEASED_CAMERA_TRUNK),
            said(file, "", "camera_heads", RELEASED_CAMERA_HEADS),
            said(file, "", "camera_iterations", RELEASED_ITERATIONS)),
        dense(),
        weights == null || has("point_head.norm.weight"),
        fastWeights(width, heads));
  }

  /** The hidden sizes of a network that has no weights yet. */
  HiddenSizes hidden() {
    double ratio = ratio(file, "");
    List<Integer> sides = file.within("ttt").integers("short_conv_size_qkv");
    if (!sides.isEmpty() && (sides.size() != 3 || !sides.stream().allMatch(this::isKernel))) {
      throw new IllegalArgumentException(
          "Cannot use model config %s: short_conv_size_qkv must be three odd sides or 0, was %s"
              .formatted(file, sides));
    }
    return new StatedSizes(ratio, sides.isEmpty() ? RELEASED_CONVOLUTIONS : sides);
  }

  private boolean isKernel(int side) {
    return side == 0 || side > 0 && side % 2 == 1;
  }

  private int heads(int width) {
    return has(QUERY_NORM)
        ? agreed("num_heads", width / extent(QUERY_NORM, 0))
        : said(file, "", "num_heads", width / RELEASED_HEAD_WIDTH);
  }

  private Vit vit(int width, int patch) {
    return new Vit(
        modules("vit_depth", "aggregator.patch_embed.blocks.", RELEASED_DEPTH),
        said(file, "", "vit_heads", Math.max(1, width / RELEASED_HEAD_WIDTH)),
        gridSide(patch),
        number(file, "", "ln_eps_vit", RELEASED_VIT_EPS));
  }

  private int gridSide(int patch) {
    if (!has(POSITIONS)) {
      if (weights != null && file.integer("img_size").isEmpty()) {
        throw unsaid("img_size", POSITIONS);
      }
      int pixels = said(file, "", "img_size", RELEASED_SIDE_PIXELS);
      if (pixels % patch != 0) {
        throw new IllegalArgumentException(
            "Cannot use model config %s: img_size %d is not a multiple of patch_size %d"
                .formatted(file, pixels, patch));
      }
      return pixels / patch;
    }
    int positions = extent(POSITIONS, 1) - 1;
    int side = (int) Math.round(Math.sqrt(positions));
    if (side < 1 || side * side != positions) {
      throw new IllegalArgumentException(
          "Cannot build the network: pos_embed has %d patch positions, not a square"
              .formatted(positions));
    }
    agreed("img_size", side * patch);
    return side;
  }

  private List<Integer> taps(int depth) {
    List<Integer> said = file.integers("intermediate_layer_idx");
    if (said.isEmpty() && depth != RELEASED_DEPTH) {
      throw new IllegalArgumentException(
          "Cannot build a network of %d layers: its config must say intermediate_layer_idx (%s)"
              .formatted(depth, file));
    }
    return found("intermediate_layer_idx", said, RELEASED_TAPS);
  }

  private Dense dense() {
    return new Dense(
        size("dpt_features", "depth_head.scratch.layer1_rn.weight", 0, RELEASED_FEATURES),
        channels(),
        size("dpt_hidden", "depth_head.scratch.output_conv2.0.weight", 0, RELEASED_DENSE_HIDDEN));
  }

  private List<Integer> channels() {
    String key = "dpt_out_channels";
    List<Integer> said = file.integers(key);
    List<String> tensors =
        IntStream.range(0, VggtConfig.TAPS)
            .mapToObj(i -> "depth_head.projects." + i + ".weight")
            .toList();
    if (!tensors.stream().allMatch(this::has)) {
      if (weights != null && said.isEmpty()) {
        throw unsaid(key, tensors.stream().filter(t -> !has(t)).findFirst().orElseThrow());
      }
      List<Integer> channels = found(key, said, RELEASED_CHANNELS);
      if (channels.size() != VggtConfig.TAPS || channels.stream().anyMatch(c -> c < 1)) {
        throw new IllegalArgumentException(
            "Cannot use model config %s: %s must be %d numbers above 0, was %s"
                .formatted(file, key, VggtConfig.TAPS, channels));
      }
      return channels;
    }
    List<Integer> stored = tensors.stream().map(tensor -> extent(tensor, 0)).toList();
    if (!said.isEmpty() && !said.equals(stored)) {
      throw contradiction(key, said, stored);
    }
    sizes.add(new Size(key, stored.toString(), Origin.WEIGHTS));
    return stored;
  }

  private Optional<FastWeightLayers> fastWeights(int width, int heads) {
    boolean stored = has(FAST + "lr_fc.weight");
    if (weights != null && !stored && file.has("ttt")) {
      throw new IllegalArgumentException(
          "Cannot use model config %s: it has ttt, but the weights have no fast weights ('%s')"
              .formatted(file, FAST + "lr_fc.weight"));
    }
    if (!stored && !file.has("ttt")) {
      return Optional.empty();
    }
    ConfigFile ttt = file.within("ttt");
    String w0 = FAST + "w0";
    int fastHeads = has(w0) ? extent(w0, 0) : heads;
    int hidden = has(w0) ? extent(w0, 2) : (int) (ratio(ttt, "ttt.") * width / fastHeads);
    if (has(w0)) {
      sizes.add(new Size("ttt.heads", Integer.toString(fastHeads), Origin.WEIGHTS));
      sizes.add(new Size("ttt.hidden", Integer.toString(hidden), Origin.WEIGHTS));
    }
    return Optional.of(
        new FastWeightLayers(
            fastHeads,
            hidden,
            said(ttt, "ttt.", "muon_update_steps", RELEASED_MUON_STEPS),
            number(ttt, "ttt.", "base_lr", RELEASED_BASE_LEARNING_RATE),
            ttt.flag("div_lr_by_seq_len"),
            ttt.flag("norm_ttt_grad")));
  }

  /** Widths of a hidden layer in widths of its input, where no weights say. */
  private double ratio(ConfigFile where, String prefix) {
    double ratio = number(where, prefix, "mlp_ratio", RELEASED_MLP_RATIO);
    if (!(ratio >= 1)) {
      throw new IllegalArgumentException(
          "Cannot use model config %s: mlp_ratio must be at least 1, was %s"
              .formatted(file, ratio));
    }
    return ratio;
  }

  /** An extent of a tensor; where it is not stored, what the file says or the models have. */
  private int size(String key, String tensor, int axis, int released) {
    if (has(tensor)) {
      return agreed(key, extent(tensor, axis));
    }
    if (weights != null && file.integer(key).isEmpty()) {
      throw unsaid(key, tensor);
    }
    return said(file, "", key, released);
  }

  /** A number of modules; where none is stored, what the file says or the models have. */
  private int modules(String key, String prefix, int released) {
    int stored = weights == null ? 0 : count(prefix);
    if (stored > 0) {
      return agreed(key, stored);
    }
    if (weights != null && file.integer(key).isEmpty()) {
      throw unsaid(key, prefix + "0");
    }
    return said(file, "", key, released);
  }

  /** What the file says, or else the released models. */
  private int said(ConfigFile where, String prefix, String key, int released) {
    OptionalInt said = where.integer(key);
    int value = said.orElse(released);
    sizes.add(new Size(prefix + key, Integer.toString(value), origin(said.isPresent())));
    return value;
  }

  private double number(ConfigFile where, String prefix, String key, double released) {
    double value = where.number(key).orElse(released);
    sizes.add(new Size(prefix + key, Double.toString(value), origin(where.has(key))));
    return value;
  }

  private List<Integer> found(String key, List<Integer> said, List<Integer> released) {
    List<Integer> value = said.isEmpty() ? released : said;
    sizes.add(new Size(key, value.toString(), origin(!said.isEmpty())));
    return value;
  }

  private static Origin origin(boolean said) {
    return said ? Origin.CONFIG : Origin.DEFAULT;
  }

  /** What the weights say, which the file must not contradict. */
  private int agreed(String key, int stored) {
    OptionalInt said = file.integer(key);
    if (said.isPresent() && said.getAsInt() != stored) {
      throw contradiction(key, said.getAsInt(), stored);
    }
    sizes.add(new Size(key, Integer.toString(stored), Origin.WEIGHTS));
    return stored;
  }

  private IllegalArgumentException contradiction(String key, Object said, Object stored) {
    return new IllegalArgumentException(
        "Cannot use model config %s: %s is %s there, but %s in the weights"
            .formatted(file, key, said, stored));
  }

  private IllegalArgumentException unsaid(String key, String tensor) {
    return new IllegalArgumentException(
        "Cannot build the network: the weights have no '%s', and its config does not say %s (%s)"
            .formatted(tensor, key, file));
  }

  private boolean has(String tensor) {
    return weights != null && weights.names().contains(tensor);
  }

  private int extent(String tensor, int axis) {
    List<Long> shape = weights.info(tensor).shape();
    if (axis >= shape.size() || shape.get(axis) < 1 || shape.get(axis) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Cannot build the network: '%s' has the shape %s".formatted(tensor, shape));
    }
    return shape.get(axis).intValue();
  }

  /** How many numbered modules there are under a prefix: one more than the largest number. */
  private int count(String prefix) {
    Pattern numbered = Pattern.compile(Pattern.quote(prefix) + "(\\d{1,6})\\..*");
    return weights.names().stream()
        .map(numbered::matcher)
        .filter(Matcher::matches)
        .mapToInt(m -> Integer.parseInt(m.group(1)) + 1)
        .max()
        .orElse(0);
  }
}
