package dev.tessera.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TrajectoryEvaluatorTest {
  /** Rounding of a chain of a few transforms with coordinates of some hundred metres. */
  private static final double ROUNDING = 1e-9;

  /** Angles come from unit quaternions through an arcus tangent: sqrt of nothing, but degrees. */
  private static final double ROUNDING_DEGREES = 1e-6;

  private final TrajectoryEvaluator evaluator =
      new TrajectoryEvaluator(TrajectoryEvaluator.Config.defaults());

  @Test
  void thePerfectEstimateHasNoErrorAndFullArea() {
    Map<String, Rigid3> cameras = randomCameras(12, 1);

    TrajectoryErrors errors = evaluator.aligned(truth(cameras), cameras.keySet(), cameras);

    assertThat(errors.compared()).isEqualTo(12);
    assertThat(errors.ateRmseMeters()).isLessThan(ROUNDING);
    assertThat(errors.ateMedianMeters()).isLessThan(ROUNDING);
    assertThat(errors.rotationMeanDegrees()).isLessThan(ROUNDING_DEGREES);
    assertThat(errors.auc5()).isCloseTo(1, within(ROUNDING_DEGREES));
    assertThat(errors.auc30()).isCloseTo(1, within(ROUNDING_DEGREES));
    assertThat(errors.pairs()).isEqualTo(66);
    assertThat(errors.pairsSampled()).isFalse();
  }

  @Test
  void theGaugeOfTheEstimateChangesNothing() {
    Map<String, Rigid3> cameras = randomCameras(15, 2);
    Map<String, Rigid3> estimate = perturbed(cameras, 0.5, 0.02, 3);
    TrajectoryErrors plain = evaluator.aligned(truth(cameras), cameras.keySet(), estimate);
    for (int seed = 0; seed < 10; seed++) {
      Sim3 gauge = randomGauge(new Random(seed));
      Map<String, Rigid3> movedEstimate = new TreeMap<>();
      estimate.forEach((name, camera) -> movedEstimate.put(name, gauge.moveCamera(camera)));

      TrajectoryErrors moved = evaluator.aligned(truth(cameras), cameras.keySet(), movedEstimate);

      assertThat(moved.ateRmseMeters()).isCloseTo(plain.ateRmseMeters(), within(ROUNDING));
      assertThat(moved.ateMedianMeters()).isCloseTo(plain.ateMedianMeters(), within(ROUNDING));
      assertThat(moved.rotationMeanDegrees())
          .isCloseTo(plain.rotationMeanDegrees(), within(ROUNDING_DEGREES));
      assertThat(moved.auc5()).isCloseTo(plain.auc5(), within(ROUNDING_DEGREES));
      assertThat(moved.auc30()).isCloseTo(plain.auc30(), within(ROUNDING_DEGREES));
    }
  }

  @Test
  void noiseOfKnownSigmaGivesItsRootMeanSquare() {
    double sigma = 0.3;
    Map<String, Rigid3> cameras = randomCameras(1000, 4);
    Map<String, Rigid3> estimate = perturbed(cameras, sigma, 0, 5);

    TrajectoryErrors errors = evaluator.aligned(truth(cameras), cameras.keySet(), estimate);

    // rms over 3000 coordinates: relative standard error 1/sqrt(6000) = 1.3 %, four of them.
    assertThat(errors.ateRmseMeters())
        .isCloseTo(sigma * Math.sqrt(3), within(4 * 0.013 * sigma * Math.sqrt(3)));
  }

  @Test
  void aPhotoThatIsNotRegisteredFailsAllItsPairs() {
    Map<String, Rigid3> cameras = randomCameras(10, 6);
    Map<String, Rigid3> nine = new TreeMap<>(cameras);
    nine.remove("03.jpg");

    TrajectoryErrors errors = evaluator.aligned(truth(cameras), cameras.keySet(), nine);

    assertThat(errors.truthPhotos()).isEqualTo(10);
    assertThat(errors.compared()).isEqualTo(9);
    // 36 of 45 pairs have both ends.
    assertThat(errors.auc5()).isCloseTo(36.0 / 45, within(ROUNDING_DEGREES));
    assertThat(errors.ateRmseMeters()).isLessThan(ROUNDING);
  }

  @Test
  void truthOfImagesOutsideTheCollectionIsIgnored() {
    Map<String, Rigid3> cameras = randomCameras(10, 7);
    Map<String, Rigid3> half = new TreeMap<>(cameras);
    half.keySet().retainAll(Set.of("00.jpg", "01.jpg", "02.jpg", "03.jpg"));

    TrajectoryErrors errors = evaluator.aligned(truth(cameras), half.keySet(), half);

    assertThat(errors.truthPhotos()).isEqualTo(4);
    assertThat(errors.auc5()).isCloseTo(1, within(ROUNDING_DEGREES));
  }

  @Test
  void namesMatchByPathOrElseByUniqueFileName() {
    Map<String, Rigid3> cameras = randomCameras(4, 8);
    Map<String, Rigid3> estimate = new TreeMap<>();
    estimate.put("day/00.jpg", cameras.get("00.jpg"));
    estimate.put("01.jpg", cameras.get("01.jpg"));
    estimate.put("day/02.jpg", cameras.get("02.jpg"));
    estimate.put("night/02.jpg", cameras.get("02.jpg"));

    TrajectoryErrors errors = evaluator.aligned(truth(cameras), estimate.keySet(), estimate);

    assertThat(errors.truthPhotos()).as("02.jpg could be either").isEqualTo(2);
  }

  @Test
  void twoCamerasHaveNoAlignmentButARelativePose() {
    Map<String, Rigid3> cameras = randomCameras(2, 9);

    TrajectoryErrors errors = evaluator.aligned(truth(cameras), cameras.keySet(), cameras);

    assertThat(errors.reason()).contains("Cannot fit a similarity: 2 pairs, need 3");
    assertThat(errors.ateRmseMeters()).isNaN();
    assertThat(errors.rotationMeanDegrees()).isNaN();
    assertThat(errors.perPhoto()).isEmpty();
    assertThat(errors.auc5()).isCloseTo(1, within(ROUNDING_DEGREES));
  }

  @Test
  void nothingRegisteredIsAnAnswerAndNoFailure() {
    Map<String, Rigid3> cameras = randomCameras(3, 10);

    TrajectoryErrors errors = evaluator.georeferenced(truth(cameras), cameras.keySet(), Map.of());

    assertThat(errors.reason())
        .contains("Cannot compare cameras: none with a true one is registered");
    assertThat(errors.auc30()).isZero();
  }

  @Test
  void georeferencedErrorsKeepAShiftThatAnAlignmentWouldHide() {
    Map<String, Rigid3> cameras = randomCameras(5, 11);
    Sim3 shift = new Sim3(1, Quaternion.IDENTITY, new Vec3(3, -2, 1));
    Map<String, Rigid3> shifted = new TreeMap<>();
    cameras.forEach((name, camera) -> shifted.put(name, shift.moveCamera(camera)));

    TrajectoryErrors fitted = evaluator.aligned(truth(cameras), cameras.keySet(), shifted);
    TrajectoryErrors asTheyStand =
        evaluator.georeferenced(truth(cameras), cameras.keySet(), shifted);

    assertThat(fitted.ateRmseMeters()).isLessThan(ROUNDING);
    assertThat(asTheyStand.ateRmseMeters()).isCloseTo(Math.sqrt(14), within(ROUNDING));
    TrajectoryErrors.PhotoError first = asTheyStand.perPhoto().get(0);
    assertThat(List.of(first.eastMeters(), first.northMeters(), first.upMeters()))
        .zipSatisfy(
            List.of(3.0, -2.0, 1.0), (is, is2) -> assertThat(is).isCloseTo(is2, within(ROUNDING)));
  }

  @Test
  void tooManyPairsAreSampledReproduciblyAndItIsSaid() {
    Map<String, Rigid3> cameras = randomCameras(60, 12);
    Map<String, Rigid3> estimate = perturbed(cameras, 1, 0.02, 13);
    TrajectoryEvaluator sampling = new TrajectoryEvaluator(new TrajectoryEvaluator.Config(1000, 5));

    TrajectoryErrors all = evaluator.aligned(truth(cameras), cameras.keySet(), estimate);
    TrajectoryErrors sample = sampling.aligned(truth(cameras), cameras.keySet(), estimate);
    TrajectoryErrors again = sampling.aligned(truth(cameras), cameras.keySet(), estimate);

    assertThat(all.pairsSampled()).isFalse();
    assertThat(sample.pairsSampled()).isTrue();
    assertThat(sample.pairs()).isEqualTo(1000);
    assertThat(sample.auc5()).isEqualTo(again.auc5());
    // A mean of 1000 numbers in [0, 1] has a standard error of at most 0.5 / sqrt(1000).
    assertThat(sample.auc5()).isCloseTo(all.auc5(), within(4 * 0.5 / Math.sqrt(1000)));
  }

  private static Truth truth(Map<String, Rigid3> cameras) {
    return new Truth(cameras, 0);
  }

  private static Map<String, Rigid3> randomCameras(int count, long seed) {
    Random random = new Random(seed);
    Map<String, Rigid3> cameras = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      Rigid3 camera = Rigid3.cameraFromWorld(rotation(random, 1), vector(random, 50));
      cameras.put("%02d.jpg".formatted(i), camera);
    }
    return cameras;
  }

  private static Map<String, Rigid3> perturbed(
      Map<String, Rigid3> cameras, double sigmaMeters, double sigmaRadians, long seed) {
    Random random = new Random(seed);
    Map<String, Rigid3> result = new TreeMap<>();
    cameras.forEach(
        (name, camera) ->
            result.put(
                name,
                Rigid3.cameraFromWorld(
                    rotation(random, sigmaRadians).times(camera.rotation()),
                    camera.center().plus(vector(random, sigmaMeters)))));
    return result;
  }

  private static Sim3 randomGauge(Random random) {
    return new Sim3(Math.exp(random.nextGaussian()), rotation(random, 2), vector(random, 100));
  }

  private static Quaternion rotation(Random random, double sigmaRadians) {
    return Quaternion.ofRotationVector(vector(random, sigmaRadians));
  }

  private static Vec3 vector(Random random, double sigma) {
    return new Vec3(
        sigma * random.nextGaussian(),
        sigma * random.nextGaussian(),
        sigma * random.nextGaussian());
  }
}
