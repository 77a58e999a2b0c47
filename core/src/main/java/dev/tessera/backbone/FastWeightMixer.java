package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.WeightGroup;
import dev.tessera.ttt.FastWeightOperator;
import dev.tessera.ttt.FastWeightRule;
import java.util.List;
import java.util.Map;

/**
 * Fast weights in place of global attention (VGG-T3, 2026): each layer trains a small network for
 * each head to give a token's value for its key, and asks it with all queries. Linear in tokens;
 * what a layer remembers is of fixed size.
 *
 * <pre>
 * q, k, v = split(qkv(x));  q, k, v = SiLU(shortconv(.));  q, k = unit(rope(.))
 * lr = softplus(lr_fc(x) + beta), heads of lr0 first, then of lr1, then of lr2</pre>
 *
 * A short convolution is applied to each of q, k, v for which the checkpoint has one. Buffers
 * {@code attn.w0}, {@code attn.w1}, {@code attn.w2} are the fast weights at the start; their
 * precision, at least float32, is that of gradients and updates. Matrix products with tokens have
 * that of {@code attn.qkv.weight}.
 */
public final class FastWeightMixer implements AttentionMixer {
  private final Kernels kernels;
  private final Config config;
  private final FastWeightOperator operator;
  private final long keptBytes;

  /**
   * How fast weights are trained.
   *
   * @param steps updates, each by the gradient over all tokens
   * @param baseLearningRate of a token where {@code lr_fc} says 0
   * @param rule how a gradient moves the weights
   */
  public record Config(int steps, double baseLearningRate, FastWeightRule rule) {
    public Config {
      if (steps < 1) {
        throw new IllegalArgumentException("Fast weights need at least 1 step, not " + steps);
      }
      if (!(baseLearningRate > 0)) {
        throw new IllegalArgumentException(
            "Base learning rate must be positive, was " + baseLearningRate);
      }
    }

    /** The beta whose softplus is the base learning rate: ln(e^lr - 1). */
    double learningRateBias() {
      return Math.log(Math.expm1(baseLearningRate));
    }
  }

  /**
   * @param keptBytes how much a layer may use to keep keys, values and learning rates from one pass
   *     to the next; those beyond are computed again
   */
  public FastWeightMixer(Kernels kernels, Config config, long keptBytes) {
    this.kernels = kernels;
    this.config = config;
    this.operator = new FastWeightOperator(kernels, config.rule());
    this.keptBytes = keptBytes;
  }

  @Override
  public LayerMemory begin(NDManager owner, WeightGroup block, TokenGrid grid) {
    List<NDArray> start = FastWeightMemory.NAMES.stream().map(n -> block.get("attn." + n)).toList();
    return new FastWeightMemory(
        owner, layer(block, grid, start), operator, start, config.steps(), keptBytes);
  }

  /**
   * @throws IllegalArgumentException if w0, w1 or w2 is not among the tensors
   */
  @Override
  public LayerMemory restore(
      NDManager owner, WeightGroup block, TokenGrid grid, Map<String, NDArray> tensors) {
    if (!tensors.keySet().containsAll(FastWeightMemory.NAMES)) {
      throw new IllegalArgumentException(
          "Cannot restore fast weights: need %s, found %s"
              .formatted(FastWeightMemory.NAMES, tensors.keySet()));
    }
    List<NDArray> kept = FastWeightMemory.NAMES.stream().map(tensors::get).toList();
    return new FastWeightMemory(owner, layer(block, grid, kept), operator, kept, 0, 0);
  }

  private FastWeightFeatures layer(WeightGroup block, TokenGrid grid, List<NDArray> weights) {
    int heads = Math.toIntExact(weights.get(0).getShape().get(0));
    return new FastWeightFeatures(kernels, block, grid, heads, config.learningRateBias());
  }
}
