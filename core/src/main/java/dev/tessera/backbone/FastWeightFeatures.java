package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.WeightGroup;
import java.util.List;

/**
 * What the tokens of some views are to the fast weights of one layer: questions, and examples to
 * learn from.
 *
 * @param block weights of the layer's block
 * @param heads H
 * @param learningRateBias beta
 */
record FastWeightFeatures(
    Kernels kernels, WeightGroup block, TokenGrid grid, int heads, double learningRateBias) {

  /**
   * Keys and values, each (H, n, D) with n = V P, and the learning rates lr0, lr1, lr2, each (H, n,
   * 1).
   */
  record Examples(NDArray k, NDArray v, List<NDArray> rates) {
    /** At most this: keys and values may be narrower than learning rates. */
    long bytes() {
      long numbers = k.getShape().size() + v.getShape().size();
      for (NDArray rate : rates) {
        numbers += rate.getShape().size();
      }
      return numbers * rates.get(0).getDataType().getNumOfBytes();
    }

    void attach(NDManager owner) {
      k.attach(owner);
      v.attach(owner);
      rates.forEach(rate -> rate.attach(owner));
    }
  }

  /** q (H, n, D) of x (V, P, C). */
  NDArray queries(NDManager scope, NDArray x) {
    return kernels.call(
        scope,
        "fast_weight_queries",
        x,
        block,
        heads,
        grid.cos(),
        grid.sin(),
        grid.specialTokens(),
        grid.patchRows(),
        grid.patchColumns());
  }

  /** k, v and learning rates of x (V, P, C). */
  Examples examples(NDManager scope, NDArray x) {
    List<NDArray> examples =
        kernels.callForList(
            scope,
            "fast_weight_examples",
            x,
            block,
            heads,
            grid.cos(),
            grid.sin(),
            grid.specialTokens(),
            grid.patchRows(),
            grid.patchColumns(),
            learningRateBias);
    return new Examples(examples.get(0), examples.get(1), examples.subList(2, 5));
  }

  /** (H, n, D) as tokens (V, P, C). */
  NDArray tokens(NDManager scope, NDArray answers, long views) {
    return kernels.call(scope, "heads_together", answers, views);
  }
}
