package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Seeded weights of a small dense prediction head. */
final class RandomDpt {
  /** 2C of the token maps. */
  static final int WIDTH = 16;

  private static final int FEATURES = 8;
  private static final int[] LEVEL_CHANNELS = {4, 8, 12, 16};
  private static final int HIDDEN = 6;

  private final HeadFixture fixture;
  private final Random random;
  private final Map<String, NDArray> weights = new HashMap<>();

  private RandomDpt(HeadFixture fixture, Random random) {
    this.fixture = fixture;
    this.random = random;
  }

  /**
   * A head with all of its weights different from zero.
   *
   * @param outputs channels, the confidence's included
   */
  static Map<String, NDArray> weights(HeadFixture fixture, Random random, int outputs) {
    RandomDpt head = new RandomDpt(fixture, random);
    head.put("norm.weight", WIDTH);
    head.put("norm.bias", WIDTH);
    head.levels();
    for (int i = 1; i <= DptHead.LEVELS; i++) {
      head.refinement("scratch.refinenet" + i + ".", i < DptHead.LEVELS);
    }
    head.convolution("scratch.output_conv1", FEATURES / 2, FEATURES, 3);
    head.convolution("scratch.output_conv2.0", HIDDEN, FEATURES / 2, 3);
    head.convolution("scratch.output_conv2.2", outputs, HIDDEN, 1);
    return head.weights;
  }

  private void levels() {
    for (int level = 0; level < DptHead.LEVELS; level++) {
      int channels = LEVEL_CHANNELS[level];
      convolution("projects." + level, channels, WIDTH, 1);
      put("scratch.layer" + (level + 1) + "_rn.weight", FEATURES, channels, 3, 3);
    }
    convolution("resize_layers.0", LEVEL_CHANNELS[0], LEVEL_CHANNELS[0], 4);
    convolution("resize_layers.1", LEVEL_CHANNELS[1], LEVEL_CHANNELS[1], 2);
    convolution("resize_layers.3", LEVEL_CHANNELS[3], LEVEL_CHANNELS[3], 3);
  }

  private void refinement(String name, boolean joinsCoarser) {
    if (joinsCoarser) {
      convolution(name + "resConfUnit1.conv1", FEATURES, FEATURES, 3);
      convolution(name + "resConfUnit1.conv2", FEATURES, FEATURES, 3);
    }
    convolution(name + "resConfUnit2.conv1", FEATURES, FEATURES, 3);
    convolution(name + "resConfUnit2.conv2", FEATURES, FEATURES, 3);
    convolution(name + "out_conv", FEATURES, FEATURES, 1);
  }

  private void convolution(String name, int out, int in, int size) {
    put(name + ".weight", out, in, size, size);
    put(name + ".bias", out);
  }

  private void put(String name, long... shape) {
    double inputs = 1;
    for (int i = 1; i < shape.length; i++) {
      inputs *= shape[i];
    }
    weights.put(name, fixture.noise(random, 1 / Math.sqrt(inputs), shape));
  }
}
