package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.tensor.WeightGroup;
import java.util.Map;

/**
 * How the tokens of all views learn from one another in a global layer: softmax attention, fast
 * weights trained at test time, and others to come. A backbone does not know which it has.
 *
 * <p>All of them are a memory: tokens are written to it, view group by view group, and then each
 * token reads from it. Nothing here grows with N x N.
 */
public interface AttentionMixer {
  /**
   * An empty memory of one layer.
   *
   * @param block weights of the layer's block by their names in it ({@code attn.qkv.weight}, ...)
   * @param grid how the tokens of a view lie
   */
  LayerMemory begin(NDManager owner, WeightGroup block, TokenGrid grid);

  /**
   * The memory of one layer, as {@link LayerMemory#tensors} gave it: it can be read, not written.
   */
  LayerMemory restore(
      NDManager owner, WeightGroup block, TokenGrid grid, Map<String, NDArray> tensors);

  /**
   * What one layer remembers of a scene.
   *
   * <pre>{@code
   * for (int pass = 0; pass < memory.passes(); pass++) {
   *   for each group of views: memory.write(group, tokens);
   *   memory.commit();
   * }
   * for each group of views: mixed = memory.read(scope, group, tokens);
   * }</pre>
   */
  interface LayerMemory extends AutoCloseable {
    /** Number for the group of views that were not written: they only read. */
    int UNSEEN = -1;

    /** How often all tokens are written. */
    int passes();

    /**
     * Takes in the tokens of some whole views.
     *
     * @param group number of this group of views, the same in every pass
     * @param x (views, P, C) after the block's first norm
     */
    void write(int group, NDArray x);

    /** Ends a pass: what was written since the last one takes effect. */
    void commit();

    /**
     * What the tokens of some whole views read, before the block's output projection.
     *
     * @param group the number they were written with, or {@link #UNSEEN}
     * @param x (views, P, C) after the block's first norm
     * @return (views, P, C), owned by {@code scope}
     */
    NDArray read(NDManager scope, int group, NDArray x);

    /** What must be kept to read again later, by name; owned by this memory. */
    Map<String, NDArray> tensors();

    @Override
    void close();
  }
}
