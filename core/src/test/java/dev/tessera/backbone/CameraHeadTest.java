package dev.tessera.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import dev.tessera.tensor.GoldenTensors;
import dev.tessera.tensor.WeightGroup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CameraHeadTest {
  /** Agreed for the reference's float32 files, whose own rounding is 2e-6. */
  private static final double FLOAT32_ERROR = 1e-5;

  /** Agreed for the reference's float64 files. */
  private static final double FLOAT64_ERROR = 1e-6;

  /** Some hundred float64 operations, each rounded to 1.1e-16. */
  private static final double FLOAT64_ROUNDING = 1e-12;

  /** Some ten roundings to 8 bits, 4e-3 each, in one small head. */
  private static final double BFLOAT16_ERROR = 4e-2;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vggt_tiny.caseA_4x56x70",
        "vggt_tiny.caseB_3x84x56",
        "vggt_tiny.caseC_1x56x56",
        "vggttt_tiny.caseA_steps1"
      })
  void posesOfEveryIterationAreTheReferences(String name) {
    try (GoldenTensors golden = GoldenTensors.open(name + ".safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT32);
        CameraHead head = head(fixture, name)) {
      NDArray encodings = head.encodings(fixture.manager, fixture.cameraTokens(golden));

      fixture.assertClose(name, golden, "out.pose_enc_list", encodings, FLOAT32_ERROR);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vggt_tiny.caseA_4x56x70",
        "vggt_tiny.caseB_3x84x56",
        "vggt_tiny.caseC_1x56x56",
        "vggttt_tiny.caseA_steps1",
        "vggttt_tiny.caseA_steps2",
        "vggttt_tiny.caseB_steps2"
      })
  void posesInFloat64AreTheReferences(String name) {
    try (GoldenTensors golden = GoldenTensors.open(name + ".f64.safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT64);
        CameraHead head = head(fixture, name)) {
      NDArray tokens = fixture.array(golden, "out.cam_tokens").squeeze(0);

      NDArray encodings = head.encodings(fixture.manager, tokens);

      fixture.assertClose(name, golden, "out.pose_enc_list", encodings, FLOAT64_ERROR);
    }
  }

  @Test
  void aQueryIsPosedAmongTheViewsOfTheMap() {
    String name = "vggttt_tiny.localize";
    try (GoldenTensors golden = GoldenTensors.open(name + ".safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT32);
        CameraHead head = head(fixture, name)) {
      for (String query : List.of("query_first", "query_second", "query_both")) {
        NDArray tokens = fixture.array(golden, query + ".cam_tokens_all").squeeze(0);
        int queries = (int) golden.info(query + ".pose_enc").dimensions()[1];

        NDArray last = head.encodings(fixture.manager, tokens).get(-1);

        NDArray posed = last.get(new NDIndex("{}:", last.getShape().get(0) - queries));
        fixture.assertClose(name, golden, query + ".pose_enc", posed, FLOAT32_ERROR);
      }
    }
  }

  @Test
  void tokenAndBranchAreTheReferences() {
    String name = "vggt_tiny.caseA_4x56x70";
    try (GoldenTensors golden = GoldenTensors.open(name + ".safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT32);
        WeightGroup group = new WeightGroup(fixture.weights(name, "camera_head"))) {
      NDArray token =
          fixture.kernels.call(
              fixture.manager, "camera_token", fixture.cameraTokens(golden), group);
      NDArray trunk = fixture.array(golden, "stage.camera.trunk");
      NDArray delta = fixture.kernels.call(fixture.manager, "camera_delta", trunk, group);

      fixture.assertClose(name, golden, "stage.camera.token_norm", token, FLOAT32_ERROR);
      fixture.assertClose(name, golden, "stage.camera.pose_branch", delta, FLOAT32_ERROR);
    }
  }

  @Test
  void orderOfTheViewsDoesNotMatter() {
    try (HeadFixture fixture = new HeadFixture(DataType.FLOAT64)) {
      Random random = new Random(5);
      NDArray tokens = fixture.noise(random, 1, 3, 16);
      NDArray turned = tokens.get("1:").concat(tokens.get(":1"), 0);
      try (CameraHead head =
          new CameraHead(
              fixture.kernels, randomWeights(fixture, random), new CameraHead.Config(2, 1, 2))) {
        NDArray encodings = head.encodings(fixture.manager, tokens);
        NDArray ofTurned = head.encodings(fixture.manager, turned);

        NDArray turnedBack = ofTurned.get(":, 2:").concat(ofTurned.get(":, :2"), 1);
        GoldenTensors.assertClose(
            "views turned round",
            turnedBack.toDoubleArray(),
            encodings.toDoubleArray(),
            FLOAT64_ROUNDING);
      }
    }
  }

  @Test
  void weightsMayBeBfloat16() {
    try (HeadFixture fixture = new HeadFixture(DataType.FLOAT32)) {
      Random random = new Random(7);
      NDArray tokens = fixture.noise(random, 1, 3, 16);
      Map<String, NDArray> weights = randomWeights(fixture, random);
      CameraHead.Config config = new CameraHead.Config(2, 1, 2);
      try (CameraHead wide = new CameraHead(fixture.kernels, weights, config);
          CameraHead narrow = new CameraHead(fixture.kernels, fixture.bfloat16(weights), config)) {
        float[] expected = wide.encodings(fixture.manager, tokens).toFloatArray();
        float[] actual = narrow.encodings(fixture.manager, tokens).toFloatArray();

        GoldenTensors.assertClose("poses in bfloat16", actual, expected, BFLOAT16_ERROR);
      }
    }
  }

  @Test
  void onlyTheAnswerStaysInTheScope() {
    try (HeadFixture fixture = new HeadFixture(DataType.FLOAT32)) {
      Random random = new Random(6);
      NDArray tokens = fixture.noise(random, 1, 3, 16);
      try (CameraHead head =
              new CameraHead(
                  fixture.kernels, randomWeights(fixture, random), new CameraHead.Config(2, 1, 2));
          NDManager scope = fixture.manager.newSubManager()) {
        int arraysBefore = fixture.arrays();

        NDArray encodings = head.encodings(scope, tokens);

        assertThat(scope.getManagedArrays()).containsExactly(encodings);
        assertThat(fixture.arrays() - arraysBefore).isEqualTo(1);
      }
    }
  }

  @Test
  void fieldsOfViewAreNotNegativeWhateverIsFedBack() {
    try (GoldenTensors golden = GoldenTensors.open("geometry_unit.safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT32)) {
      NDArray poses = fixture.array(golden, "act.pose_in");

      NDArray activated = fixture.kernels.call(fixture.manager, "camera_activated", List.of(poses));

      golden.assertClose("act.pose_out", activated.toFloatArray(), 0);
    }
  }

  @Test
  void aHeadWithoutIterationsIsRefused() {
    assertThatThrownBy(() -> new CameraHead.Config(8, 2, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Camera head needs at least one head, trunk block and iteration, was 8, 2, 0");
  }

  private static CameraHead head(HeadFixture fixture, String caseName) {
    return new CameraHead(
        fixture.kernels, fixture.weights(caseName, "camera_head"), HeadFixture.CAMERA);
  }

  /** A head 16 wide with one trunk block. */
  private static Map<String, NDArray> randomWeights(HeadFixture fixture, Random random) {
    Map<String, NDArray> weights = new HashMap<>();
    weights.put("empty_pose_tokens", fixture.noise(random, 1, 1, 1, 9));
    linear(fixture, random, weights, "embed_pose", 9, 16);
    linear(fixture, random, weights, "poseLN_modulation.1", 16, 48);
    linear(fixture, random, weights, "pose_branch.fc1", 16, 8);
    linear(fixture, random, weights, "pose_branch.fc2", 8, 9);
    linear(fixture, random, weights, "trunk.0.attn.qkv", 16, 48);
    linear(fixture, random, weights, "trunk.0.attn.proj", 16, 16);
    linear(fixture, random, weights, "trunk.0.mlp.fc1", 16, 64);
    linear(fixture, random, weights, "trunk.0.mlp.fc2", 64, 16);
    for (String norm : List.of("token_norm", "trunk_norm", "trunk.0.norm1", "trunk.0.norm2")) {
      weights.put(norm + ".weight", fixture.noise(random, 1, 16));
      weights.put(norm + ".bias", fixture.noise(random, 1, 16));
    }
    for (String scale : List.of("trunk.0.ls1.gamma", "trunk.0.ls2.gamma")) {
      weights.put(scale, fixture.noise(random, 1, 16));
    }
    return weights;
  }

  private static void linear(
      HeadFixture fixture,
      Random random,
      Map<String, NDArray> weights,
      String name,
      int in,
      int out) {
    weights.put(name + ".weight", fixture.noise(random, 1 / Math.sqrt(in), out, in));
    weights.put(name + ".bias", fixture.noise(random, 1, out));
  }
}
