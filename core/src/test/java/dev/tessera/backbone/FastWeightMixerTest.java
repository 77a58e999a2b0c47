package dev.tessera.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tessera.backbone.AttentionMixer.LayerMemory;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.Torch;
import dev.tessera.tensor.WeightGroup;
import dev.tessera.ttt.FastWeightRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for a layer of fast weights with any weights and any tokens. */
class FastWeightMixerTest {
  /** A few thousand roundings of float64, raised by up to 485 in each of two updates. */
  private static final double FLOAT64_ERROR = 1e-10;

  /**
   * Rounding to bfloat16 is a relative error of 2^-9; Newton-Schulz turns the weakest directions of
   * the gradient by more than that.
   */
  private static final double BFLOAT16_ERROR = 0.1;

  private static final int HEADS = 2;
  private static final int WIDTH = 16;
  private static final int HIDDEN = 24;
  private static final int VIEWS = 4;
  private static final FastWeightMixer.Config TWO_STEPS =
      new FastWeightMixer.Config(2, 0.01, FastWeightRule.muon(5));

  private final Random random = new Random(29);
  private NDManager manager;
  private Kernels kernels;
  private TokenGrid grid;
  private Map<String, NDArray> weights;
  private WeightGroup block;
  private NDArray tokens;

  @BeforeEach
  void open() {
    manager = Torch.open(Device.cpu(), 1);
    kernels = Kernels.load(manager);
    TokenGrid table = TokenGrid.of(manager, 3, 4, 5, WIDTH / HEADS, 100);
    grid =
        new TokenGrid(
            3,
            4,
            5,
            table.cos().toType(DataType.FLOAT64, false),
            table.sin().toType(DataType.FLOAT64, false));
    int d = WIDTH / HEADS;
    weights = new TreeMap<>();
    weights.put("attn.qkv.weight", normal(0.3, 3 * WIDTH, WIDTH));
    weights.put("attn.qkv.bias", normal(0.3, 3 * WIDTH));
    weights.put("attn.lr_fc.weight", normal(0.3, 3 * HEADS, WIDTH));
    weights.put("attn.lr_fc.bias", normal(0.3, 3 * HEADS));
    weights.put("attn.short_conv_qkv.2.conf.weight", normal(0.3, WIDTH, 1, 3, 3));
    weights.put("attn.w0", normal(0.5, HEADS, d, HIDDEN));
    weights.put("attn.w1", normal(0.5, HEADS, HIDDEN, d));
    weights.put("attn.w2", normal(0.5, HEADS, d, HIDDEN));
    block = new WeightGroup(weights);
    tokens = normal(1, VIEWS, grid.tokens(), WIDTH);
  }

  @AfterEach
  void close() {
    block.close();
    kernels.close();
    manager.close();
  }

  /** One view's features are 17 tokens of 2 x 16 + 3 x 2 numbers of 8 bytes, 5168 in all. */
  @ParameterizedTest
  @ValueSource(longs = {0, 2 * 5168, Long.MAX_VALUE})
  void whatIsKeptIsWhatWouldBeComputedAgain(long keptBytes) {
    double[] expected = mixed(new FastWeightMixer(kernels, TWO_STEPS, 0), VIEWS, tokens);

    double[] actual = mixed(new FastWeightMixer(kernels, TWO_STEPS, keptBytes), 1, tokens);

    assertThat(error(actual, expected)).isLessThan(FLOAT64_ERROR);
  }

  @Test
  void keptFeaturesAreNotComputedAgain() {
    LayerMemory memory = mixer(Long.MAX_VALUE).begin(manager, block, grid);
    LayerMemory same = mixer(Long.MAX_VALUE).begin(manager, block, grid);
    memory.write(0, tokens);
    memory.commit();
    same.write(0, tokens);
    same.commit();

    memory.write(0, tokens);
    memory.commit();
    same.write(0, tokens.mul(2));
    same.commit();

    assertThat(answers(same)).isEqualTo(answers(memory));
  }

  @Test
  void orderOfViewsDoesNotMatter() {
    double[] expected = mixed(mixer(0), 1, tokens);

    NDArray reversed = tokens.flip(0);
    NDArray back =
        manager
            .create(mixed(mixer(0), 1, reversed), new Shape(VIEWS, grid.tokens(), WIDTH))
            .flip(0);

    assertThat(error(back.toDoubleArray(), expected)).isLessThan(FLOAT64_ERROR);
  }

  @Test
  void convolutionMayHaveEitherOfItsTwoNames() {
    double[] expected = answers(written(mixer(0).begin(manager, block, grid), 1, tokens));
    Map<String, NDArray> renamed = new TreeMap<>(weights);
    renamed.put(
        "attn.short_conv_qkv.2.conv.weight", renamed.remove("attn.short_conv_qkv.2.conf.weight"));

    try (WeightGroup other = new WeightGroup(renamed)) {
      LayerMemory memory = written(mixer(0).begin(manager, other, grid), 1, tokens);

      assertThat(answers(memory)).isEqualTo(expected);
    }
  }

  @Test
  void readingChangesNothing() {
    LayerMemory memory = written(mixer(0).begin(manager, block, grid), 1, tokens);
    double[] before = memory.tensors().get("w1").toDoubleArray();

    memory.read(manager, LayerMemory.UNSEEN, normal(1, 1, grid.tokens(), WIDTH));

    assertThat(memory.tensors().get("w1").toDoubleArray()).isEqualTo(before);
  }

  @Test
  void learningDoesNotChangeTheCheckpoint() {
    double[] before = weights.get("attn.w0").toDoubleArray();

    LayerMemory memory = written(mixer(0).begin(manager, block, grid), 1, tokens);

    assertThat(weights.get("attn.w0").toDoubleArray()).isEqualTo(before);
    assertThat(memory.tensors().get("w0").toDoubleArray()).isNotEqualTo(before);
  }

