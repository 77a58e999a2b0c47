package dev.tessera.ttt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.Torch;
import java.util.List;

/**
 * Trains fast weights and asks them. Training ascends the dot product of f(k) and v (VGG-T3, 2026,
 * after Zhang et al. 2025), with the gradient in closed form:
 *
 * <pre>
 * g = k w0,  u = k w2,  dh = v w1^T
 * G1 = (SiLU(g) * u)^T (lr1 v)
 * G0 = (lr0 k)^T (dh * u * SiLU'(g))
 * G2 = (lr2 k)^T (dh * SiLU(g))</pre>
 *
 * Matrix products with tokens are computed in the precision of the tokens, which may be bfloat16;
 * weights, gradients and the update are in that of the weights. Time is linear in tokens; beside
 * the tokens, memory does not depend on them. Safe for many threads, as long as each has its own
 * weights and gradient.
 */
public final class FastWeightOperator {
  /** Numbers that each thread of a CPU takes at a time: half a megabyte in float32. */
  private static final int THREAD_TILE = 1 << 17;

  /** Numbers that a GPU takes at a time: enough to fill it, 256 MB in float32. */
  private static final int GPU_TILE = 1 << 26;

  private final Kernels kernels;
  private final FastWeightRule rule;
  private final int tile;

  public FastWeightOperator(Kernels kernels, FastWeightRule rule) {
    this(kernels, rule, 0);
  }

  /**
   * @param tile how many numbers of the hidden layer are computed at a time; 0 to fit the device
   */
  FastWeightOperator(Kernels kernels, FastWeightRule rule, int tile) {
    this.kernels = kernels;
    this.rule = rule;
    this.tile = tile;
  }

  /**
   * A copy of given weights; the norms of its columns are those that updates keep.
   *
   * @param owner frees them at the latest
   * @param w0 (H, D, E), float32 or float64; bfloat16 is widened
   * @param w1 (H, E, D)
   * @param w2 (H, D, E)
   */
  public FastWeights start(NDManager owner, NDArray w0, NDArray w1, NDArray w2) {
    List<NDArray> weights = copies(owner, List.of(w0, w1, w2));
    List<NDArray> norms =
        weights.stream().map(w -> kernels.call(owner, "column_norms", w)).toList();
    return new FastWeights(weights, norms);
  }

  /** A copy that remembers the same norms. */
  public FastWeights copy(NDManager owner, FastWeights weights) {
    return new FastWeights(copies(owner, weights.tensors()), copies(owner, weights.norms()));
  }

  private List<NDArray> copies(NDManager owner, List<NDArray> tensors) {
    return tensors.stream().map(t -> kernels.call(owner, "fast_weight_start", t)).toList();
  }

  /** The sum over no tokens. */
  public FastWeightGradient gradient(NDManager owner, FastWeights weights) {
    return new FastWeightGradient(
        weights.tensors().stream().map(w -> owner.zeros(w.getShape(), w.getDataType())).toList());
  }

  /**
   * Adds what some tokens contribute to the gradient at these weights.
   *
   * @param k keys (H, n, D)
   * @param v values (H, n, D), of the precision of {@code k}
   * @param rates lr0, lr1, lr2, each (H, n, 1), in the precision of the weights
   */
  public void accumulate(
      FastWeightGradient gradient, FastWeights weights, NDArray k, NDArray v, List<NDArray> rates) {
    List<NDArray> g = gradient.tensors();
    List<NDArray> w = weights.tensors();
    inPlace(
        g.get(0),
        "fast_weight_accumulate",
        g.get(0),
        g.get(1),
        g.get(2),
        w.get(0),
        w.get(1),
        w.get(2),
        k,
        v,
        rates.get(0),
        rates.get(1),
        rates.get(2),
        tile(w.get(0)));
    gradient.counted(rates.get(0).getShape().get(1));
  }

  /**
   * Moves the weights by a gradient.
   *
   * @param step how many updates there were since the start
   */
  public void update(FastWeights weights, FastWeightGradient gradient, int step) {
    double scale = rule.meanGradient() ? 1.0 / Math.max(1, gradient.tokens()) : 1.0;
    for (int i = 0; i < weights.tensors().size(); i++) {
      NDArray w = weights.tensors().get(i);
      inPlace(
          w,
          "fast_weight_update",
          w,
          weights.norms().get(i),
          gradient.tensors().get(i),
          scale,
          rule.muonSteps(),
          Math.pow(rule.decay(), step));
    }
  }

  /**
   * What the weights answer.
   *
   * @param q queries (H, n, D)
   * @return f(q) (H, n, D), of the precision of {@code q}, laid out in memory as it is, owned by
   *     {@code scope}
   */
  public NDArray apply(NDManager scope, FastWeights weights, NDArray q) {
    List<NDArray> w = weights.tensors();
    return kernels.call(
        scope, "fast_weight_apply", w.get(0), w.get(1), w.get(2), q, tile(w.get(0)));
  }

  private int tile(NDArray weight) {
    if (tile > 0) {
      return tile;
    }
    return weight.getDevice().isGpu() ? GPU_TILE : THREAD_TILE * Torch.threads();
  }

  /** Calls a kernel that changes its arguments and returns one of them. */
  private void inPlace(NDArray changed, String kernel, Object... arguments) {
    kernels.call(changed.getManager(), kernel, arguments).close();
  }
}
