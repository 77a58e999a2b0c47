package dev.tessera.backbone;

import java.util.List;

/** What the shapes of a network's weights depend on beside its {@link VggtConfig}. */
interface HiddenSizes {
  /** Width of the hidden layer of a block's MLP, whose first linear layer is named. */
  long mlp(String firstLayer, long channels);

  /** Outputs of a head's linear layer or convolution; {@code usual} is what the models have. */
  long outputs(String layer, long usual);

  /** Register tokens of the vision transformer. */
  long vitRegisters(String name, long usual);

  /** Whether queries or keys are normed by that norm. */
  boolean hasNorm(String name);

  /**
   * Side of the kernel of a depth-wise convolution over queries, keys or values; 0 for none.
   *
   * @param names that it may have
   * @param which 0 queries, 1 keys, 2 values
   */
  long convolutionSide(List<String> names, int which);
}
