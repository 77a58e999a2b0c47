package dev.tessera.ttt;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * The fast weights of one layer, of float32 or float64, and the norms of their columns at the
 * start. The network of a head is
 *
 * <pre>f(x) = (SiLU(x w0) * (x w2)) w1</pre>
 *
 * Owns its tensors, which {@link FastWeightOperator#update} changes in place.
 */
public final class FastWeights implements AutoCloseable {
  private final List<NDArray> weights;
  private final List<NDArray> norms;

  /** Takes over w0, w1, w2 and the norms of their columns, each (H, 1, columns). */
  FastWeights(List<NDArray> weights, List<NDArray> norms) {
    this.weights = List.copyOf(weights);
    this.norms = List.copyOf(norms);
  }

  /** w0 (H, D, E), w1 (H, E, D), w2 (H, D, E), owned by this. */
  public List<NDArray> tensors() {
    return weights;
  }

  List<NDArray> norms() {
    return norms;
  }

  @Override
  public void close() {
    weights.forEach(NDArray::close);
    norms.forEach(NDArray::close);
  }
}
