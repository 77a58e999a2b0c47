package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetricGaugeTest {
  private static final double SIGMA_METERS = 3;
  private static final Sim3 MODEL_FROM_ENU =
      new Sim3(0.02, Quaternion.ofRotationVector(new Vec3(0.3, -0.8, 2)), new Vec3(5, 1, -4));

  /** Twenty priors of 3 m and 6 m over 200 m: their mean is good to about a metre. */
  private static final double EXPECTED_ERROR_METERS = 3;

  @Test
  void modelIsLaidOnItsPositions() {
    assertThat(error(reconstruction(20, 200, 0))).isLessThan(EXPECTED_ERROR_METERS);
  }

  @Test
  void wrongPositionsDoNoHarm() {
    assertThat(error(reconstruction(20, 200, 4))).isLessThan(EXPECTED_ERROR_METERS);
  }

  @Test
  void positionsWithinTheirNoiseDetermineNothing() {
    assertThat(MetricGauge.enuFromModel(reconstruction(20, 1, 0))).isEmpty();
  }

  @Test
  void twoPositionsDetermineNothing() {
    assertThat(MetricGauge.enuFromModel(reconstruction(2, 200, 0))).isEmpty();
  }

  private static double error(Reconstruction r) {
    Optional<Sim3> enuFromModel = MetricGauge.enuFromModel(r);
    assertThat(enuFromModel).isPresent();
    Sim3 difference = enuFromModel.get().after(MODEL_FROM_ENU);
    double worst = 0;
    for (double at = -100; at <= 100; at += 50) {
      Vec3 x = new Vec3(at, -at, 0);
      worst = Math.max(worst, difference.apply(x).distanceTo(x));
    }
    return worst;
  }

  /** Cameras over a square; the first {@code wrong} priors are off by 500 m. */
  private static Reconstruction reconstruction(int views, double extentMeters, int wrong) {
    Random random = new Random(views);
    MappingInput.Position[] priors = new MappingInput.Position[views];
    WorkingCamera[] cameras = new WorkingCamera[views];
    Vec3[] centers = new Vec3[views];
    for (int v = 0; v < views; v++) {
      centers[v] =
          new Vec3(
              extentMeters * (random.nextDouble() - 0.5),
              extentMeters * (random.nextDouble() - 0.5),
              0.1 * extentMeters * random.nextDouble());
      Vec3 noise = new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
      Vec3 blunder = v < wrong ? new Vec3(500, 0, 0) : Vec3.ZERO;
      priors[v] = new MappingInput.Position(centers[v].plus(noise).plus(blunder), SIGMA_METERS, 6);
      cameras[v] = new WorkingCamera(500, 400, 1, 900, FocalPrior.Source.FOCAL_PLANE, 1);
    }
    MappingInput input =
        new MappingInput(
            cameras,
            new int[views],
            priors,
            List.of(),
            List.of(),
            Tracks.join(new int[views], List.of(), List.of()),
            new double[0]);
    Reconstruction r = new Reconstruction(input, new double[] {900});
    for (int v = 0; v < views; v++) {
      Vec3 c = MODEL_FROM_ENU.apply(centers[v]);
      r.setPose(v, Quaternion.IDENTITY.toMatrix(), new double[] {c.x(), c.y(), c.z()});
    }
    return r;
  }
}