  @Test
  void restoredMemoryAnswersAsTheOneThatWasKept() {
    LayerMemory memory = written(mixer(0).begin(manager, block, grid), 1, tokens);
    double[] expected = answers(memory);

    LayerMemory restored = mixer(0).restore(manager, block, grid, memory.tensors());

    assertThat(answers(restored)).isEqualTo(expected);
    assertThat(restored.passes()).isZero();
    assertThatThrownBy(() -> restored.write(0, tokens))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot write to fast weights: 0 of 0 passes are done");
  }

  @Test
  void memoryIsRestoredFromAllItsTensorsOnly() {
    Map<String, NDArray> some = Map.of("w0", tokens, "w2", tokens);

    assertThatThrownBy(() -> mixer(0).restore(manager, block, grid, some))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot restore fast weights: need [w0, w1, w2], found ");
  }

  @Test
  void nothingIsWrittenAfterTheLastPassOrWithoutAGroup() {
    LayerMemory memory = mixer(0).begin(manager, block, grid);
    assertThatThrownBy(() -> memory.write(LayerMemory.UNSEEN, tokens))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write views without a group number");

    written(memory, 1, tokens);

    assertThatThrownBy(memory::commit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot write to fast weights: 2 of 2 passes are done");
  }

  @Test
  void stepsAndRatesMustBePositive() {
    assertThatThrownBy(() -> new FastWeightMixer.Config(0, 0.01, FastWeightRule.muon(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Fast weights need at least 1 step, not 0");
    assertThatThrownBy(() -> new FastWeightMixer.Config(1, 0, FastWeightRule.muon(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Base learning rate must be positive, was 0.0");
    assertThatThrownBy(() -> new FastWeightRule(5, false, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Decay must be in (0, 1], was 0.0");
  }

  @Test
  void bfloat16CheckpointGivesNearlyWhatFloat64Gives() {
    double[] expected = mixed(mixer(Long.MAX_VALUE), 1, tokens);
    Map<String, NDArray> narrow = new TreeMap<>();
    weights.forEach((name, w) -> narrow.put(name, kernels.call(manager, "to_bfloat16", w)));
    TokenGrid narrowGrid =
        new TokenGrid(
            3,
            4,
            5,
            grid.cos().toType(DataType.FLOAT32, false),
            grid.sin().toType(DataType.FLOAT32, false));

    try (WeightGroup rounded = new WeightGroup(narrow)) {
      NDArray x = tokens.toType(DataType.FLOAT32, false);
      LayerMemory memory = written(mixer(Long.MAX_VALUE).begin(manager, rounded, narrowGrid), 2, x);
      NDArray answer = kernels.call(manager, "to_float32", memory.read(manager, 0, x));

      assertThat(memory.tensors().get("w0").getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(error(answer.toType(DataType.FLOAT64, false).toDoubleArray(), expected))
          .isLessThan(BFLOAT16_ERROR);
    }
  }

  @Test
  void layersComeAndGoWithoutATensorLeftBehind() {
    int before = manager.getManagedArrays().size();

    for (int round = 0; round < 100; round++) {
      try (LayerMemory memory = mixer(6000).begin(manager, block, grid);
          NDManager scope = manager.newSubManager();
          NDManager inputs = manager.newSubManager()) {
        NDArray one =
            inputs.create(new double[grid.tokens() * WIDTH], new Shape(1, grid.tokens(), WIDTH));
        for (int pass = 0; pass < memory.passes(); pass++) {
          memory.write(0, one);
          memory.write(1, one);
          memory.commit();
        }
        memory.read(scope, 0, one);
        assertThat(scope.getManagedArrays()).hasSize(1);
        assertThat(inputs.getManagedArrays()).hasSize(1);
      }
    }

    assertThat(manager.getManagedArrays()).hasSize(before);
  }

  private FastWeightMixer mixer(long keptBytes) {
    return new FastWeightMixer(kernels, TWO_STEPS, keptBytes);
  }

  /** Writes all views, some at a time. */
  private LayerMemory written(LayerMemory memory, int viewsPerGroup, NDArray x) {
    for (int pass = 0; pass < memory.passes(); pass++) {
      for (int view = 0; view < VIEWS; view += viewsPerGroup) {
        memory.write(view / viewsPerGroup, views(x, view, viewsPerGroup));
      }
      memory.commit();
    }
    return memory;
  }

  private double[] mixed(FastWeightMixer mixer, int viewsPerGroup, NDArray x) {
    LayerMemory memory = written(mixer.begin(manager, block, grid), viewsPerGroup, x);
    List<Double> all = new ArrayList<>();
    for (int view = 0; view < VIEWS; view++) {
      NDArray answer = memory.read(manager, LayerMemory.UNSEEN, views(x, view, 1));
      for (double number : answer.toDoubleArray()) {
        all.add(number);
      }
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private double[] answers(LayerMemory memory) {
    return memory.read(manager, LayerMemory.UNSEEN, tokens).toDoubleArray();
  }

  private static NDArray views(NDArray x, int first, int count) {
    return x.get(new NDIndex(first + ":" + (first + count)));
  }

  private static double error(double[] actual, double[] expected) {
    double difference = 0;
    double magnitude = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
    }
    return difference / magnitude;
  }

  private NDArray normal(double sigma, long... shape) {
    Shape of = new Shape(shape);
    double[] numbers = random.doubles(of.size()).map(u -> sigma * random.nextGaussian()).toArray();
    return manager.create(numbers, of);
  }
}
