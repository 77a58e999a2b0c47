package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.WeightGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Softmax attention over the tokens of all views: exact, and quadratic in their number. The memory
 * is the keys and values of all tokens. Each group of views reads by itself, in rows, so that the
 * matrix of all tokens against all tokens never exists.
 */
final class SoftmaxMixer implements AttentionMixer {
  private final Kernels kernels;
  private final int heads;
  private final double eps;

  /**
   * @param eps added to the variance in the norms of queries and keys
   */
  SoftmaxMixer(Kernels kernels, int heads, double eps) {
    this.kernels = kernels;
    this.heads = heads;
    this.eps = eps;
  }

  @Override
  public LayerMemory begin(NDManager owner, WeightGroup block, TokenGrid grid) {
    return new KeysAndValues(owner.newSubManager(), block, grid);
  }

  @Override
  public LayerMemory restore(
      NDManager owner, WeightGroup block, TokenGrid grid, Map<String, NDArray> tensors) {
    KeysAndValues memory = new KeysAndValues(owner.newSubManager(), block, grid);
    memory.allKeys = tensors.get("k").duplicate();
    memory.allValues = tensors.get("v").duplicate();
    memory.allKeys.attach(memory.owner);
    memory.allValues.attach(memory.owner);
    return memory;
  }

  /** Keys and values (N, H, D) of one layer. */
  private final class KeysAndValues implements LayerMemory {
    private final NDManager owner;
    private final WeightGroup block;
    private final TokenGrid grid;
    private final List<NDArray> keys = new ArrayList<>();
    private final List<NDArray> values = new ArrayList<>();
    private NDArray allKeys;
    private NDArray allValues;

    KeysAndValues(NDManager owner, WeightGroup block, TokenGrid grid) {
      this.owner = owner;
      this.block = block;
      this.grid = grid;
    }

    @Override
    public int passes() {
      return 1;
    }

    @Override
    public void write(int group, NDArray x) {
      List<NDArray> written =
          kernels.callForList(owner, "softmax_write", x, block, heads, eps, grid.cos(), grid.sin());
      keys.add(written.get(0));
      values.add(written.get(1));
    }

    @Override
    public void commit() {
      allKeys = joined(keys);
      allValues = joined(values);
    }

    private NDArray joined(List<NDArray> parts) {
      if (parts.size() == 1) {
        return parts.get(0);
      }
      NDArray all = kernels.call(owner, "stacked", parts);
      parts.forEach(NDArray::close);
      parts.clear();
      return all;
    }

    @Override
    public NDArray read(NDManager scope, int group, NDArray x) {
      return kernels.call(
          scope, "softmax_read", x, block, heads, eps, grid.cos(), grid.sin(), allKeys, allValues);
    }

    @Override
    public Map<String, NDArray> tensors() {
      return Map.of("k", allKeys, "v", allValues);
    }

    @Override
    public void close() {
      owner.close();
    }
  }
}
