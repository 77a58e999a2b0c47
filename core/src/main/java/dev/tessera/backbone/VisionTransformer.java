package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.ModelWeights;
import dev.tessera.tensor.WeightGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * DINOv2 with registers (Oquab et al. 2023, Darcet et al. 2023): each view's patches become tokens,
 * and attend to one another. Views do not see each other here.
 */
final class VisionTransformer {
  private static final String PREFIX = "aggregator.patch_embed.";

  private final Kernels kernels;
  private final VggtConfig config;
  private final WeightGroup weights;
  private final List<WeightGroup> blocks = new ArrayList<>();

  VisionTransformer(Kernels kernels, VggtConfig config, ModelWeights weights) {
    this.kernels = kernels;
    this.config = config;
    this.weights = weights.group(PREFIX);
    for (int i = 0; i < config.vit().depth(); i++) {
      blocks.add(weights.group(PREFIX + "blocks." + i + "."));
    }
  }

  /**
   * Position embedding for images of one size.
   *
   * @return (1 + patches, C): the class token's first; owned by {@code scope}
   */
  NDArray positions(NDManager scope, int patchRows, int patchColumns) {
    int side = config.vit().gridSide();
    try (NDManager step = scope.newSubManager()) {
      NDArray stored = kernels.call(step, "first_of_batch", weights.get("pos_embed"));
      NDArray grid = stored.get("1:").reshape(side, side, config.width());
      NDArray patches = PositionEmbedding.resampled(step, grid, patchRows, patchColumns);
      NDArray all = stored.get("0:1").concat(patches);
      all.attach(scope);
      return all;
    }
  }

  /**
   * Patch tokens of some views.
   *
   * @param images (views, 3, height, width) in [0, 1]
   * @param positions as {@link #positions} gave them
   * @return (views, patches, C), owned by {@code scope}
   */
  NDArray patchTokens(NDManager scope, NDArray images, NDArray positions, Trace trace) {
    try (NDManager step = scope.newSubManager()) {
      NDArray patches = kernels.call(step, "vit_patches", images, weights, config.patchSize());
      trace.stage("vit.patch_embed", patches);
      NDArray tokens = kernels.call(step, "vit_tokens", patches, weights, positions);
      double eps = config.vit().normEps();
      for (int i = 0; i < blocks.size(); i++) {
        NDArray before = tokens;
        tokens =
            kernels.call(step, "plain_block", before, blocks.get(i), config.vit().heads(), eps);
        before.close();
        trace.stage("vit.block." + i, tokens);
      }
      return kernels.call(scope, "vit_result", tokens, weights, patches.getShape().get(1), eps);
    }
  }
}
