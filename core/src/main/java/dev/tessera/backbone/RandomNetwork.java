package dev.tessera.backbone;

import dev.tessera.tensor.DType;
import dev.tessera.tensor.KeyPlan;
import dev.tessera.tensor.SafetensorsWriter;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/**
 * A network of given sizes that has learnt nothing: its time and memory are those of a trained one,
 * its answers are finite numbers without meaning.
 *
 * <p>Norms are 1 and 0, LayerScale 0.1, fast weights N(0, 2 / inputs) as their authors begin them,
 * and all else N(0, 0.02^2). The camera head answers with a small turn and fields of view near 1
 * rad, so that focal lengths are there.
 */
public final class RandomNetwork {
  private static final double SIGMA = 0.02;
  private static final float LAYER_SCALE = 0.1f;

  /** Of the last layer of the camera head, whose answers are summed up over the iterations. */
  private static final double POSE_SIGMA = 0.001;

  private static final String POSE = "camera_head.pose_branch.fc2.";

  /** Quaternion's scalar and both fields of view, among the numbers of an encoded pose. */
  private static final int FIRST_OF_ONE = 6;

  private static final int BLOCK = 1 << 16;

  private final VggtConfig config;
  private final KeyPlan plan;

  private RandomNetwork(VggtConfig config, KeyPlan plan) {
    this.config = config;
    this.plan = plan;
  }

  /**
   * A network of the sizes that a config file says, those of the released models where it does not.
   * It has fast weights if the file has a {@code ttt} object.
   *
   * @throws IllegalArgumentException if the sizes contradict each other
   */
  public static RandomNetwork of(ConfigFile file) {
    VggtShapes shapes = VggtShapes.ofFile(file);
    VggtConfig config = shapes.config();
    return new RandomNetwork(config, VggtKeys.plan(config, shapes.hidden()));
  }

  public VggtConfig config() {
    return config;
  }

  /** Names and shapes of its weights. */
  public List<TensorInfo> tensors(DType dtype) {
    return plan.tensors(dtype);
  }

  /**
   * Writes its weights; the same seed gives the same file. Little memory is used, however large the
   * network.
   *
   * @param dtype F32 or BF16
   * @param progress is told how many numbers are written
   */
  public void write(Path path, DType dtype, long seed, LongConsumer progress) throws IOException {
    List<TensorInfo> tensors = tensors(dtype);
    Map<String, String> metadata = Map.of("random", "seed " + seed);
    long done = 0;
    try (SafetensorsWriter writer = SafetensorsWriter.create(path, tensors, metadata)) {
      for (TensorInfo tensor : tensors) {
        SplittableRandom random =
            new SplittableRandom(seed ^ (long) tensor.name().hashCode() << 32);
        for (long from = 0; from < tensor.elements(); from += BLOCK) {
          float[] block = new float[(int) Math.min(BLOCK, tensor.elements() - from)];
          fill(block, tensor, random);
          writer.write(tensor.name(), block);
          done += block.length;
          progress.accept(done);
        }
      }
      writer.finish();
    }
  }

  private void fill(float[] block, TensorInfo tensor, SplittableRandom random) {
    String name = tensor.name();
    boolean vector = tensor.shape().size() == 1;
    if (name.endsWith(".gamma")) {
      Arrays.fill(block, LAYER_SCALE);
    } else if (vector && isNorm(name)) {
      Arrays.fill(block, name.endsWith(".weight") ? 1 : 0);
    } else {
      double sigma = sigma(tensor);
      for (int i = 0; i < block.length; i++) {
        block[i] = (float) (sigma * random.nextGaussian());
      }
      if (name.equals(POSE + "bias")) {
        Arrays.fill(block, FIRST_OF_ONE, block.length, 1f / config.camera().iterations());
      }
    }
  }

  private static boolean isNorm(String name) {
    return name.matches(".*norm\\d?\\.(weight|bias)");
  }

  private static double sigma(TensorInfo tensor) {
    String name = tensor.name();
    if (name.startsWith(POSE)) {
      return POSE_SIGMA;
    }
    boolean fast = FastWeightMemory.NAMES.stream().anyMatch(w -> name.endsWith(".attn." + w));
    return fast ? Math.sqrt(2.0 / tensor.shape().get(1)) : SIGMA;
  }
}
