package dev.tessera.benchmark;

import dev.tessera.backbone.VggtConfig;
import java.util.List;
import java.util.Optional;

/** Networks to measure, each with softmax attention or fast weights in its global layers. */
public enum Sizes {
  /** As the golden files' networks: what is measured is everything around the mathematics. */
  TINY(64, 2, 2, 4, List.of(0, 1, 2, 3), 4, 2, 16, List.of(16, 16, 32, 32), 8),

  /** Of the reference's scaling measurement: a forward pass takes seconds. */
  MID(256, 4, 6, 6, List.of(2, 3, 4, 5), 8, 4, 64, List.of(64, 128, 256, 256), 8),

  /** The released VGGT-1B and VGG-T3. */
  FULL(1024, 16, 24, 24, List.of(4, 11, 17, 23), 37, 4, 256, List.of(256, 512, 1024, 1024), 16);

  private static final int PATCH = 14;
  private static final int REGISTERS = 4;
  private static final double ROPE_BASE = 100;
  private static final double VIT_EPS = 1e-6;
  private static final double EPS = 1e-5;
  private static final int CAMERA_ITERATIONS = 4;
  private static final int DENSE_HIDDEN = 32;
  private static final int FAST_MLP_RATIO = 4;
  private static final int MUON_STEPS = 5;
  private static final double BASE_LEARNING_RATE = 0.01;

  private final int width;
  private final int heads;
  private final int vitDepth;
  private final int depth;
  private final List<Integer> taps;
  private final int gridSide;
  private final int cameraDepth;
  private final int features;
  private final List<Integer> channels;
  private final int cameraHeads;

  Sizes(
      int width,
      int heads,
      int vitDepth,
      int depth,
      List<Integer> taps,
      int gridSide,
      int cameraDepth,
      int features,
      List<Integer> channels,
      int cameraHeads) {
    this.width = width;
    this.heads = heads;
    this.vitDepth = vitDepth;
    this.depth = depth;
    this.taps = taps;
    this.gridSide = gridSide;
    this.cameraDepth = cameraDepth;
    this.features = features;
    this.channels = channels;
    this.cameraHeads = cameraHeads;
  }

  /** VGGT in this size. */
  public VggtConfig softmax() {
    return config(Optional.empty());
  }

  /** VGG-T3 in this size. */
  public VggtConfig fastWeights() {
    return config(
        Optional.of(
            new VggtConfig.FastWeightLayers(
                heads,
                FAST_MLP_RATIO * width / heads,
                MUON_STEPS,
                BASE_LEARNING_RATE,
                false,
                false)));
  }

  private VggtConfig config(Optional<VggtConfig.FastWeightLayers> fastWeights) {
    return new VggtConfig(
        width,
        heads,
        depth,
        PATCH,
        new VggtConfig.Vit(vitDepth, heads, gridSide, VIT_EPS),
        REGISTERS,
        taps,
        ROPE_BASE,
        EPS,
        new VggtConfig.Camera(cameraDepth, cameraHeads, CAMERA_ITERATIONS),
        new VggtConfig.Dense(features, channels, DENSE_HIDDEN),
        true,
        fastWeights);
  }
}
