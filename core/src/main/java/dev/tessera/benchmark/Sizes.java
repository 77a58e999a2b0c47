package dev.tessera.benchmark;

import dev.tessera.backbone.ConfigFile;
import dev.tessera.backbone.RandomNetwork;

/** Networks to measure, each with softmax attention or fast weights in its global layers. */
enum Sizes {
  /** As the golden files' networks: what is measured is everything around the mathematics. */
  TINY(
      """
      "embed_dim": 64, "num_heads": 2, "depth": 4, "img_size": 56,
      "vit_depth": 2, "vit_heads": 2, "intermediate_layer_idx": [0, 1, 2, 3],
      "camera_trunk_depth": 2, "camera_heads": 2,
      "dpt_features": 16, "dpt_out_channels": [16, 16, 32, 32]
      """),

  /** Of the reference's scaling measurement: a forward pass takes seconds. */
  MID(
      """
      "embed_dim": 256, "num_heads": 4, "depth": 6, "img_size": 112,
      "vit_depth": 6, "vit_heads": 4, "intermediate_layer_idx": [2, 3, 4, 5],
      "camera_trunk_depth": 4, "camera_heads": 8,
      "dpt_features": 64, "dpt_out_channels": [64, 128, 256, 256]
      """),

  /** The released VGGT-1B and VGG-T3. */
  FULL("\"embed_dim\": 1024");

  private final String members;

  Sizes(String members) {
    this.members = members;
  }

  /** VGGT in this size. */
  RandomNetwork softmax() {
    return RandomNetwork.of(ConfigFile.of(name(), "{" + members + "}"));
  }

  /** VGG-T3 in this size. */
  RandomNetwork fastWeights() {
    return RandomNetwork.of(ConfigFile.of(name(), "{" + members + ", \"ttt\": {}}"));
  }
}
