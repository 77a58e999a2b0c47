package dev.tessera.ttt;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.Torch;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for any fast weights and any tokens. */
class FastWeightLawsTest {
  /** A few thousand roundings of float64, relative to the largest number. */
  private static final double FLOAT64_ERROR = 1e-12;

  /** Columns are divided by their norm plus 1e-5, and those here are longer than 1. */
  private static final double NORM_ERROR = 1e-5;

  /** bfloat16 has 8 significant bits; a result here has been rounded in three products. */
  private static final double BFLOAT16_ERROR = 3 * Math.pow(2, -8);

  private static final int H = 3;
  private static final int D = 8;
  private static final int E = 20;
  private static final int TOKENS = 300;

  private final Random random = new Random(23);
  private NDManager manager;
  private Kernels kernels;
  private FastWeightOperator operator;

  @BeforeEach
  void open() {
    manager = Torch.open(Device.cpu(), 1);
    kernels = Kernels.load(manager);
    operator = new FastWeightOperator(kernels, FastWeightRule.muon(5));
  }

  @AfterEach
  void close() {
    kernels.close();
    manager.close();
  }

  /** Tokens that fast weights learn from. */
  private record Examples(NDArray k, NDArray v, List<NDArray> rates) {
    Examples between(int begin, int end) {
      String part = ":," + begin + ":" + end;
      return new Examples(k.get(part), v.get(part), rates.stream().map(r -> r.get(part)).toList());
    }

    Examples to(DataType type) {
      return new Examples(
          k.toType(type, false),
          v.toType(type, false),
          rates.stream().map(rate -> rate.toType(type, false)).toList());
    }
  }

