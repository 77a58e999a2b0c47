package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Vec3;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TriangulationTest {
  /** Rays of unit length and points within 100: ten digits are left of sixteen. */
  private static final double EXACT_RAYS_ERROR = 1e-8;

  private final Random random = new Random(1);

  @Test
  void exactRaysMeetInTheirPoint() {
    for (int trial = 0; trial < 100; trial++) {
      int n = 2 + random.nextInt(6);
      Vec3 truth = vector(10).plus(new Vec3(0, 0, 50));
      double[] centers = new double[3 * n];
      double[] directions = new double[3 * n];
      aim(truth, n, centers, directions, 0);
      double[] point = new double[3];

      assertThat(Triangulation.meet(centers, directions, n, point, 0)).isTrue();

      assertThat(new Vec3(point[0], point[1], point[2]).distanceTo(truth))
          .isLessThan(EXACT_RAYS_ERROR);
    }
  }

  /** Rays off by 1 mrad at depth 50 miss by 5 cm; a base of ten makes that some 25 cm in depth. */
  @Test
  void noisyRaysMeetNearTheirPoint() {
    for (int trial = 0; trial < 100; trial++) {
      Vec3 truth = vector(2).plus(new Vec3(0, 0, 50));
      double[] centers = new double[30];
      double[] directions = new double[30];
      aim(truth, 10, centers, directions, 1e-3);
      double[] point = new double[3];

      assertThat(Triangulation.meet(centers, directions, 10, point, 0)).isTrue();

      assertThat(new Vec3(point[0], point[1], point[2]).distanceTo(truth)).isLessThan(1);
    }
  }

  @Test
  void parallelRaysDoNotMeet() {
    double[] centers = {0, 0, 0, 1, 0, 0};
    double[] directions = {0, 0, 1, 0, 0, 1};

    assertThat(Triangulation.meet(centers, directions, 2, new double[3], 0)).isFalse();
  }

  @Test
  void raysThatPartMeetBehindTheCamerasAndDoNotCount() {
    double s = Math.sqrt(0.5);
    double[] centers = {-1, 0, 0, 1, 0, 0};
    double[] directions = {-s, 0, s, s, 0, s};

    assertThat(Triangulation.meet(centers, directions, 2, new double[3], 0)).isFalse();
  }

  @Test
  void widestAngleIsThatOfTheOuterRays() {
    double[] directions = new double[9];
    for (int i = 0; i < 3; i++) {
      directions[3 * i] = Math.sin(Math.toRadians(10 * i));
      directions[3 * i + 2] = Math.cos(Math.toRadians(10 * i));
    }

    assertThat(Triangulation.cosineOfWidestAngle(directions, 3))
        .isEqualTo(Math.cos(Math.toRadians(20)), within(1e-12));
  }

  private void aim(Vec3 at, int n, double[] centers, double[] directions, double noiseRadians) {
    for (int i = 0; i < n; i++) {
      Vec3 center = vector(10);
      Vec3 ray = at.minus(center).normalized().plus(vector(noiseRadians)).normalized();
      put(centers, i, center);
      put(directions, i, ray);
    }
  }

  private static void put(double[] to, int i, Vec3 v) {
    to[3 * i] = v.x();
    to[3 * i + 1] = v.y();
    to[3 * i + 2] = v.z();
  }

  private Vec3 vector(double scale) {
    return new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian())
        .times(scale);
  }
}
