package dev.tessera.backbone;

import dev.tessera.tensor.DType;
import dev.tessera.tensor.KeyPlan;
import java.util.List;

/** The names and shapes of a network's weights, as the released checkpoints have them. */
final class VggtKeys {
  private static final int RGB = 3;

  /** Number of an encoded pose: translation, quaternion, fields of view. */
  private static final int POSE = 9;

  private final KeyPlan plan = new KeyPlan(DType.WEIGHTS);
  private final VggtConfig config;
  private final HiddenSizes hidden;
  private final long width;

  private VggtKeys(VggtConfig config, HiddenSizes hidden) {
    this.config = config;
    this.hidden = hidden;
    this.width = config.width();
  }

  /**
   * What the network asks of a checkpoint.
   *
   * @param hidden what does not follow from the config
   */
  static KeyPlan plan(VggtConfig config, HiddenSizes hidden) {
    VggtKeys keys = new VggtKeys(config, hidden);
    keys.visionTransformer();
    keys.aggregator();
    keys.cameraHead();
    keys.denseHead("depth_head.", 2);
    if (config.hasPointHead()) {
      keys.denseHead("point_head.", 4);
    }
    keys.plan.ignore("track_head.");
    keys.plan.ignore("aggregator.patch_embed.mask_token");
    return keys.plan;
  }

  private void visionTransformer() {
    String vit = "aggregator.patch_embed.";
    int patch = config.patchSize();
    long positions = 1L + (long) config.vit().gridSide() * config.vit().gridSide();
    weightAndBias(vit + "patch_embed.proj", width, RGB, patch, patch);
    plan.require(vit + "cls_token", 1, 1, width);
    plan.require(vit + "pos_embed", 1, positions, width);
    long registers = hidden.vitRegisters(vit + "register_tokens", config.registers());
    plan.require(vit + "register_tokens", 1, registers, width);
    norm(vit + "norm", width);
    for (int i = 0; i < config.vit().depth(); i++) {
      block(vit + "blocks." + i + ".", width);
    }
  }

  private void aggregator() {
    plan.require("aggregator.camera_token", 1, 2, 1, width);
    plan.require("aggregator.register_token", 1, 2, config.registers(), width);
    for (int i = 0; i < config.depth(); i++) {
      String frame = "aggregator.frame_blocks." + i + ".";
      block(frame, width);
      queryAndKeyNorms(frame);
      String global = "aggregator.global_blocks." + i + ".";
      block(global, width);
      if (config.fastWeights().isPresent()) {
        fastWeights(global + "attn.", config.fastWeights().get());
        plan.ignore(global + "attn.q_norm."); // left over from the VGGT that it was made from
        plan.ignore(global + "attn.k_norm.");
      } else {
        queryAndKeyNorms(global);
      }
    }
  }

  private void fastWeights(String attention, VggtConfig.FastWeightLayers fast) {
    long head = width / fast.heads();
    plan.require(attention + "w0", fast.heads(), head, fast.hidden());
    plan.require(attention + "w1", fast.heads(), fast.hidden(), head);
    plan.require(attention + "w2", fast.heads(), head, fast.hidden());
    weightAndBias(attention + "lr_fc", 3L * fast.heads(), width);
    for (int i = 0; i < 3; i++) {
      // A typo in the released code stores the convolution under two names, or one of them.
      String conv = attention + "short_conv_qkv." + i;
      List<String> names = List.of(conv + ".conf.weight", conv + ".conv.weight");
      long side = hidden.convolutionSide(names, i);
      if (side > 0) {
        plan.requireOneOf(names, width, 1, side, side);
      }
    }
  }

  /** Norms of a head's queries and keys, where the network has them. */
  private void queryAndKeyNorms(String block) {
    for (String name : List.of("attn.q_norm", "attn.k_norm")) {
      if (hidden.hasNorm(block + name)) {
        norm(block + name, config.headWidth());
      }
    }
  }

  private void cameraHead() {
    String head = "camera_head.";
    long wide = 2 * width;
    norm(head + "token_norm", wide);
    norm(head + "trunk_norm", wide);
    plan.require(head + "empty_pose_tokens", 1, 1, POSE);
    weightAndBias(head + "embed_pose", wide, POSE);
    weightAndBias(head + "poseLN_modulation.1", 3 * wide, wide);
    long inner = hidden.outputs(head + "pose_branch.fc1", wide / 2);
    weightAndBias(head + "pose_branch.fc1", inner, wide);
    weightAndBias(head + "pose_branch.fc2", POSE, inner);
    for (int i = 0; i < config.camera().trunkDepth(); i++) {
      block(head + "trunk." + i + ".", wide);
    }
  }

  private void denseHead(String head, int outputs) {
    VggtConfig.Dense dense = config.dense();
    long features = dense.features();
    norm(head + "norm", 2 * width);
    int[] resizeKernel = {4, 2, 0, 3};
    for (int i = 0; i < VggtConfig.TAPS; i++) {
      long channels = dense.channels().get(i);
      weightAndBias(head + "projects." + i, channels, 2 * width, 1, 1);
      if (resizeKernel[i] > 0) {
        int side = resizeKernel[i];
        weightAndBias(head + "resize_layers." + i, channels, channels, side, side);
      }
      plan.require(head + "scratch.layer" + (i + 1) + "_rn.weight", features, channels, 3, 3);
      refine(head + "scratch.refinenet" + (i + 1) + ".", features, i + 1 < VggtConfig.TAPS);
    }
    long half = hidden.outputs(head + "scratch.output_conv1", features / 2);
    weightAndBias(head + "scratch.output_conv1", half, features, 3, 3);
    weightAndBias(head + "scratch.output_conv2.0", dense.hidden(), half, 3, 3);
    weightAndBias(head + "scratch.output_conv2.2", outputs, dense.hidden(), 1, 1);
  }

  private void refine(String refine, long features, boolean hasSkip) {
    weightAndBias(refine + "out_conv", features, features, 1, 1);
    for (String unit : hasSkip ? new String[] {"1", "2"} : new String[] {"2"}) {
      weightAndBias(refine + "resConfUnit" + unit + ".conv1", features, features, 3, 3);
      weightAndBias(refine + "resConfUnit" + unit + ".conv2", features, features, 3, 3);
    }
  }

  private void block(String block, long channels) {
    long inner = hidden.mlp(block + "mlp.fc1", channels);
    norm(block + "norm1", channels);
    norm(block + "norm2", channels);
    weightAndBias(block + "attn.qkv", 3 * channels, channels);
    weightAndBias(block + "attn.proj", channels, channels);
    weightAndBias(block + "mlp.fc1", inner, channels);
    weightAndBias(block + "mlp.fc2", channels, inner);
    plan.require(block + "ls1.gamma", channels);
    plan.require(block + "ls2.gamma", channels);
  }

  private void norm(String name, long channels) {
    plan.require(name + ".weight", channels);
    plan.require(name + ".bias", channels);
  }

  private void weightAndBias(String name, long... shape) {
    plan.require(name + ".weight", shape);
    plan.require(name + ".bias", transposed(name) ? shape[1] : shape[0]);
  }

  /** Transposed convolutions have their outputs on the second axis. */
  private static boolean transposed(String name) {
    return name.endsWith("resize_layers.0") || name.endsWith("resize_layers.1");
  }
}
