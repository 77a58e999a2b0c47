package dev.tessera.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tessera.tensor.GoldenTensors;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DptHeadTest {
  /** Agreed for the reference's float32 files, whose own rounding is 2e-6. */
  private static final double FLOAT32_ERROR = 1e-5;

  /** Some ten thousand float64 operations per pixel, each rounded to 1.1e-16. */
  private static final double FLOAT64_ROUNDING = 1e-12;

  /** Some ten roundings to 8 bits, 4e-3 each, in one small head. */
  private static final double BFLOAT16_ERROR = 4e-2;

  @ParameterizedTest
  @CsvSource({
    "vggt_tiny.caseA_4x56x70, depth_head",
    "vggt_tiny.caseA_4x56x70, point_head",
    "vggt_tiny.caseB_3x84x56, depth_head",
    "vggt_tiny.caseB_3x84x56, point_head",
    "vggt_tiny.caseC_1x56x56, depth_head",
    "vggt_tiny.caseC_1x56x56, point_head",
    "vggttt_tiny.caseA_steps1, depth_head",
    "vggttt_tiny.caseA_steps1, point_head"
  })
  void predictionIsTheReferences(String name, String module) {
    try (GoldenTensors golden = GoldenTensors.open(name + ".safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT32);
        DptHead head = head(fixture, name, module)) {
      DptHead.Prediction prediction = predict(fixture, head, golden);

      assertThat(prediction.values().getShape())
          .isEqualTo(new Shape(golden.info(values(module)).dimensions()).slice(1));
      fixture.assertClose(name, golden, values(module), prediction.values(), FLOAT32_ERROR);
      fixture.assertClose(name, golden, confidence(module), prediction.confidence(), FLOAT32_ERROR);
    }
  }

  /** The token maps that are at hand are float32, which bounds what can be asked of float64. */
  @ParameterizedTest
  @CsvSource({
    "vggt_tiny.caseA_4x56x70, depth_head",
    "vggt_tiny.caseA_4x56x70, point_head",
    "vggt_tiny.caseB_3x84x56, depth_head",
    "vggt_tiny.caseB_3x84x56, point_head"
  })
  void predictionInFloat64FromFloat32TokensIsTheReferences(String name, String module) {
    try (GoldenTensors golden = GoldenTensors.open(name + ".safetensors");
        GoldenTensors wide = GoldenTensors.open(name + ".f64.safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT64);
        DptHead head = head(fixture, name, module)) {
      DptHead.Prediction prediction = predict(fixture, head, golden);

      fixture.assertClose(name, wide, values(module), prediction.values(), FLOAT32_ERROR);
      fixture.assertClose(name, wide, confidence(module), prediction.confidence(), FLOAT32_ERROR);
    }
  }

  @ParameterizedTest
  @CsvSource({"3, 5", "2, 2", "1, 3"})
  void groupingOfViewsDoesNotChangeTheResult(int rows, int columns) {
    try (HeadFixture fixture = new HeadFixture(DataType.FLOAT64)) {
      Random random = new Random(rows);
      TokenGrid grid = fixture.grid(rows, columns);
      List<NDArray> maps = randomMaps(fixture, random, 3, grid);
      try (DptHead head = randomHead(fixture, random, DptHead.Output.POINTS)) {
        DptHead.Prediction together = head.predict(fixture.manager, maps, grid, 14);
        DptHead.Prediction first = head.predict(fixture.manager, views(maps, ":1"), grid, 14);
        DptHead.Prediction rest = head.predict(fixture.manager, views(maps, "1:"), grid, 14);

        assertThat(together.values().getShape())
            .isEqualTo(new Shape(3, 14L * rows, 14L * columns, 3));
        GoldenTensors.assertClose(
            "values of groups",
            first.values().concat(rest.values(), 0).toDoubleArray(),
            together.values().toDoubleArray(),
            FLOAT64_ROUNDING);
        GoldenTensors.assertClose(
            "confidence of groups",
            first.confidence().concat(rest.confidence(), 0).toDoubleArray(),
            together.confidence().toDoubleArray(),
            FLOAT64_ROUNDING);
      }
    }
  }

  @Test
  void weightsMayBeBfloat16() {
    try (HeadFixture fixture = new HeadFixture(DataType.FLOAT32)) {
      Random random = new Random(11);
      TokenGrid grid = fixture.grid(2, 3);
      List<NDArray> maps = randomMaps(fixture, random, 1, grid);
      Map<String, NDArray> weights = RandomDpt.weights(fixture, random, 2);
      try (DptHead wide = head(fixture, weights, DptHead.Output.DEPTH);
          DptHead narrow = head(fixture, fixture.bfloat16(weights), DptHead.Output.DEPTH)) {
        DptHead.Prediction expected = wide.predict(fixture.manager, maps, grid, 14);
        DptHead.Prediction actual = narrow.predict(fixture.manager, maps, grid, 14);

        GoldenTensors.assertClose(
            "depth in bfloat16",
            actual.values().toFloatArray(),
            expected.values().toFloatArray(),
            BFLOAT16_ERROR);
      }
    }
  }

  @Test
  void theTokensOfTheCallerStayAsTheyAre() {
    try (HeadFixture fixture = new HeadFixture(DataType.FLOAT32)) {
      Random random = new Random(8);
      TokenGrid grid = fixture.grid(2, 3);
      List<NDArray> maps = randomMaps(fixture, random, 2, grid);
      List<float[]> before = maps.stream().map(NDArray::toFloatArray).toList();
      try (DptHead head = randomHead(fixture, random, DptHead.Output.DEPTH)) {
        head.predict(fixture.manager, maps, grid, 14);

        assertThat(maps.stream().map(NDArray::toFloatArray).toList())
            .usingRecursiveComparison()
            .isEqualTo(before);
      }
    }
  }

  @Test
  void onlyThePredictionStaysInTheScopeAndTablesAreMadeOncePerSize() {
    try (HeadFixture fixture = new HeadFixture(DataType.FLOAT32);
        NDManager owner = fixture.manager.newSubManager();
        NDManager scope = fixture.manager.newSubManager()) {
      Random random = new Random(9);
      TokenGrid grid = fixture.grid(2, 3);
      List<NDArray> maps = randomMaps(fixture, random, 2, grid);
      Map<String, NDArray> weights = RandomDpt.weights(fixture, random, 2);
      try (DptHead head = new DptHead(owner, fixture.kernels, weights, DptHead.Output.DEPTH)) {
        int arraysBefore = fixture.arrays();

        DptHead.Prediction one = head.predict(scope, maps, grid, 14);
        int tables = owner.getManagedArrays().size();
        DptHead.Prediction two = head.predict(scope, maps, grid, 14);

        assertThat(scope.getManagedArrays())
            .containsExactlyInAnyOrder(
                one.values(), one.confidence(), two.values(), two.confidence());
        assertThat(owner.getManagedArrays()).hasSize(tables);
        assertThat(fixture.arrays() - arraysBefore).isEqualTo(tables + 4);
      }
      assertThat(owner.getManagedArrays()).isEmpty();
    }
  }

  @Test
  void activationsAreTheReferences() {
    try (GoldenTensors golden = GoldenTensors.open("geometry_unit.safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT32)) {
      NDArray raw = fixture.array(golden, "act.in");
      NDArray depthRaw = raw.get(":, :2");

      List<NDArray> points =
          fixture.kernels.callForList(fixture.manager, "points_and_confidence", raw);
      List<NDArray> depth =
          fixture.kernels.callForList(fixture.manager, "depth_and_confidence", depthRaw);

      golden.assertClose("act.inv_log.pred", points.get(0).toFloatArray(), FLOAT32_ERROR);
      golden.assertClose("act.inv_log.conf", points.get(1).toFloatArray(), FLOAT32_ERROR);
      golden.assertClose("act.exp.pred", depth.get(0).toFloatArray(), FLOAT32_ERROR);
      golden.assertClose("act.exp.conf", depth.get(1).toFloatArray(), FLOAT32_ERROR);
    }
  }

  @Test
  void tokenMapsOfAnotherNumberOrSizeAreRefused() {
    try (HeadFixture fixture = new HeadFixture(DataType.FLOAT32)) {
      Random random = new Random(10);
      TokenGrid grid = fixture.grid(2, 3);
      List<NDArray> maps = randomMaps(fixture, random, 1, grid);
      try (DptHead head = randomHead(fixture, random, DptHead.Output.DEPTH)) {
        assertThatThrownBy(() -> head.predict(fixture.manager, maps.subList(0, 3), grid, 14))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("Cannot fuse 3 token maps: need 4");
        assertThatThrownBy(() -> head.predict(fixture.manager, maps, fixture.grid(2, 4), 14))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("Cannot fuse token map (1, 11, 16): need (views, 13, width)");
      }
    }
  }

  private static List<NDArray> views(List<NDArray> maps, String range) {
    return maps.stream().map(map -> map.get(new NDIndex(range))).toList();
  }

  private static DptHead.Prediction predict(
      HeadFixture fixture, DptHead head, GoldenTensors golden) {
    return head.predict(fixture.manager, fixture.tokenMaps(golden), fixture.grid(golden), 14);
  }

  private static String values(String module) {
    return module.equals("depth_head") ? "out.depth" : "out.world_points";
  }

  private static String confidence(String module) {
    return values(module) + "_conf";
  }

  private static DptHead head(HeadFixture fixture, String caseName, String module) {
    DptHead.Output output =
        module.equals("depth_head") ? DptHead.Output.DEPTH : DptHead.Output.POINTS;
    return head(fixture, fixture.weights(caseName, module), output);
  }

  private static DptHead head(
      HeadFixture fixture, Map<String, NDArray> weights, DptHead.Output output) {
    return new DptHead(fixture.manager, fixture.kernels, weights, output);
  }

  private static DptHead randomHead(HeadFixture fixture, Random random, DptHead.Output output) {
    int channels = output == DptHead.Output.DEPTH ? 2 : 4;
    return head(fixture, RandomDpt.weights(fixture, random, channels), output);
  }

  private static List<NDArray> randomMaps(
      HeadFixture fixture, Random random, int views, TokenGrid grid) {
    return random
        .ints(DptHead.LEVELS)
        .mapToObj(seed -> fixture.noise(new Random(seed), 1, views, grid.tokens(), RandomDpt.WIDTH))
        .toList();
  }
}
