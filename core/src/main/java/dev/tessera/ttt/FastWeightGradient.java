package dev.tessera.ttt;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * The direction in which fast weights remember the tokens seen better: a sum over tokens, in the
 * precision of the weights.
 *
 * <pre>
 * G = d/dw sum over tokens of lr f(k) v,  with a learning rate of its own for each of w0, w1, w2
 * </pre>
 *
 * Owns its tensors. Gradients of different tokens for the same weights add.
 */
public final class FastWeightGradient implements AutoCloseable {
  private final List<NDArray> sums;
  private long tokens;

  /** Takes over the sums for w0, w1, w2, shaped as these. */
  FastWeightGradient(List<NDArray> sums) {
    this.sums = List.copyOf(sums);
  }

  /** G0 (H, D, E), G1 (H, E, D), G2 (H, D, E), owned by this. */
  public List<NDArray> tensors() {
    return sums;
  }

  /** How many tokens were summed. */
  public long tokens() {
    return tokens;
  }

  /** Takes in the sum of other tokens. */
  public void add(FastWeightGradient other) {
    for (int i = 0; i < sums.size(); i++) {
      sums.get(i).addi(other.sums.get(i));
    }
    tokens += other.tokens;
  }

  void counted(long more) {
    tokens += more;
  }

  @Override
  public void close() {
    sums.forEach(NDArray::close);
  }
}
