package dev.tessera.backbone;

import dev.tessera.tensor.TensorSource;
import java.util.List;
import java.util.Optional;

/**
 * The sizes of a VGGT or VGG-T3 network. Most follow from the shapes in the checkpoint; what does
 * not (head counts, tapped layers, constants) comes from a config file or is the released models'
 * value.
 *
 * @param width C, channels of a token
 * @param heads H of the frame and global blocks
 * @param depth pairs of a frame block and a global block
 * @param patchSize side of a patch in pixels
 * @param vit the vision transformer in front
 * @param registers register tokens per view, beside the one camera token
 * @param taps the pairs, from 0, whose outputs the heads see
 * @param ropeBase base of the rotary frequencies
 * @param normEps added to the variance in the norms of the frame and global blocks
 * @param camera the camera head
 * @param dense sizes of the dense heads
 * @param hasPointHead whether the checkpoint can predict points beside depth
 * @param fastWeights the global layers' fast weights; empty where they are softmax attention
 */
public record VggtConfig(
    int width,
    int heads,
    int depth,
    int patchSize,
    Vit vit,
    int registers,
    List<Integer> taps,
    double ropeBase,
    double normEps,
    Camera camera,
    Dense dense,
    boolean hasPointHead,
    Optional<FastWeightLayers> fastWeights) {

  /** Taps that the dense heads need. */
  static final int TAPS = 4;

  /** Features that a rotary half turns come in pairs, and a head has two halves. */
  private static final int ROTARY_MULTIPLE = 4;

  /**
   * The vision transformer.
   *
   * @param gridSide patches along each side of the learnt position embedding
   * @param normEps added to the variance in its norms
   */
  public record Vit(int depth, int heads, int gridSide, double normEps) {}

  /**
   * The camera head.
   *
   * @param trunkDepth blocks of its trunk
   * @param iterations refinements of the pose
   */
  public record Camera(int trunkDepth, int heads, int iterations) {}

  /**
   * The dense heads.
   *
   * @param features F, channels of the fused maps
   * @param channels of the four projected taps
   */
  public record Dense(int features, List<Integer> channels, int hidden) {}

  /**
   * The fast weights of the global layers.
   *
   * @param heads number of fast networks of a layer
   * @param hidden E, width of their hidden layers
   * @param muonSteps Newton-Schulz steps of an update
   * @param baseLearningRate what the learnt rate is where its layer answers zero
   * @param divideBySequence whether rates are divided by the number of tokens
   * @param normalizeGradient whether gradients are means rather than sums
   */
  public record FastWeightLayers(
      int heads,
      int hidden,
      int muonSteps,
      double baseLearningRate,
      boolean divideBySequence,
      boolean normalizeGradient) {}

  public VggtConfig {
    taps = List.copyOf(taps);
    requireDivides("num_heads", heads, "embed_dim", width);
    requireDivides("vit_heads", vit.heads(), "embed_dim", width);
    requireDivides("camera_heads", camera.heads(), "2 x embed_dim", 2 * width);
    if (width / heads % ROTARY_MULTIPLE != 0) {
      throw new IllegalArgumentException(
          "Cannot build the network: num_heads %d leaves %d channels a head, not a multiple of %d"
              .formatted(heads, width / heads, ROTARY_MULTIPLE));
    }
    fastWeights.ifPresent(fast -> requireUsable(fast, heads));
    if (taps.stream().filter(i -> i >= 0 && i < depth).distinct().count() != TAPS
        || taps.size() != TAPS) {
      throw new IllegalArgumentException(
          "Cannot build the network: intermediate_layer_idx must be %d different layers of 0 to %d, was %s"
              .formatted(TAPS, depth - 1, taps));
    }
  }

  private static void requireUsable(FastWeightLayers fast, int heads) {
    if (fast.heads() != heads) {
      throw new IllegalArgumentException(
          "Cannot build the network: its fast weights have %d heads, its attention %d"
              .formatted(fast.heads(), heads));
    }
    if (!(fast.baseLearningRate() > 0)) {
      throw new IllegalArgumentException(
          "Cannot build the network: base_lr must be above 0, was " + fast.baseLearningRate());
    }
  }

  private static void requireDivides(String name, int part, String wholeName, int whole) {
    if (part <= 0 || whole % part != 0) {
      throw new IllegalArgumentException(
          "Cannot build the network: %s %d does not divide %s %d"
              .formatted(name, part, wholeName, whole));
    }
  }

  /**
   * The sizes of the network in a checkpoint.
   *
   * @param file what the model's config file says; {@link ConfigFile#NONE} where there is none
   * @throws IllegalArgumentException if the checkpoint is of another network, the two contradict
   *     each other, or something is said by neither
   */
  public static VggtConfig of(TensorSource checkpoint, ConfigFile file) {
    return VggtSizes.of(checkpoint, file).config();
  }

  /** D. */
  public int headWidth() {
    return width / heads;
  }

  /** Camera token and registers. */
  public int specialTokens() {
    return 1 + registers;
  }

  /** Whether a scene can be asked about photos it has not seen. */
  public boolean isQueryable() {
    return fastWeights.isPresent();
  }
}
