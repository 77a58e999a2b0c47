package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.backbone.AttentionMixer.LayerMemory;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.ModelWeights;
import dev.tessera.tensor.WeightGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * The trunk of VGGT (section 3.2 of its paper): in turn, tokens attend within their view, and learn
 * from the tokens of all views through a mixer. Works on groups of views, so that beside the tokens
 * themselves only one group's intermediate results exist.
 */
final class AlternatingAttention {
  private final Kernels kernels;
  private final VggtConfig config;
  private final NDArray cameraToken; // (1, 2, 1, C)
  private final NDArray registerToken; // (1, 2, R, C)
  private final List<WeightGroup> frameBlocks = new ArrayList<>();
  private final List<WeightGroup> globalBlocks = new ArrayList<>();

  AlternatingAttention(Kernels kernels, VggtConfig config, ModelWeights weights) {
    this.kernels = kernels;
    this.config = config;
    this.cameraToken = weights.tensor("aggregator.camera_token");
    this.registerToken = weights.tensor("aggregator.register_token");
    for (int i = 0; i < config.depth(); i++) {
      frameBlocks.add(weights.group("aggregator.frame_blocks." + i + "."));
      globalBlocks.add(weights.group("aggregator.global_blocks." + i + "."));
    }
  }

  /**
   * The tokens that enter the first layer.
   *
   * @param patches (views, patches, C)
   * @param first whether the first of these views defines the scene's frame
   * @return (views, P, C), owned by {@code scope}
   */
  NDArray tokens(NDManager scope, NDArray patches, boolean first) {
    return kernels.call(scope, "view_tokens", cameraToken, registerToken, patches, first);
  }

  /**
   * Trains the memory of every layer on the views, and lets them read it.
   *
   * @param tokens (views, P, C) for each group of views; taken over
   * @param remember whether the layers' memories are kept for photos that come later
   */
  Mixed write(
      NDManager owner,
      AttentionMixer mixer,
      List<NDArray> tokens,
      TokenGrid grid,
      TokenMaps maps,
      boolean remember,
      Trace trace) {
    List<LayerMemory> kept = new ArrayList<>();
    List<NDArray> x = new ArrayList<>(tokens);
    NDArray cameraTokens = null;
    for (int layer = 0; layer < config.depth(); layer++) {
      frame(owner, layer, x, grid, trace);
      LayerMemory memory = mixer.begin(owner, globalBlocks.get(layer), grid);
      for (int pass = 0; pass < memory.passes(); pass++) {
        for (int group = 0; group < x.size(); group++) {
          try (NDManager step = owner.newSubManager()) {
            memory.write(group, normed(step, layer, x.get(group)));
          }
        }
        memory.commit();
      }
      cameraTokens = global(owner, layer, memory, x, maps, true, trace);
      if (remember) {
        kept.add(memory);
      } else {
        memory.close();
      }
      trace.layerDone(layer + 1);
    }
    x.forEach(NDArray::close);
    return new Mixed(cameraTokens, kept);
  }

  /**
   * Lets views read memories that are not changed by it.
   *
   * @param tokens (views, P, C) for each group of views; taken over
   * @return the views' camera tokens (V, 2C), owned by {@code owner}
   */
  NDArray read(
      NDManager owner,
      AttentionMixer mixer,
      List<NDArray> tokens,
      TokenGrid grid,
      TokenMaps maps,
      LayerMemories memories) {
    List<NDArray> x = new ArrayList<>(tokens);
    NDArray cameraTokens = null;
    for (int layer = 0; layer < config.depth(); layer++) {
      frame(owner, layer, x, grid, Trace.NONE);
      WeightGroup block = globalBlocks.get(layer);
      try (NDManager step = owner.newSubManager();
          LayerMemory memory = mixer.restore(step, block, grid, memories.layer(layer))) {
        cameraTokens = global(owner, layer, memory, x, maps, false, Trace.NONE);
      }
    }
    x.forEach(NDArray::close);
    return cameraTokens;
  }

  /**
   * What is left of the views after the last layer.
   *
   * @param cameraTokens (V, 2C)
   * @param memories of all layers, if they were to be kept
   */
  record Mixed(NDArray cameraTokens, List<LayerMemory> memories) {}

  private void frame(NDManager owner, int layer, List<NDArray> x, TokenGrid grid, Trace trace) {
    for (int group = 0; group < x.size(); group++) {
      NDArray before = x.get(group);
      x.set(
          group,
          kernels.call(
              owner,
              "rotary_block",
              before,
              frameBlocks.get(layer),
              config.heads(),
              config.normEps(),
              grid.cos(),
              grid.sin()));
      before.close();
      trace.stage("frame_block." + layer, x.get(group));
    }
  }

  private NDArray normed(NDManager scope, int layer, NDArray x) {
    return kernels.call(scope, "global_input", x, globalBlocks.get(layer), config.normEps());
  }

  /** Replaces the tokens; after the last layer, answers all views' camera tokens. */
  private NDArray global(
      NDManager owner,
      int layer,
      LayerMemory memory,
      List<NDArray> x,
      TokenMaps maps,
      boolean written,
      Trace trace) {
    int tap = config.taps().indexOf(layer);
    boolean last = layer == config.depth() - 1;
    List<NDArray> cameraTokens = new ArrayList<>();
    try (NDManager scene = owner.newSubManager()) {
      for (int group = 0; group < x.size(); group++) {
        NDArray frame = x.get(group);
        try (NDManager step = owner.newSubManager()) {
          NDArray input = normed(step, layer, frame);
          NDArray mixed = memory.read(step, written ? group : LayerMemory.UNSEEN, input);
          WeightGroup block = globalBlocks.get(layer);
          x.set(group, kernels.call(owner, "global_output", frame, mixed, block, config.normEps()));
        }
        trace.stage("global_block." + layer, x.get(group));
        if (tap >= 0) {
          maps.put(tap, group, frame, x.get(group));
        }
        if (last) {
          cameraTokens.add(kernels.call(scene, "camera_tokens", frame, x.get(group)));
        }
        frame.close();
      }
      return last ? kernels.call(owner, "stacked", cameraTokens) : null;
    }
  }
}