  /** Tiles of one head, of two, and of all; of 128 tokens, of 150, and of all. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2 * 128 * E, 3 * 150 * E, 1 << 20})
  void gradientInClosedFormIsThatOfAutograd(int tile) {
    FastWeightOperator tiled = new FastWeightOperator(kernels, FastWeightRule.muon(5), tile);
    FastWeights weights = weights(tiled);
    Examples examples = examples(TOKENS);

    FastWeightGradient gradient = gradient(tiled, weights, examples);

    for (int i = 0; i < 3; i++) {
      NDArray expected = byAutograd(weights, examples, i);
      assertThat(error(gradient.tensors().get(i), expected)).isLessThan(FLOAT64_ERROR);
    }
    assertThat(gradient.tokens()).isEqualTo(TOKENS);
  }

  @Test
  void gradientsOfShardsAddToThatOfAllTokens() {
    FastWeights weights = weights(operator);
    Examples examples = examples(TOKENS);
    FastWeightGradient whole = gradient(operator, weights, examples);

    FastWeightGradient sum = gradient(operator, weights, examples.between(0, 140));
    sum.add(gradient(operator, weights, examples.between(140, 141)));
    sum.add(gradient(operator, weights, examples.between(141, TOKENS)));

    assertThat(sum.tokens()).isEqualTo(whole.tokens());
    assertSame(sum.tensors(), whole.tensors());
  }

  @Test
  void chunksMayBeAccumulatedIntoOneGradient() {
    FastWeights weights = weights(operator);
    Examples examples = examples(TOKENS);
    FastWeightGradient whole = gradient(operator, weights, examples);

    FastWeightGradient chunked = operator.gradient(manager, weights);
    for (Examples chunk : List.of(examples.between(0, 30), examples.between(30, TOKENS))) {
      operator.accumulate(chunked, weights, chunk.k(), chunk.v(), chunk.rates());
    }

    assertSame(chunked.tensors(), whole.tensors());
  }

  @Test
  void orderOfTokensDoesNotMatter() {
    FastWeights weights = weights(operator);
    Examples examples = examples(TOKENS);
    Examples reversed =
        new Examples(
            examples.k().flip(1),
            examples.v().flip(1),
            examples.rates().stream().map(rate -> rate.flip(1)).toList());

    assertSame(
        gradient(operator, weights, reversed).tensors(),
        gradient(operator, weights, examples).tensors());
  }

  @Test
  void updateKeepsTheNormOfEachColumn() {
    FastWeights weights = weights(operator);
    List<NDArray> before =
        weights.tensors().stream().map(w -> w.norm(new int[] {1}, true)).toList();

    for (int step = 0; step < 3; step++) {
      operator.update(weights, gradient(operator, weights, examples(TOKENS)), step);
    }

    for (int i = 0; i < 3; i++) {
      NDArray after = weights.tensors().get(i).norm(new int[] {1}, true);
      assertThat(error(after, before.get(i))).isLessThan(NORM_ERROR);
    }
  }

  @Test
  void trainingMovesAnswersTowardsTheValues() {
    FastWeights weights = weights(operator);
    Examples examples = examples(TOKENS);
    double before = agreement(weights, examples);

    operator.update(weights, gradient(operator, weights, examples), 0);

    assertThat(agreement(weights, examples)).isGreaterThan(before);
  }

  @Test
  void sizeOfAGradientDoesNotMatterToMuon() {
    NDArray g = normal(1, H, D, E);

    NDArray small = kernels.call(manager, "newton_schulz", g, 5);
    NDArray large = kernels.call(manager, "newton_schulz", g.mul(1e6), 5);

    // The 1e-7 added to the Frobenius norm is all that the size changes.
    assertThat(error(large, small)).isLessThan(1e-7);
  }

  @Test
  void meanGradientIsThatOfRatesDividedByTheNumberOfTokens() {
    Examples examples = examples(TOKENS);
    Examples divided =
        new Examples(
            examples.k(),
            examples.v(),
            examples.rates().stream().map(rate -> rate.div(TOKENS)).toList());
    FastWeights expected = weights(operator);
    FastWeights actual = operator.copy(manager, expected);

    FastWeightOperator ofSum = new FastWeightOperator(kernels, new FastWeightRule(-1, false, 1));
    ofSum.update(expected, gradient(ofSum, expected, divided), 0);
    FastWeightOperator ofMean = new FastWeightOperator(kernels, new FastWeightRule(-1, true, 1));
    ofMean.update(actual, gradient(ofMean, actual, examples), 0);

    assertSame(actual.tensors(), expected.tensors());
  }

  @Test
  void copyHasALifeOfItsOwn() {
    FastWeights weights = weights(operator);
    FastWeights copy = operator.copy(manager, weights);
    double[] before = copy.tensors().get(0).toDoubleArray();

    operator.update(weights, gradient(operator, weights, examples(TOKENS)), 0);

    assertThat(copy.tensors().get(0).toDoubleArray()).isEqualTo(before);
    assertThat(weights.tensors().get(0).toDoubleArray()).isNotEqualTo(before);
  }

  @Test
  void askingDoesNotChangeTheWeights() {
    FastWeights weights = weights(operator);
    List<double[]> before = weights.tensors().stream().map(NDArray::toDoubleArray).toList();

    operator.apply(manager, weights, normal(1, H, TOKENS, D));

    for (int i = 0; i < 3; i++) {
      assertThat(weights.tensors().get(i).toDoubleArray()).isEqualTo(before.get(i));
    }
  }

  @Test
  void answersDependOnTheirOwnQueryOnly() {
    FastWeights weights = weights(operator);
    NDArray queries = normal(1, H, 700, D);

    NDArray together = operator.apply(manager, weights, queries);
    NDArray alone = operator.apply(manager, weights, queries.get(":,600:601"));

    assertThat(error(together.get(":,600:601"), alone)).isLessThan(FLOAT64_ERROR);
  }

  @Test
  void bfloat16TokensGiveNearlyWhatFloat32TokensGive() {
    FastWeights weights =
        operator.start(
            manager,
            narrow(normal(0.4, H, D, E)),
            narrow(normal(0.4, H, E, D)),
            narrow(normal(0.4, H, D, E)));
    Examples exact = examples(TOKENS).to(DataType.FLOAT32);
    Examples rounded =
        new Examples(
            kernels.call(manager, "to_bfloat16", exact.k()),
            kernels.call(manager, "to_bfloat16", exact.v()),
            exact.rates());

    FastWeightGradient expected = gradient(operator, weights, exact);
    FastWeightGradient actual = gradient(operator, weights, rounded);
    NDArray answer =
        kernels.call(manager, "to_float32", operator.apply(manager, weights, rounded.k()));

    for (int i = 0; i < 3; i++) {
      assertThat(actual.tensors().get(i).getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(error(actual.tensors().get(i), expected.tensors().get(i)))
          .isLessThan(BFLOAT16_ERROR);
    }
    assertThat(error(answer, operator.apply(manager, weights, exact.k())))
        .isLessThan(BFLOAT16_ERROR);
  }

  @Test
  void thousandUpdatesLeaveNoTensorBehind() {
    FastWeights weights = weights(operator);
    Examples examples = examples(5);
    int before = manager.getManagedArrays().size();

    for (int step = 0; step < 1000; step++) {
      try (FastWeightGradient gradient = gradient(operator, weights, examples)) {
        operator.update(weights, gradient, step);
        operator.apply(manager, weights, examples.k()).close();
      }
    }

    assertThat(manager.getManagedArrays()).hasSize(before);
  }

  private FastWeights weights(FastWeightOperator of) {
    return of.start(manager, normal(1, H, D, E), normal(1, H, E, D), normal(1, H, D, E));
  }

  private Examples examples(int tokens) {
    List<NDArray> rates =
        List.of(
            normal(0.1, H, tokens, 1).abs(),
            normal(0.1, H, tokens, 1).abs(),
            normal(0.1, H, tokens, 1).abs());
    return new Examples(normal(1, H, tokens, D), normal(1, H, tokens, D), rates);
  }

  private FastWeightGradient gradient(
      FastWeightOperator of, FastWeights weights, Examples examples) {
    FastWeightGradient gradient = of.gradient(manager, weights);
    of.accumulate(gradient, weights, examples.k(), examples.v(), examples.rates());
    return gradient;
  }

  /** The sum over tokens of f(k) v. */
  private double agreement(FastWeights weights, Examples examples) {
    NDArray answers = operator.apply(manager, weights, examples.k());
    return answers.mul(examples.v()).sum().getDouble();
  }

