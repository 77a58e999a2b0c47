package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.backbone.FastWeightFeatures.Examples;
import dev.tessera.ttt.FastWeightGradient;
import dev.tessera.ttt.FastWeightOperator;
import dev.tessera.ttt.FastWeights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fast weights of one layer while a scene is written to them and read from them. A pass is one
 * update, by the gradient over all tokens written in it.
 */
final class FastWeightMemory implements AttentionMixer.LayerMemory {
  /** What is kept of a layer: the fast weights, named as in the checkpoint. */
  static final List<String> NAMES = List.of("w0", "w1", "w2");

  private final NDManager own;
  private final FastWeightFeatures features;
  private final FastWeightOperator operator;
  private final FastWeights weights;
  private final int passes;
  private final Map<Integer, Examples> kept = new HashMap<>();
  private final NDManager keeper;
  private long bytesLeft;
  private FastWeightGradient gradient;
  private int done;

  /**
   * @param start w0, w1, w2; they are copied
   * @param passes 0 if the memory is only to be read
   * @param keptBytes how much of what tokens teach may be kept from pass to pass
   */
  FastWeightMemory(
      NDManager owner,
      FastWeightFeatures features,
      FastWeightOperator operator,
      List<NDArray> start,
      int passes,
      long keptBytes) {
    this.own = owner.newSubManager();
    this.keeper = own.newSubManager();
    this.features = features;
    this.operator = operator;
    this.weights = operator.start(own, start.get(0), start.get(1), start.get(2));
    this.passes = passes;
    this.bytesLeft = keptBytes;
    if (passes > 0) {
      this.gradient = operator.gradient(own, weights);
    }
  }

  @Override
  public int passes() {
    return passes;
  }

  /**
   * @throws IllegalStateException if all passes are done
   */
  @Override
  public void write(int group, NDArray x) {
    requirePass();
    if (group == UNSEEN) {
      throw new IllegalArgumentException("Cannot write views without a group number");
    }
    Examples known = kept.get(group);
    if (known != null) {
      operator.accumulate(gradient, weights, known.k(), known.v(), known.rates());
      return;
    }
    try (NDManager scope = own.newSubManager()) {
      Examples examples = features.examples(scope, x);
      operator.accumulate(gradient, weights, examples.k(), examples.v(), examples.rates());
      if (done == 0 && passes > 1 && examples.bytes() <= bytesLeft) {
        examples.attach(keeper);
        kept.put(group, examples);
        bytesLeft -= examples.bytes();
      }
    }
  }

  /**
   * @throws IllegalStateException if all passes are done
   */
  @Override
  public void commit() {
    requirePass();
    operator.update(weights, gradient, done);
    gradient.close();
    done++;
    if (done < passes) {
      gradient = operator.gradient(own, weights);
    } else {
      kept.clear();
      keeper.close();
    }
  }

  @Override
  public NDArray read(NDManager scope, int group, NDArray x) {
    try (NDManager inner = own.newSubManager()) {
      NDArray answers = operator.apply(inner, weights, features.queries(inner, x));
      return features.tokens(scope, answers, x.getShape().get(0));
    }
  }

  @Override
  public Map<String, NDArray> tensors() {
    List<NDArray> w = weights.tensors();
    return Map.of(NAMES.get(0), w.get(0), NAMES.get(1), w.get(1), NAMES.get(2), w.get(2));
  }

  private void requirePass() {
    if (done == passes) {
      throw new IllegalStateException(
          "Cannot write to fast weights: %d of %d passes are done".formatted(done, passes));
    }
  }

  @Override
  public void close() {
    own.close();
  }
}
