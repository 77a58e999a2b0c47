package dev.tessera.reconstruct;

import dev.tessera.tensor.DType;
import dev.tessera.tensor.SafetensorsWriter;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Writes seeded networks of any size as checkpoint folders. They see nothing, but give cameras with
 * fields of view of about a radian, depths about 1 and confidences about 2.
 *
 * @param width of the tokens
 * @param heads of the trunk and of the vision transformer
 * @param depth of the trunk
 * @param vitDepth of the vision transformer
 * @param vitHidden width of the hidden layers of the vision transformer
 * @param gridSide of the position embedding
 * @param features of the dense head
 * @param fastHidden hidden width of the fast weights; 0 for softmax attention
 */
record RandomVggt(
    int width,
    int heads,
    int depth,
    int vitDepth,
    int vitHidden,
    int gridSide,
    int features,
    int fastHidden,
    long seed) {
  private static final int PATCH = 14;
  private static final int REGISTERS = 4;
  private static final int CAMERA_ITERATIONS = 4;
  private static final int CAMERA_HEADS = 4;

  /** Every iteration adds its share. */
  private static final float FIELD_OF_VIEW_SHARE = 1f / CAMERA_ITERATIONS;

  private static final RandomVggt TINY = new RandomVggt(16, 2, 4, 1, 32, 5, 8, 0, 1);

  static RandomVggt softmax() {
    return TINY;
  }

  static RandomVggt fastWeights() {
    return TINY.withFastWeights(16);
  }

  RandomVggt withFastWeights(int hidden) {
    return new RandomVggt(
        width, heads, depth, vitDepth, vitHidden, gridSide, features, hidden, seed);
  }

  RandomVggt withSeed(long other) {
    return new RandomVggt(
        width, heads, depth, vitDepth, vitHidden, gridSide, features, fastHidden, other);
  }

  RandomVggt withVitHidden(int hidden) {
    return new RandomVggt(
        width, heads, depth, vitDepth, hidden, gridSide, features, fastHidden, seed);
  }

  RandomVggt withWidth(int other) {
    return new RandomVggt(
        other, heads, depth, vitDepth, vitHidden, gridSide, features, fastHidden, seed);
  }

  private enum Kind {
    WEIGHT,
    NEAR_ZERO,
    NEAR_ONE,
    POSE_WEIGHT,
    POSE_BIAS
  }

  private record Key(long[] shape, Kind kind) {}

  /** The folder, with the checkpoint and its config file in it. */
  Path write(Path folder) throws IOException {
    Map<String, Key> keys = keys();
    List<TensorInfo> tensors =
        keys.entrySet().stream()
            .map(e -> TensorInfo.of(e.getKey(), DType.F32, e.getValue().shape()))
            .toList();
    Files.createDirectories(folder);
    Random random = new Random(seed);
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(folder.resolve("model.safetensors"), tensors, Map.of())) {
      for (TensorInfo tensor : tensors) {
        writer.write(tensor.name(), values(random, keys.get(tensor.name())));
      }
      writer.finish();
    }
    Files.writeString(folder.resolve("config.json"), config());
    return folder;
  }

  private String config() {
    return """
        {"num_heads": %d, "vit_heads": %d, "camera_heads": %d, "camera_iterations": %d,
         "intermediate_layer_idx": [%d, %d, %d, %d]}
        """
        .formatted(
            heads,
            heads,
            CAMERA_HEADS,
            CAMERA_ITERATIONS,
            depth - 4,
            depth - 3,
            depth - 2,
            depth - 1);
  }

  private static float[] values(Random random, Key key) {
    long count = 1;
    long inputs = 1;
    for (int i = 0; i < key.shape().length; i++) {
      count *= key.shape()[i];
      inputs *= i > 0 ? key.shape()[i] : 1;
    }
    float[] values = new float[Math.toIntExact(count)];
    float scale =
        switch (key.kind()) {
          case WEIGHT -> (float) (1 / Math.sqrt(inputs));
          case NEAR_ZERO, NEAR_ONE -> 0.1f;
          case POSE_WEIGHT -> (float) (0.1 / Math.sqrt(inputs));
          case POSE_BIAS -> 0.03f;
        };
    for (int i = 0; i < values.length; i++) {
      values[i] = scale * (float) random.nextGaussian() + (key.kind() == Kind.NEAR_ONE ? 1 : 0);
    }
    if (key.kind() == Kind.POSE_BIAS) {
      values[6] += 1; // the scalar of the quaternion
      values[7] += FIELD_OF_VIEW_SHARE;
      values[8] += FIELD_OF_VIEW_SHARE;
    }
    return values;
  }

  private Map<String, Key> keys() {
    Keys keys = new Keys();
    keys.vision();
    keys.trunk();
    keys.camera();
    keys.dense();
    return keys.all;
  }

  private final class Keys {
    private final Map<String, Key> all = new LinkedHashMap<>();

    private void put(String name, Kind kind, long... shape) {
      all.put(name, new Key(shape, kind));
    }

    private void linear(String name, long out, long... in) {
      long[] shape = new long[in.length + 1];
      shape[0] = out;
      System.arraycopy(in, 0, shape, 1, in.length);
      put(name + ".weight", Kind.WEIGHT, shape);
      put(name + ".bias", Kind.NEAR_ZERO, out);
    }

    private void norm(String name, long channels) {
      put(name + ".weight", Kind.NEAR_ONE, channels);
      put(name + ".bias", Kind.NEAR_ZERO, channels);
    }

    private void block(String name, long channels, long hidden) {
      norm(name + "norm1", channels);
      norm(name + "norm2", channels);
      linear(name + "attn.qkv", 3 * channels, channels);
      linear(name + "attn.proj", channels, channels);
      linear(name + "mlp.fc1", hidden, channels);
      linear(name + "mlp.fc2", channels, hidden);
      put(name + "ls1.gamma", Kind.NEAR_ZERO, channels);
      put(name + "ls2.gamma", Kind.NEAR_ZERO, channels);
    }

    private void vision() {
      String vit = "aggregator.patch_embed.";
      linear(vit + "patch_embed.proj", width, 3, PATCH, PATCH);
      put(vit + "cls_token", Kind.NEAR_ZERO, 1, 1, width);
      put(vit + "pos_embed", Kind.NEAR_ZERO, 1, 1 + (long) gridSide * gridSide, width);
      put(vit + "register_tokens", Kind.NEAR_ZERO, 1, REGISTERS, width);
      norm(vit + "norm", width);
      for (int i = 0; i < vitDepth; i++) {
        block(vit + "blocks." + i + ".", width, vitHidden);
      }
    }

    private void trunk() {
      put("aggregator.camera_token", Kind.NEAR_ONE, 1, 2, 1, width);
      put("aggregator.register_token", Kind.NEAR_ZERO, 1, 2, REGISTERS, width);
      for (int i = 0; i < depth; i++) {
        String frame = "aggregator.frame_blocks." + i + ".";
        String global = "aggregator.global_blocks." + i + ".";
        block(frame, width, 4L * width);
        block(global, width, 4L * width);
        if (fastHidden > 0) {
          fastWeights(global + "attn.");
        }
      }
    }

    private void fastWeights(String attention) {
      long head = width / heads;
      put(attention + "w0", Kind.WEIGHT, heads, head, fastHidden);
      put(attention + "w1", Kind.WEIGHT, heads, fastHidden, head);
      put(attention + "w2", Kind.WEIGHT, heads, head, fastHidden);
      linear(attention + "lr_fc", 3L * heads, width);
      put(attention + "short_conv_qkv.2.conf.weight", Kind.WEIGHT, width, 1, 3, 3);
    }

    private void camera() {
      String head = "camera_head.";
      long wide = 2L * width;
      norm(head + "token_norm", wide);
      norm(head + "trunk_norm", wide);
      put(head + "empty_pose_tokens", Kind.NEAR_ZERO, 1, 1, 9);
      linear(head + "embed_pose", wide, 9);
      linear(head + "poseLN_modulation.1", 3 * wide, wide);
      linear(head + "pose_branch.fc1", width, wide);
      put(head + "pose_branch.fc2.weight", Kind.POSE_WEIGHT, 9, width);
      put(head + "pose_branch.fc2.bias", Kind.POSE_BIAS, 9);
      block(head + "trunk.0.", wide, 4 * wide);
    }

    private void dense() {
      String head = "depth_head.";
      long[] channels = {features, features, 2L * features, 2L * features};
      int[] kernels = {4, 2, 0, 3};
      norm(head + "norm", 2L * width);
      for (int i = 0; i < channels.length; i++) {
        linear(head + "projects." + i, channels[i], 2L * width, 1, 1);
        if (kernels[i] > 0) {
          linear(head + "resize_layers." + i, channels[i], channels[i], kernels[i], kernels[i]);
        }
        String fused = head + "scratch.refinenet" + (i + 1) + ".";
        put(
            head + "scratch.layer" + (i + 1) + "_rn.weight",
            Kind.WEIGHT,
            features,
            channels[i],
            3,
            3);
        linear(fused + "out_conv", features, features, 1, 1);
        for (int unit = i == channels.length - 1 ? 2 : 1; unit <= 2; unit++) {
          linear(fused + "resConfUnit" + unit + ".conv1", features, features, 3, 3);
          linear(fused + "resConfUnit" + unit + ".conv2", features, features, 3, 3);
        }
      }
      linear(head + "scratch.output_conv1", features / 2, features, 3, 3);
      linear(head + "scratch.output_conv2.0", features, features / 2, 3, 3);
      put(head + "scratch.output_conv2.2.weight", Kind.NEAR_ZERO, 2, features, 1, 1);
      put(head + "scratch.output_conv2.2.bias", Kind.NEAR_ZERO, 2);
    }
  }
}