  /** The gradient of the sum of lr f(k) v by one of the weights, as the engine derives it. */
  private NDArray byAutograd(FastWeights weights, Examples examples, int which) {
    List<NDArray> w = weights.tensors().stream().map(t -> t.add(0)).toList();
    w.get(which).setRequiresGradient(true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray g = examples.k().matMul(w.get(0));
      NDArray sigmoid = g.neg().exp().add(1).pow(-1);
      NDArray answers = g.mul(sigmoid).mul(examples.k().matMul(w.get(2))).matMul(w.get(1));
      collector.backward(answers.mul(examples.v()).mul(examples.rates().get(which)).sum());
    }
    return w.get(which).getGradient();
  }

  private static void assertSame(List<NDArray> actual, List<NDArray> expected) {
    for (int i = 0; i < 3; i++) {
      assertThat(error(actual.get(i), expected.get(i))).isLessThan(FLOAT64_ERROR);
    }
  }

  private static double error(NDArray actual, NDArray expected) {
    double difference =
        actual.sub(expected).abs().max().toType(DataType.FLOAT64, false).getDouble();
    return difference / expected.abs().max().toType(DataType.FLOAT64, false).getDouble();
  }

  private static NDArray narrow(NDArray tensor) {
    return tensor.toType(DataType.FLOAT32, false);
  }

  private NDArray normal(double sigma, long... shape) {
    Shape of = new Shape(shape);
    double[] numbers = random.doubles(of.size()).map(u -> sigma * random.nextGaussian()).toArray();
    return manager.create(numbers, of);
  }
}
