package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.tessera.tensor.GoldenTensors;
import dev.tessera.tensor.WeightGroup;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DptStagesTest {
  /** Agreed for the reference's float32 files, whose own rounding is 2e-6. */
  private static final double FLOAT32_ERROR = 1e-5;

  @ParameterizedTest
  @CsvSource({
    "vggt_tiny.caseA_4x56x70, depth_head",
    "vggt_tiny.caseA_4x56x70, point_head",
    "vggt_tiny.caseB_3x84x56, depth_head",
    "vggt_tiny.caseB_3x84x56, point_head"
  })
  void everyStageIsTheReferences(String name, String module) {
    try (GoldenTensors golden = GoldenTensors.open(name + ".safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT32);
        WeightGroup weights = new WeightGroup(fixture.weights(name, module))) {
      new Stages(fixture, name, golden, weights, "stage." + module).check();
    }
  }

  /** Runs each kernel of the head on the reference's own input to it. */
  private record Stages(
      HeadFixture fixture,
      String caseName,
      GoldenTensors golden,
      WeightGroup weights,
      String stage) {
    void check() {
      TokenGrid grid = fixture.grid(golden);
      int rows = grid.patchRows();
      int columns = grid.patchColumns();
      checkLevels(grid);
      close(".refinenet4", "coarsest", array(".resized.3"), weights, rows, columns);
      for (int level = 2; level >= 0; level--) {
        close(
            ".refinenet" + (level + 1),
            "fused",
            array(".refinenet" + (level + 2)),
            array(".resized." + level),
            weights,
            level,
            rows * (8 >> level),
            columns * (8 >> level));
      }
      int height = rows * HeadFixture.PATCH_PIXELS;
      int width = columns * HeadFixture.PATCH_PIXELS;
      NDArray features = array(".output_conv1");
      UvEmbedding uv =
          UvEmbedding.of(
              fixture.manager,
              (int) features.getShape().get(1),
              height,
              width,
              (double) width / height);
      close(".output_conv2_raw", "dense_output", features, weights, height, width, uv.u(), uv.v());
    }

    private void checkLevels(TokenGrid grid) {
      List<NDArray> maps = fixture.tokenMaps(golden);
      for (int level = 0; level < DptHead.LEVELS; level++) {
        int channels = (int) weights.get("projects." + level + ".weight").getShape().get(0);
        double aspect = (double) grid.patchColumns() / grid.patchRows();
        UvEmbedding uv =
            UvEmbedding.of(
                fixture.manager, channels, grid.patchRows(), grid.patchColumns(), aspect);
        close(
            ".resized." + level,
            "dense_level",
            maps.get(level),
            weights,
            level,
            HeadFixture.SPECIAL_TOKENS,
            grid.patchRows(),
            grid.patchColumns(),
            uv.u(),
            uv.v());
      }
    }

    private NDArray array(String name) {
      return fixture.array(golden, stage + name);
    }

    private void close(String name, String kernel, Object... arguments) {
      NDArray result = fixture.kernels.call(fixture.manager, kernel, arguments);
      fixture.assertClose(caseName, golden, stage + name, result, FLOAT32_ERROR);
    }
  }
}
