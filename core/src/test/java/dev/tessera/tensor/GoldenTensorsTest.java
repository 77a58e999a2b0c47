package dev.tessera.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class GoldenTensorsTest {
  private static final String CASE_C = "vggt_tiny.caseC_1x56x56.safetensors";

  /** Half a unit in the last place of a float32, as a share of the value. */
  private static final double ROUNDING = 0x1p-24;

  @Test
  void errorIsTheLargestDifferenceAsAShareOfTheLargestMagnitude() {
    double error = GoldenTensors.error(new double[] {1, -9, 3}, new double[] {1, -10, 3.5});

    assertThat(error).isEqualTo(0.1);
  }

  @Test
  void aNumberThatIsNoneIsNeverClose() {
    assertThatThrownBy(
            () ->
                GoldenTensors.assertClose(
                    "x", new double[] {Double.NaN, 1}, new double[] {1, 1}, 1))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("NaN");
  }

  @Test
  void onlyZeroIsCloseToZero() {
    assertThat(GoldenTensors.error(new double[] {0, 1e-30}, new double[2])).isInfinite();
    assertThat(GoldenTensors.error(new double[2], new double[2])).isZero();
  }

  @Test
  void anotherNumberOfElementsIsNotClose() {
    assertThatThrownBy(() -> GoldenTensors.assertClose("x", new float[3], new float[2], 1))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("number of elements");
  }

  @Test
  void aTensorIsCloseToItselfInEitherWidth() {
    try (GoldenTensors golden = GoldenTensors.open(CASE_C)) {
      golden.assertClose("out.pose_enc", golden.floats("out.pose_enc"), 0);

      double[] wide = golden.doubles("out.world_points_from_depth");
      float[] narrow = new float[wide.length];
      for (int i = 0; i < wide.length; i++) {
        narrow[i] = (float) wide[i];
      }
      golden.assertClose("out.world_points_from_depth", narrow, ROUNDING);
    }
  }

  @Test
  void configurationsOfTheTinyModelsAreAtHand() {
    assertThat(Files.exists(GoldenTensors.path("vggt_tiny.config.json"))).isTrue();
    assertThat(Files.exists(GoldenTensors.path("vggttt_tiny.config.json"))).isTrue();
  }
}
