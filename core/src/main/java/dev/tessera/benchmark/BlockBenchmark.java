package dev.tessera.benchmark;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.Torch;
import dev.tessera.tensor.WeightGroup;
import dev.tessera.ttt.FastWeightGradient;
import dev.tessera.ttt.FastWeightOperator;
import dev.tessera.ttt.FastWeightRule;
import dev.tessera.ttt.FastWeights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * How near the kernels come to what the machine can do: floating point operations per second of a
 * ViT-L block and of a global layer's mixers, against plain matrix products measured in turn with
 * them.
 */
public final class BlockBenchmark implements AutoCloseable {
  private static final int WIDTH = 1024;
  private static final int HEADS = 16;
  private static final int HEAD = WIDTH / HEADS;
  private static final int HIDDEN = 4 * WIDTH;
  private static final int FAST_HIDDEN = 4 * HEAD;
  private static final int MUON_STEPS = 5;

  /** One view of 518 x 518: 37 x 37 patches and 5 special tokens. */
  private static final int TOKENS = 1374;

  private static final int MIXED_TOKENS = 8192;
  private static final int SQUARE = 2048;
  private static final double EPS = 1e-5;
  private static final double GIGA = 1e9;

  private final NDManager manager;
  private final Kernels kernels;
  private final int threads;
  private final List<WeightGroup> groups = new ArrayList<>();
  private final List<Case> cases = new ArrayList<>();

  /** One thing to time. */
  private static final class Case {
    private final String name;
    private final String precision;
    private final double operations;
    private final Supplier<NDArray> work;
    private double seconds = Double.POSITIVE_INFINITY;

    private Case(String name, String precision, double operations, Supplier<NDArray> work) {
      this.name = name;
      this.precision = precision;
      this.operations = operations;
      this.work = work;
    }

    private double gigaflops() {
      return operations / seconds / GIGA;
    }
  }

  public BlockBenchmark(Device device, int threads) {
    this.manager = Torch.open(device, threads);
    this.kernels = Kernels.load(manager);
    this.threads = threads;
    square();
    Map<String, NDArray> block = blockWeights();
    for (boolean half : new boolean[] {false, true}) {
      WeightGroup weights = new WeightGroup(half ? halved(block) : block);
      groups.add(weights);
      products(weights, half ? "BF16" : "F32");
      block(weights, half ? "BF16" : "F32");
      softmax(weights, half ? "BF16" : "F32");
    }
    fastWeights();
  }

