package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.reconstruct.SharedCalibration.Estimate;
import dev.tessera.reconstruct.SharedCalibration.Lens;
import dev.tessera.sfm.LensInformation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SharedCalibrationTest {
  private static final double MIDDLE_X = 512;
  private static final double MIDDLE_Y = 341.5;

  /** Half of the step that focal lengths from 512 to 1023 pixels are rounded to. */
  private static final double FOCAL_ROUNDING = Math.scalb(1.0, 9 - 14);

  /** The same of distortions, which are below 1. */
  private static final double DISTORTION_ROUNDING = Math.scalb(1.0, -14);

  @Test
  void lensIsTheMeanOverChunksWeightedByTheirInformation() {
    SharedCalibration shared =
        SharedCalibration.of(
            List.of(
                new Estimate("phone", lens(900, 0.01, 0), diagonal(1, 1000, 1000)),
                new Estimate("phone", lens(903, 0.04, 0.3), diagonal(2, 2000, 2000))));

    Lens lens = shared.lenses().get("phone");

    assertThat(lens.focalPixels()).isCloseTo(902, within(FOCAL_ROUNDING));
    assertThat(lens.k1()).isCloseTo(0.03, within(DISTORTION_ROUNDING));
    assertThat(lens.k2()).isCloseTo(0.2, within(DISTORTION_ROUNDING));
  }

  /** Chunks err along a valley, each along its own; their plain mean is far off, this is not. */
  @Test
  void errorsOfFocalLengthThatDistortionMakesUpForCancel() {
    Random random = new Random(5);
    List<Estimate> estimates = new ArrayList<>();
    for (int chunk = 0; chunk < 12; chunk++) {
      double slope = 1e-3 * (1 + random.nextDouble()); // of k1 per pixel, along the valley
      double along = 3 + random.nextGaussian(); // pixels
      double across = 1e8;
      estimates.add(
          new Estimate(
              "phone",
              lens(800 + along, 0.02 + slope * along, 0),
              valley(across * slope * slope + 1e-3, -across * slope, across)));
    }

    Lens lens = SharedCalibration.of(estimates).lenses().get("phone");

    assertThat(lens.focalPixels()).isCloseTo(800, within(0.1));
    assertThat(lens.k1()).isCloseTo(0.02, within(2e-4));
  }

  @Test
  void aChunkThatHeldThePrincipalPointInTheMiddleDoesNotCountForIt() {
    Estimate held = focal("phone", 900, 3);
    Estimate first = new Estimate("phone", new Lens(900, 506, 330, 0, 0), diagonal(1, 0, 0, 1, 1));
    Estimate second = new Estimate("phone", new Lens(900, 509, 336, 0, 0), diagonal(1, 0, 0, 2, 2));

    Lens lens = SharedCalibration.of(List.of(held, first, second)).lenses().get("phone");

    assertThat(lens.cx()).isCloseTo(508, within(FOCAL_ROUNDING));
    assertThat(lens.cy()).isCloseTo(334, within(FOCAL_ROUNDING));
    assertThat(SharedCalibration.of(List.of(held)).lenses().get("phone"))
        .isEqualTo(lens(900, 0, 0));
  }

  @Test
  void aChunkThatIsFarOffDoesNotCount() {
    SharedCalibration shared =
        SharedCalibration.of(
            List.of(
                focal("phone", 900, 1),
                focal("phone", 901, 1),
                focal("phone", 902, 1),
                focal("phone", 1400, 1)));

    assertThat(shared.lenses().get("phone").focalPixels()).isCloseTo(901, within(FOCAL_ROUNDING));
  }

  /** A chunk that is unsure of itself may be far off: it does no harm. */
  @Test
  void howFarOffAChunkMayBeDependsOnHowSureItIs() {
    SharedCalibration shared =
        SharedCalibration.of(
            List.of(
                focal("phone", 900, 1e4),
                focal("phone", 900.01, 1e4),
                focal("phone", 899.99, 1e4),
                focal("phone", 910, 1e-2)));

    assertThat(shared.lenses().get("phone").focalPixels()).isCloseTo(900, within(FOCAL_ROUNDING));
  }

  @Test
  void eachCameraModelHasItsOwnLens() {
    SharedCalibration shared =
        SharedCalibration.of(List.of(focal("phone", 900, 1), focal("drone", 600, 1)));

    assertThat(shared.lenses()).containsOnlyKeys("phone", "drone");
    assertThat(shared.lenses().get("drone").focalPixels()).isEqualTo(600);
  }

  @Test
  void aMapThatGrowsALittleKeepsItsLens() {
    List<Estimate> before = new ArrayList<>();
    for (int chunk = 0; chunk < 1000; chunk++) {
      before.add(focal("phone", 900 + chunk % 2, 1));
    }
    List<Estimate> after = new ArrayList<>(before);
    after.set(0, focal("phone", 904, 1));

    assertThat(SharedCalibration.of(after)).isEqualTo(SharedCalibration.of(before));
  }

  @Test
  void aLensThatNothingWasSeenThroughIsNoEvidence() {
    assertThat(SharedCalibration.of(List.of(focal("phone", 900, 0))).lenses()).isEmpty();
  }

  private static Estimate focal(String model, double pixels, double information) {
    return new Estimate(model, lens(pixels, 0, 0), diagonal(information));
  }

  private static Lens lens(double focal, double k1, double k2) {
    return new Lens(focal, MIDDLE_X, MIDDLE_Y, k1, k2);
  }

  private static LensInformation diagonal(double... numbers) {
    double[] matrix = new double[LensInformation.N * LensInformation.N];
    for (int i = 0; i < numbers.length; i++) {
      matrix[(LensInformation.N + 1) * i] = numbers[i];
    }
    return new LensInformation(matrix);
  }

  /** Of a focal length and a distortion that make up for one another. */
  private static LensInformation valley(double focal, double mixed, double k1) {
    double[] matrix = diagonal(focal, k1).matrix().clone();
    matrix[1] = mixed;
    matrix[LensInformation.N] = mixed;
    return new LensInformation(matrix);
  }
}
