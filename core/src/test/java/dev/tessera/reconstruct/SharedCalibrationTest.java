package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.reconstruct.SharedCalibration.Estimate;
import dev.tessera.reconstruct.SharedCalibration.Lens;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedCalibrationTest {
  /** A few sums and quotients of numbers near 1000. */
  private static final double ROUNDING = 1e-9;

  @Test
  void lensIsTheMeanOverChunksWeightedByTheirObservations() {
    SharedCalibration shared =
        SharedCalibration.of(
            List.of(
                new Estimate("phone", new Lens(900, 0.01, 0), 1000),
                new Estimate("phone", new Lens(903, 0.04, 0.3), 2000)));

    Lens lens = shared.lenses().get("phone");

    assertThat(lens.focalPixels()).isCloseTo(902, within(ROUNDING));
    assertThat(lens.k1()).isCloseTo(0.03, within(ROUNDING));
    assertThat(lens.k2()).isCloseTo(0.2, within(ROUNDING));
  }

  @Test
  void aChunkThatIsFarOffDoesNotCount() {
    SharedCalibration shared =
        SharedCalibration.of(
            List.of(
                new Estimate("phone", new Lens(900, 0, 0), 10),
                new Estimate("phone", new Lens(901, 0, 0), 10),
                new Estimate("phone", new Lens(902, 0, 0), 10),
                new Estimate("phone", new Lens(1400, 0.5, 0), 1_000_000)));

    assertThat(shared.lenses().get("phone").focalPixels()).isCloseTo(901, within(ROUNDING));
  }

  @Test
  void eachCameraModelHasItsOwnLens() {
    SharedCalibration shared =
        SharedCalibration.of(
            List.of(
                new Estimate("phone", new Lens(900, 0, 0), 10),
                new Estimate("drone", new Lens(600, 0, 0), 10)));

    assertThat(shared.lenses()).containsOnlyKeys("phone", "drone");
    assertThat(shared.lenses().get("drone").focalPixels()).isEqualTo(600);
  }

  @Test
  void aLensThatNothingWasSeenThroughIsNoEvidence() {
    assertThat(
            SharedCalibration.of(List.of(new Estimate("phone", new Lens(900, 0, 0), 0))).lenses())
        .isEmpty();
  }
}