  /**
   * Measures.
   *
   * @param repeats rounds through all cases, of which the best of each counts
   */
  public Table run(int repeats) {
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (Case c : cases) {
        c.seconds = Math.min(c.seconds, seconds(c.work));
      }
    }
    double plain = cases.get(0).gigaflops();
    Map<String, Double> single = new HashMap<>();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Case c : cases) {
      single.putIfAbsent(c.name, c.seconds);
      rows.add(
          Table.row(
              "kernel",
              c.name,
              "precision",
              c.precision,
              "ms",
              c.seconds * 1e3,
              "GFLOP/s",
              c.gigaflops(),
              "% of the 2048^3 product",
              100 * c.gigaflops() / plain,
              "times as fast as F32",
              single.get(c.name) / c.seconds));
    }
    return new Table("block", rows, List.of("Best of %d, %d threads.".formatted(repeats, threads)));
  }

  private double seconds(Supplier<NDArray> work) {
    long start = System.nanoTime();
    try (NDManager step = manager.newSubManager();
        NDArray result = work.get()) {
      // Asking for numbers waits for a GPU.
      NDArray first = kernels.call(step, "rows", result, 0, 1);
      kernels.call(step, "to_float32", first).toByteBuffer();
    }
    return (System.nanoTime() - start) / GIGA;
  }

  private NDArray random(long... shape) {
    return manager.randomNormal(new Shape(shape));
  }

  /** Uncounted entries keep their variance through a matrix of so many inputs. */
  private NDArray weight(long outputs, long inputs) {
    return random(outputs, inputs).muli(1 / Math.sqrt(inputs));
  }

  private void square() {
    NDArray a = random(SQUARE, SQUARE);
    NDArray b = random(SQUARE, SQUARE);
    cases.add(new Case("2048^3 product", "F32", 2.0 * SQUARE * SQUARE * SQUARE, () -> a.matMul(b)));
  }

  private Map<String, NDArray> blockWeights() {
    Map<String, NDArray> w = new HashMap<>();
    for (String norm : List.of("norm1", "norm2")) {
      w.put(norm + ".weight", manager.ones(new Shape(WIDTH)));
      w.put(norm + ".bias", manager.zeros(new Shape(WIDTH)));
    }
    for (String norm : List.of("attn.q_norm", "attn.k_norm")) {
      w.put(norm + ".weight", manager.ones(new Shape(HEAD)));
      w.put(norm + ".bias", manager.zeros(new Shape(HEAD)));
    }
    linear(w, "attn.qkv", 3 * WIDTH, WIDTH);
    linear(w, "attn.proj", WIDTH, WIDTH);
    linear(w, "mlp.fc1", HIDDEN, WIDTH);
    linear(w, "mlp.fc2", WIDTH, HIDDEN);
    w.put("ls1.gamma", manager.ones(new Shape(WIDTH)));
    w.put("ls2.gamma", manager.ones(new Shape(WIDTH)));
    return w;
  }

  private void linear(Map<String, NDArray> w, String name, long outputs, long inputs) {
    w.put(name + ".weight", weight(outputs, inputs));
    w.put(name + ".bias", manager.zeros(new Shape(outputs)));
  }

  private Map<String, NDArray> halved(Map<String, NDArray> weights) {
    Map<String, NDArray> halved = new HashMap<>(weights);
    for (String layer : List.of("attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2")) {
      for (String part : List.of(".weight", ".bias")) {
        halved.put(layer + part, kernels.call(manager, "to_bfloat16", weights.get(layer + part)));
      }
    }
    return halved;
  }

  /** The block's own matrix products, by themselves. */
  private void products(WeightGroup w, String precision) {
    NDArray x = random(TOKENS, WIDTH);
    NDArray wide = random(TOKENS, HIDDEN);
    product("linear 1024 -> 3072", w, "attn.qkv", x, precision, 3 * WIDTH);
    product("linear 1024 -> 4096", w, "mlp.fc1", x, precision, HIDDEN);
    product("linear 4096 -> 1024", w, "mlp.fc2", wide, precision, WIDTH);
  }

  private void product(
      String name, WeightGroup w, String layer, NDArray x, String precision, int outputs) {
    double operations = 2.0 * TOKENS * x.getShape().get(1) * outputs;
    cases.add(
        new Case(name, precision, operations, () -> kernels.call(manager, "linear", x, w, layer)));
  }

  private void block(WeightGroup w, String precision) {
    NDArray x = random(1, TOKENS, WIDTH);
    NDArray cos = turns(TOKENS).cos();
    NDArray sin = turns(TOKENS).sin();
    double operations = 24.0 * TOKENS * WIDTH * WIDTH + 4.0 * TOKENS * TOKENS * WIDTH;
    cases.add(
        new Case(
            "ViT-L block, 1374 tokens",
            precision,
            operations,
            () -> kernels.call(manager, "rotary_block", x, w, HEADS, EPS, cos, sin)));
  }

  private NDArray turns(int tokens) {
    return manager.arange(0f, tokens * HEAD / 2f).reshape(tokens, 2, HEAD / 4);
  }

  private void softmax(WeightGroup w, String precision) {
    NDArray x = random(1, TOKENS, WIDTH);
    NDArray cos = turns(TOKENS).cos();
    NDArray sin = turns(TOKENS).sin();
    NDArray memory = random(1, MIXED_TOKENS, WIDTH);
    NDArray memoryCos = turns(MIXED_TOKENS).cos();
    NDArray memorySin = turns(MIXED_TOKENS).sin();
    List<NDArray> written =
        kernels.callForList(manager, "softmax_write", memory, w, HEADS, EPS, memoryCos, memorySin);
    double operations = 6.0 * TOKENS * WIDTH * WIDTH + 4.0 * TOKENS * MIXED_TOKENS * WIDTH;
    cases.add(
        new Case(
            "softmax read, 1374 of 8192 tokens",
            precision,
            operations,
            () ->
                kernels.call(
                    manager,
                    "softmax_read",
                    x,
                    w,
                    HEADS,
                    EPS,
                    cos,
                    sin,
                    written.get(0),
                    written.get(1))));
  }

  /** A step and a read of the fast weights on features that are there already. */
  private void fastWeights() {
    FastWeightOperator operator =
        new FastWeightOperator(kernels, new FastWeightRule(MUON_STEPS, false, 1));
    NDArray w0 = random(HEADS, HEAD, FAST_HIDDEN);
    NDArray w1 = random(HEADS, FAST_HIDDEN, HEAD);
    NDArray w2 = random(HEADS, HEAD, FAST_HIDDEN);
    FastWeights weights = operator.start(manager, w0, w1, w2);
    NDArray k = random(HEADS, MIXED_TOKENS, HEAD);
    NDArray v = random(HEADS, MIXED_TOKENS, HEAD);
    NDArray rate = random(HEADS, MIXED_TOKENS, 1);
    // Six products of D x E for a gradient, three for an answer; Newton-Schulz on 3 matrices of
    // each head: 2 D^2 E + 2 D^3 + 2 D^2 E a step.
    double product = 2.0 * MIXED_TOKENS * WIDTH * FAST_HIDDEN;
    double schulz =
        3.0 * HEADS * MUON_STEPS * (4.0 * HEAD * HEAD * FAST_HIDDEN + 2.0 * HEAD * HEAD * HEAD);
    cases.add(
        new Case(
            "fast weights: write and commit 8192 tokens",
            "F32",
            6 * product + schulz,
            () -> {
              try (FastWeightGradient gradient = operator.gradient(manager, weights)) {
                operator.accumulate(gradient, weights, k, v, List.of(rate, rate, rate));
                operator.update(weights, gradient, 0);
              }
              return kernels.call(manager, "rows", weights.tensors().get(0), 0, 1);
            }));
    cases.add(
        new Case(
            "fast weights: read 8192 tokens",
            "F32",
            3 * product,
            () -> operator.apply(manager, weights, k)));
  }

  @Override
  public void close() {
    groups.forEach(WeightGroup::close);
    kernels.close();
    manager.close();
  }
}
