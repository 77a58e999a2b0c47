package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.WeightGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Poses and fields of view of all views from their camera tokens, refined in a few iterations
 * (VGGT, section 3.3). The token never changes; what is modulated by the pose so far passes the
 * trunk, whose attention runs across the views, and its output is added to the pose:
 *
 * <pre>{@code
 * x = trunk(adaLN(token, pose)),  pose <- pose + branch(x)
 * }</pre>
 *
 * The pose that is fed back is not activated.
 */
public final class CameraHead implements AutoCloseable {
  private static final double TRUNK_EPSILON = 1e-5;

  private final Kernels kernels;
  private final Config config;
  private final WeightGroup head;
  private final List<WeightGroup> trunk;

  /**
   * What the weights do not tell.
   *
   * @param heads attention heads of the trunk
   * @param trunkBlocks transformer blocks of the trunk
   * @param iterations how often the pose is refined
   */
  public record Config(int heads, int trunkBlocks, int iterations) {
    public Config {
      if (heads < 1 || trunkBlocks < 1 || iterations < 1) {
        throw new IllegalArgumentException(
            "Camera head needs at least one head, trunk block and iteration, was %d, %d, %d"
                .formatted(heads, trunkBlocks, iterations));
      }
    }
  }

  /**
   * A head on weights that it does not own.
   *
   * @param weights by their names below {@code camera_head.}
   */
  public CameraHead(Kernels kernels, Map<String, NDArray> weights, Config config) {
    this.kernels = kernels;
    this.config = config;
    this.head = new WeightGroup(weights);
    this.trunk = new ArrayList<>();
    for (int i = 0; i < config.trunkBlocks(); i++) {
      trunk.add(new WeightGroup(WeightGroup.below("trunk." + i + ".", weights)));
    }
  }

  /**
   * The activated pose encodings after each iteration; the last is the answer.
   *
   * @param scope owns the result
   * @param cameraTokens (V, 2C) of the last layer
   * @return (iterations, V, 9), see {@link PoseEncoding}
   */
  public NDArray encodings(NDManager scope, NDArray cameraTokens) {
    try (NDManager step = scope.newSubManager()) {
      NDArray token = kernels.call(step, "camera_token", cameraTokens, head);
      NDArray pose = kernels.call(step, "camera_delta", trunk(step, token, empty()), head);
      List<NDArray> poses = new ArrayList<>(List.of(pose));
      while (poses.size() < config.iterations()) {
        pose = pose.add(kernels.call(step, "camera_delta", trunk(step, token, pose), head));
        poses.add(pose);
      }
      return kernels.call(scope, "camera_activated", poses);
    }
  }

  private NDArray empty() {
    return head.get("empty_pose_tokens");
  }

  private NDArray trunk(NDManager step, NDArray token, NDArray pose) {
    NDArray x = kernels.call(step, "camera_modulated", token, pose, head);
    for (WeightGroup block : trunk) {
      x = kernels.call(step, "plain_block", x, block, config.heads(), TRUNK_EPSILON);
    }
    return x;
  }

  @Override
  public void close() {
    trunk.forEach(WeightGroup::close);
    head.close();
  }
}
