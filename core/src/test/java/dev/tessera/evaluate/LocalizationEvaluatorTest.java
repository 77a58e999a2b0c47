package dev.tessera.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.evaluate.LocalizationEvaluator.Localized;
import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LocalizationEvaluatorTest {
  private static final double ROUNDING = 1e-9;
  private static final Sim3 MAP_FROM_TRUTH =
      new Sim3(0.25, Quaternion.ofRotationVector(new Vec3(0.3, -1, 2)), new Vec3(5, -7, 11));

  private final Map<String, Rigid3> all = cameras(8);
  private final Truth truth = new Truth(all, 0);

  @Test
  void errorsAreInUnitsOfTheTruthWhateverTheFrameOfTheMap() {
    Rigid3 off = shifted(all.get("7.jpg"), new Vec3(0.3, 0, 0.4), 0);

    LocalizationErrors errors = errors(0, localized("7.jpg", off, true, null));

    assertThat(errors.photos()).hasSize(1);
    assertThat(errors.photos().get(0).meters()).isCloseTo(0.5, within(ROUNDING));
    assertThat(errors.photos().get(0).degrees()).isCloseTo(0, within(1e-5));
    assertThat(errors.photos().get(0).squaredSigmas()).isNaN();
  }

  @Test
  void theErrorIsMeasuredByItsCovarianceInTheMap() {
    Rigid3 off = shifted(all.get("7.jpg"), new Vec3(0, 0.8, 0), 0.02);
    double[] covariance = new double[36];
    for (int i = 0; i < 6; i++) {
      covariance[7 * i] = i < 3 ? 1e-4 : 0.01; // 0.01 rad; 0.1 of the map's units, 0.4 m
    }

    LocalizationErrors errors = errors(0, localized("7.jpg", off, true, covariance));

    assertThat(errors.meanSquaredSigmas()).isCloseTo(2 * 2 + 2 * 2, within(1e-6));
  }

  /** All cameras of a map are turned alike by a principal point that is not in the middle. */
  @Test
  void aTurnThatTheMapsOwnCamerasHaveIsNoSurprise() {
    double[] covariance = new double[36];
    for (int i = 0; i < 6; i++) {
      covariance[7 * i] = 1e-4;
    }
    Rigid3 turned = shifted(all.get("7.jpg"), Vec3.ZERO, 0.03);

    LocalizationErrors errors = errors(0.03, localized("7.jpg", turned, true, covariance));

    assertThat(errors.medianDegrees()).isCloseTo(Math.toDegrees(0.03), within(1e-5));
    assertThat(errors.meanSquaredSigmas()).isCloseTo(0, within(1e-6));
  }

  @Test
  void whatIsUncertainOrNotFoundCountsAgainstTheRecallAndStrangersDoNot() {
    LocalizationErrors errors =
        errors(
            0,
            localized("5.jpg", all.get("5.jpg"), true, null),
            localized("6.jpg", all.get("6.jpg"), false, null),
            new Localized("7.jpg", null, false, 0, null),
            localized("stranger.jpg", all.get("7.jpg"), true, null));

    assertThat(errors.asked()).isEqualTo(3);
    assertThat(errors.uncertain()).isEqualTo(1);
    assertThat(errors.recall(0.05, 5)).isCloseTo(1 / 3.0, within(ROUNDING));
    assertThat(errors.toTable())
        .contains("1 of 3 photos located, 1 uncertain", "recall 0.33 at 0.05 m 5 deg");
  }

  @Test
  void twoCamerasOfTheMapDoNotSayWhereItIs() {
    Map<String, Rigid3> two = new TreeMap<>(all);
    two.keySet().retainAll(List.of("0.jpg", "1.jpg"));

    assertThatThrownBy(() -> LocalizationEvaluator.errors(truth, two, List.of()))
        .isInstanceOf(DegenerateGeometryException.class);
  }

  /** A map of the first five cameras, all turned about their axes. */
  private LocalizationErrors errors(double turnRadians, Localized... photos) {
    Map<String, Rigid3> map = new TreeMap<>();
    for (int i = 0; i < 5; i++) {
      String name = i + ".jpg";
      map.put(name, MAP_FROM_TRUTH.moveCamera(shifted(all.get(name), Vec3.ZERO, turnRadians)));
    }
    return LocalizationEvaluator.errors(truth, map, List.of(photos));
  }

  private static Localized localized(
      String name, Rigid3 cameraFromTruth, boolean certain, double[] covariance) {
    return new Localized(name, MAP_FROM_TRUTH.moveCamera(cameraFromTruth), certain, 50, covariance);
  }

  private static Rigid3 shifted(Rigid3 camera, Vec3 shift, double turnRadians) {
    Quaternion turn = Quaternion.ofRotationVector(new Vec3(0, turnRadians, 0));
    return Rigid3.cameraFromWorld(turn.times(camera.rotation()), camera.center().plus(shift));
  }

  private static Map<String, Rigid3> cameras(int count) {
    Random random = new Random(1);
    Map<String, Rigid3> cameras = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      Vec3 turn = new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
      Vec3 center = new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
      cameras.put(
          i + ".jpg", Rigid3.cameraFromWorld(Quaternion.ofRotationVector(turn), center.times(10)));
    }
    return cameras;
  }
}
