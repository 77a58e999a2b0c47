package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BundleAdjustmentTest {
  private static final double TRUE_FOCAL = 850;
  private static final double TRUE_K1 = -0.05;

  /** Without noise the minimum is zero; what is left is the solver's last step. */
  private static final double NOISE_FREE_ERROR = 1e-5;

  @Test
  void withoutNoiseFindsTheTruth() {
    World world = new World(12, 600, 0, 0, 1);

    BundleAdjustment.Summary summary = adjust(world.problem, 2);

    assertThat(summary.costAfter()).isLessThan(1e-8 * summary.costBefore());
    assertThat(world.trajectoryError()).isLessThan(NOISE_FREE_ERROR);
    assertThat(world.problem.intrinsics[0] / TRUE_FOCAL - 1).isBetween(-1e-5, 1e-5);
    assertThat(world.problem.intrinsics[1] - TRUE_K1).isBetween(-1e-5, 1e-5);
  }

  @Test
  void findsAPrincipalPointThatIsNotInTheMiddle() {
    World world = new World(12, 600, 0, 0, 7);
    for (int o = 0; o < world.problem.observations(); o++) {
      world.problem.pixel[2 * o] += 6;
      world.problem.pixel[2 * o + 1] -= 4;
    }
    Arrays.fill(world.problem.intrinsicsSigma, 3, 5, Double.POSITIVE_INFINITY);

    adjust(world.problem, 2);

    assertThat(world.trajectoryError()).isLessThan(NOISE_FREE_ERROR);
    assertThat(world.problem.intrinsics[3] - 6).isBetween(-1e-3, 1e-3);
    assertThat(world.problem.intrinsics[4] + 4).isBetween(-1e-3, 1e-3);
  }

  /** 0.5 px at depth 20 and focal 850 are 12 mm; a camera has hundreds of points. */
  @Test
  void withNoiseAndOutliersStaysNearTheTruth() {
    World world = new World(12, 1500, 0.5, 0.02, 2);

    adjust(world.problem, 2);

    assertThat(world.trajectoryError()).isLessThan(0.03);
    assertThat(world.problem.intrinsics[0] / TRUE_FOCAL - 1).isBetween(-0.002, 0.002);
  }

  @Test
  void isTheSameToTheBitForAnyNumberOfThreads() {
    BundleProblem one = new World(8, 300, 0.5, 0.02, 3).problem;
    BundleProblem five = new World(8, 300, 0.5, 0.02, 3).problem;

    adjust(one, 1);
    adjust(five, 5);

    assertThat(five.center).isEqualTo(one.center);
    assertThat(five.rotation).isEqualTo(one.rotation);
    assertThat(five.point).isEqualTo(one.point);
    assertThat(five.intrinsics).isEqualTo(one.intrinsics);
  }

  @Test
  void neverRaisesTheCost() {
    for (int seed = 10; seed < 15; seed++) {
      World world = new World(6, 60, 2, 0.2, seed);

      BundleAdjustment.Summary summary = adjust(world.problem, 2);

      assertThat(summary.costAfter()).isLessThanOrEqualTo(summary.costBefore());
    }
  }

  @Test
  void leavesFixedCamerasAndIntrinsicsAlone() {
    BundleProblem problem = new World(6, 200, 0.5, 0, 4).problem;
    problem.fixedCamera[2] = true;
    problem.intrinsicsSigma[0] = 0;
    problem.intrinsicsSigma[2] = 0;
    double[] center = problem.center.clone();
    double[] intrinsics = problem.intrinsics.clone();

    adjust(problem, 2);

    for (int e = 6; e < 9; e++) {
      assertThat(problem.center[e]).isEqualTo(center[e]);
    }
    assertThat(problem.center[0]).isNotEqualTo(center[0]);
    assertThat(problem.intrinsics[0]).isEqualTo(intrinsics[0]);
    assertThat(problem.intrinsics[1]).isNotEqualTo(intrinsics[1]);
    assertThat(problem.intrinsics[2]).isEqualTo(intrinsics[2]);
  }

  /** One position is 50 m off: Huber's weight lets the other eleven hold the frame. */
  @Test
  void positionPriorsHoldTheFrameDespiteAWrongOne() {
    World world = new World(12, 400, 0.3, 0, 5);
    for (int c = 0; c < 12; c++) {
      for (int e = 0; e < 3; e++) {
        world.problem.positionPrior[3 * c + e] =
            world.trueCenter(c, e) + (c == 3 && e == 0 ? 50 : 0);
        world.problem.positionSigma[3 * c + e] = 0.5;
      }
    }

    adjust(world.problem, 2);

    for (int i = 0; i < world.problem.center.length; i++) {
      assertThat(world.problem.center[i] - world.trueCenter(i / 3, i % 3)).isBetween(-0.5, 0.5);
    }
  }

  @Test
  void derivativesAreThoseOfTheProjection() {
    BundleProblem p = new World(3, 5, 1, 0, 6).problem;
    p.intrinsics[2] = 0.01;
    double[] at = new double[Projection.LENGTH];
    double[] moved = new double[Projection.LENGTH];
    double h = 1e-6;
    for (int o = 0; o < p.observations(); o++) {
      int point = pointOf(p, o);
      assertThat(Projection.linearize(p, point, o, at)).isTrue();
      for (int e = 0; e < 3; e++) {
        p.point[3 * point + e] += h;
        Projection.linearize(p, point, o, moved);
        p.point[3 * point + e] -= h;
        assertDerivative(at, moved, Projection.POINT + e, Projection.POINT + 3 + e, h);

        int c = p.camera[o];
        p.center[3 * c + e] += h;
        Projection.linearize(p, point, o, moved);
        p.center[3 * c + e] -= h;
        assertDerivative(at, moved, Projection.CAMERA + 3 + e, Projection.CAMERA + 9 + e, h);

        double[] kept = p.rotation.clone();
        Rotations.perturbLeft(p.rotation, 9 * c, e == 0 ? h : 0, e == 1 ? h : 0, e == 2 ? h : 0);
        Projection.linearize(p, point, o, moved);
        System.arraycopy(kept, 0, p.rotation, 0, kept.length);
        assertDerivative(at, moved, Projection.CAMERA + e, Projection.CAMERA + 6 + e, h);
      }
      for (int e = 0; e < BundleProblem.INTRINSICS; e++) {
        p.intrinsics[e] += h;
        Projection.linearize(p, point, o, moved);
        p.intrinsics[e] -= h;
        int x = Projection.INTRINSICS + e;
        assertDerivative(at, moved, x, x + BundleProblem.INTRINSICS, h);
      }
    }
  }

  private static int pointOf(BundleProblem p, int o) {
    int point = 0;
    while (p.start[point + 1] <= o) {
      point++;
    }
    return point;
  }

  /** A one-sided difference with step h errs by the second derivative times h. */
  private static void assertDerivative(double[] at, double[] moved, int x, int y, double h) {
    assertThat((moved[0] - at[0]) / h - at[x]).isBetween(-0.02, 0.02);
    assertThat((moved[1] - at[1]) / h - at[y]).isBetween(-0.02, 0.02);
  }

  private static BundleAdjustment.Summary adjust(BundleProblem problem, int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      BundleAdjustment.Config config = new BundleAdjustment.Config(100, 1, 1, 1e-12);
      return new BundleAdjustment(problem, config, pool).run();
    }
  }

  /** Cameras on an arc about a cloud of points; the problem starts away from the truth. */
  private static final class World {
    final BundleProblem problem;
    private final double[] trueCenters;

    World(int cameras, int points, double noisePixels, double outlierShare, long seed) {
      Random random = new Random(seed);
      problem = new BundleProblem(cameras, 1, points, cameras * points);
      problem.intrinsics[0] = TRUE_FOCAL;
      problem.intrinsics[1] = TRUE_K1;
      for (int c = 0; c < cameras; c++) {
        placeCamera(c, cameras, random);
      }
      trueCenters = problem.center.clone();
      for (int i = 0; i < points; i++) {
        for (int e = 0; e < 3; e++) {
          problem.point[3 * i + e] = 10 * random.nextDouble() - 5;
        }
      }
      observe(noisePixels, outlierShare, random);
      disturb(random);
    }

    private void placeCamera(int c, int cameras, Random random) {
      double angle = 1.5 * c / cameras;
      problem.center[3 * c] = 20 * Math.sin(angle);
      problem.center[3 * c + 1] = 2 * random.nextGaussian();
      problem.center[3 * c + 2] = -20 * Math.cos(angle);
      Quaternion cameraFromWorld =
          Quaternion.ofRotationVector(new Vec3(0, angle, 0))
              .times(
                  Quaternion.ofRotationVector(
                      new Vec3(
                          0.05 * random.nextGaussian(),
                          0.05 * random.nextGaussian(),
                          0.3 * random.nextGaussian())));
      System.arraycopy(cameraFromWorld.toMatrix(), 0, problem.rotation, 9 * c, 9);
    }

    private void observe(double noisePixels, double outlierShare, Random random) {
      double[] projected = new double[Projection.LENGTH];
      int o = 0;
      for (int i = 0; i < problem.points(); i++) {
        for (int c = 0; c < problem.cameras(); c++) {
          problem.camera[o] = c;
          if (!Projection.linearize(problem, i, o, projected)) {
            throw new IllegalStateException("point behind a camera");
          }
          boolean outlier = random.nextDouble() < outlierShare;
          double sigma = outlier ? 50 : noisePixels;
          problem.pixel[2 * o] = projected[0] + sigma * random.nextGaussian();
          problem.pixel[2 * o + 1] = projected[1] + sigma * random.nextGaussian();
          o++;
        }
        problem.start[i + 1] = o;
      }
    }

    private void disturb(Random random) {
      for (int c = 0; c < problem.cameras(); c++) {
        Rotations.perturbLeft(
            problem.rotation,
            9 * c,
            0.01 * random.nextGaussian(),
            0.01 * random.nextGaussian(),
            0.01 * random.nextGaussian());
      }
      for (int i = 0; i < problem.center.length; i++) {
        problem.center[i] += 0.2 * random.nextGaussian();
      }
      for (int i = 0; i < problem.point.length; i++) {
        problem.point[i] += 0.2 * random.nextGaussian();
      }
      problem.intrinsics[0] = 0.97 * TRUE_FOCAL;
      problem.intrinsics[1] = 0;
      problem.intrinsicsPrior[0] = problem.intrinsics[0];
      for (int e = 0; e < 2; e++) {
        problem.intrinsicsSigma[e] = Double.POSITIVE_INFINITY;
      }
    }

    double trueCenter(int camera, int axis) {
      return trueCenters[3 * camera + axis];
    }

    /** Root mean square distance of the centres from the truth after the best similarity. */
    double trajectoryError() {
      List<Vec3> found = new ArrayList<>();
      List<Vec3> truth = new ArrayList<>();
      for (int i = 0; i < trueCenters.length; i += 3) {
        found.add(new Vec3(problem.center[i], problem.center[i + 1], problem.center[i + 2]));
        truth.add(new Vec3(trueCenters[i], trueCenters[i + 1], trueCenters[i + 2]));
      }
      Sim3 truthFromFound = Umeyama.fit(found, truth);
      double sum = 0;
      for (int i = 0; i < found.size(); i++) {
        double d = truthFromFound.apply(found.get(i)).distanceTo(truth.get(i));
        sum += d * d;
      }
      return Math.sqrt(sum / found.size());
    }
  }
}
