package dev.tessera.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import dev.tessera.backbone.AttentionMixer.LayerMemory;
import dev.tessera.tensor.GoldenTensors;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.Torch;
import dev.tessera.tensor.WeightGroup;
import dev.tessera.ttt.FastWeightRule;
import dev.tessera.ttt.GoldenCases;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The mixer gives what the reference's FastWeightAttention gave. */
class FastWeightMixerGoldenTest {
  /** The reference's own float32 and float64 differ by up to 4e-7 here. */
  private static final double FLOAT32_ERROR = 1e-5;

  private static final double WEIGHT_ERROR = 3e-5;

  private static final double FLOAT64_ERROR = 1e-6;

  private static final double ROPE_BASE = 100;

  private NDManager manager;
  private Kernels kernels;

  @BeforeEach
  void open() {
    manager = Torch.open(Device.cpu(), 1);
    kernels = Kernels.load(manager);
  }

  @AfterEach
  void close() {
    kernels.close();
    manager.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ttt_op_subset", "ttt_op_unit"})
  void layersLearnAndAnswer(String set) {
    try (GoldenCases golden = GoldenCases.open(set)) {
      for (JsonObject each : golden.of("layer.")) {
        for (List<Integer> groups : List.of(List.of(3), List.of(2, 1), List.of(1, 1, 1))) {
          String id = each.get("id").getAsString();
          Layer narrow = new Layer(golden, each, DataType.FLOAT32, groups);
          golden.tensors().assertClose(id + ".y", narrow.y.toFloatArray(), FLOAT32_ERROR);
          for (String name : List.of("w0", "w1", "w2")) {
            golden
                .tensors()
                .assertClose(
                    id + ".final_" + name, narrow.kept.get(name).toFloatArray(), WEIGHT_ERROR);
          }
          Layer wide = new Layer(golden, each, DataType.FLOAT64, groups);
          golden.tensors().assertClose(id + ".y64", wide.y.toDoubleArray(), FLOAT64_ERROR);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ttt_op_subset", "ttt_op_unit"})
  void tokensGiveQueriesKeysValuesAndLearningRates(String set) {
    try (GoldenCases golden = GoldenCases.open(set)) {
      for (JsonObject each : golden.of("layer.")) {
        String id = each.get("id").getAsString();
        Layer layer = new Layer(golden, each, DataType.FLOAT32, List.of(3));
        FastWeightFeatures features =
            new FastWeightFeatures(
                kernels, layer.block, layer.grid, layer.heads, layer.config.learningRateBias());

        FastWeightFeatures.Examples examples = features.examples(manager, layer.x);

        NDArray queries = features.queries(manager, layer.x);
        golden.tensors().assertClose(id + ".q", queries.toFloatArray(), FLOAT32_ERROR);
        golden.tensors().assertClose(id + ".k", examples.k().toFloatArray(), FLOAT32_ERROR);
        golden.tensors().assertClose(id + ".v", examples.v().toFloatArray(), FLOAT32_ERROR);
        // The reference divides the rates, this code the gradient.
        double tokens = layer.config.rule().meanGradient() ? layer.x.size(0) * layer.x.size(1) : 1;
        for (int i = 0; i < 3; i++) {
          golden
              .tensors()
              .assertClose(
                  id + ".lr" + i,
                  examples.rates().get(i).div(tokens).toFloatArray(),
                  FLOAT32_ERROR);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ttt_op_subset", "ttt_op_unit"})
  void shortConvolution(String set) {
    try (GoldenCases golden = GoldenCases.open(set)) {
      for (JsonObject each : golden.of("sc.")) {
        String id = each.get("id").getAsString();
        NDArray mixed =
            kernels.call(
                manager,
                "short_convolved",
                views(golden.tensor(manager, id + ".x", DataType.FLOAT32), each),
                golden.tensor(manager, id + ".weight", DataType.FLOAT32),
                each.get("num_prefix").getAsInt(),
                each.get("patch_h").getAsInt(),
                each.get("patch_w").getAsInt());
        NDArray expected = views(golden.tensor(manager, id + ".y", DataType.FLOAT32), each);
        GoldenTensors.assertClose(
            id + ".y", mixed.toFloatArray(), expected.toFloatArray(), FLOAT32_ERROR);
      }
    }
  }

  /** Tokens as this code has them: (B, H, N, D) -> (views, P, C), without the suffix. */
  private NDArray views(NDArray x, JsonObject given) {
    long images = given.get("n_images").getAsLong();
    long views = x.size(0) * images;
    long n = x.size(2) - given.get("num_suffix").getAsLong();
    NDArray tokens = x.get(":,:,0:" + n).transpose(0, 2, 1, 3);
    return tokens.reshape(views, n / images, x.size(1) * x.size(3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ttt_op_subset", "ttt_op_unit"})
  void rotaryPosition(String set) {
    try (GoldenCases golden = GoldenCases.open(set)) {
      NDArray x = golden.tensor(manager, "rope.x", DataType.FLOAT32);
      TokenGrid grid = TokenGrid.of(manager, 4, 5, 5, Math.toIntExact(x.size(3)), ROPE_BASE);

      NDArray rotated =
          kernels.call(
              manager, "rotated", x.transpose(0, 2, 1, 3).duplicate(), grid.cos(), grid.sin());

      golden
          .tensors()
          .assertClose("rope.y", rotated.transpose(0, 2, 1, 3).toFloatArray(), FLOAT32_ERROR);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ttt_op_subset", "ttt_op_unit"})
  void learningRateBiasIsTheInverseOfSoftplus(String set) {
    try (GoldenCases golden = GoldenCases.open(set)) {
      double[] biases =
          Arrays.stream(golden.tensors().doubles("inv_softplus.x"))
              .map(x -> new FastWeightMixer.Config(1, x, FastWeightRule.muon(5)).learningRateBias())
              .toArray();

      golden.tensors().assertClose("inv_softplus.y", biases, FLOAT64_ERROR);
    }
  }

  /** A layer of the reference: its weights, tokens, and what it made of these. */
  private final class Layer {
    final FastWeightMixer.Config config;
    final int heads;
    final WeightGroup block;
    final TokenGrid grid;
    final NDArray x;
    final NDArray y;
    final Map<String, NDArray> kept;

    Layer(GoldenCases golden, JsonObject given, DataType type, List<Integer> groups) {
      String id = given.get("id").getAsString();
      heads = given.get("heads").getAsInt();
      int rows = given.get("patch_h").getAsInt();
      int columns = given.get("patch_w").getAsInt();
      int special = given.get("num_prefix").getAsInt();
      int width = given.get("dim").getAsInt();
      TokenGrid table = TokenGrid.of(manager, rows, columns, special, width / heads, ROPE_BASE);
      grid =
          new TokenGrid(
              rows,
              columns,
              special,
              table.cos().toType(type, false),
              table.sin().toType(type, false));
      block = block(golden, id, type);
      config =
          new FastWeightMixer.Config(
              given.get("num_steps").getAsInt(),
              given.get("base_lr").getAsDouble(),
              new FastWeightRule(
                  given.get("muon").getAsInt(), given.get("div_lr_by_seq_len").getAsBoolean(), 1));
      x = golden.tensor(manager, id + ".x", type).reshape(-1, grid.tokens(), width);
      FastWeightMixer mixer = new FastWeightMixer(kernels, config, Long.MAX_VALUE);
      LayerMemory memory = mixer.begin(manager, block, grid);
      for (int pass = 0; pass < memory.passes(); pass++) {
        for (int i = 0, at = 0; i < groups.size(); at += groups.get(i++)) {
          memory.write(i, views(at, groups.get(i)));
        }
        memory.commit();
      }
      NDList mixed = new NDList();
      for (int i = 0, at = 0; i < groups.size(); at += groups.get(i++)) {
        mixed.add(memory.read(manager, i, views(at, groups.get(i))));
      }
      y = projected(NDArrays.concat(mixed));
      kept = memory.tensors();
    }

    private NDArray projected(NDArray mixed) {
      NDArray weight = block.get("attn.proj.weight");
      return mixed.matMul(weight.transpose()).add(block.get("attn.proj.bias"));
    }

    private NDArray views(int first, int count) {
      return x.get(first + ":" + (first + count));
    }
  }

  private WeightGroup block(GoldenCases golden, String id, DataType type) {
    String prefix = id + ".param.";
    Map<String, NDArray> weights = new TreeMap<>();
    for (String name : golden.tensors().names()) {
      if (name.startsWith(prefix)) {
        weights.put("attn." + name.substring(prefix.length()), golden.tensor(manager, name, type));
      }
    }
    assertThat(weights).isNotEmpty();
    return new WeightGroup(weights);
  }
}
