package dev.tessera.landmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

class LandmarkPoseTest {
  private static final Intrinsics LENS = new Intrinsics(1024, 768, 900, 512, 384, -0.05, 0.01);
  private static final LensGuess HELD = new LensGuess(LENS, 0);

  /** Consensus starts from single precision; the refinement is in double. */
  private static final double EXACT = 1e-6;

  @Test
  void exactSightingsGiveTheExactPose() {
    Rigid3 truth = pose(1);

    PoseEstimate found = LandmarkPose.of(sightings(truth, 200, 0, 0, 1), HELD).orElseThrow();

    assertPose(found, truth, EXACT);
    assertThat(found.inliers()).isEqualTo(200);
  }

  @Test
  void twoThirdsOfWrongSightingsDoNoHarm() {
    Rigid3 truth = pose(2);

    PoseEstimate found = LandmarkPose.of(sightings(truth, 300, 0, 200, 2), HELD).orElseThrow();

    assertPose(found, truth, 0.01);
    assertThat(found.inliers()).isBetween(100, 115);
  }

  @Test
  void anUnknownFocalLengthIsFoundWithThePose() {
    Rigid3 truth = pose(3);
    Intrinsics wrong = Intrinsics.centered(1024, 768, 1.2 * 1024);
    Intrinsics straight = Intrinsics.centered(1024, 768, 900);
    Sightings seen = sightings(truth, straight, 300, 0.3, 60, 3);

    PoseEstimate found = LandmarkPose.of(seen, new LensGuess(wrong, 0.3)).orElseThrow();

    assertThat(found.intrinsics().focalPixels()).isCloseTo(900, within(5.0));
    assertPose(found, truth, 0.05);
  }

  @Test
  void landmarksThatDoNotBelongTogetherAreNoPose() {
    Sightings seen = sightings(pose(4), 300, 0, 300, 4);

    assertThat(LandmarkPose.of(seen, HELD).map(PoseEstimate::inliers).orElse(0)).isLessThan(15);
  }

  @Test
  void fewerLandmarksThanAPoseNeedsAreNone() {
    assertThat(LandmarkPose.of(sightings(pose(5), 5, 0, 0, 5), HELD)).isEmpty();
  }

  /** The mean of {@code e^T C^-1 e} over many photos is the number of unknowns. */
  @Test
  void theCovarianceIsThatOfTheError() {
    double sum = 0;
    int trials = 60;
    for (int t = 0; t < trials; t++) {
      Rigid3 truth = pose(100 + t);
      PoseEstimate found =
          LandmarkPose.of(sightings(truth, 150, 0.7, 30, 100 + t), HELD).orElseThrow();
      sum += squaredSigmas(found, truth);
    }

    assertThat(sum / trials).isBetween(6 / 1.7, 6 * 1.7);
  }

  @Test
  void theSameSightingsGiveTheSameBits() {
    Sightings seen = sightings(pose(6), 200, 1, 100, 6);

    PoseEstimate first = LandmarkPose.of(seen, HELD).orElseThrow();
    PoseEstimate second = LandmarkPose.of(seen, HELD).orElseThrow();

    assertThat(second.cameraFromChunk()).isEqualTo(first.cameraFromChunk());
    assertThat(second.covariance()).isEqualTo(first.covariance());
  }

  private static void assertPose(PoseEstimate found, Rigid3 truth, double tolerance) {
    assertThat(found.cameraFromChunk().center().distanceTo(truth.center())).isLessThan(tolerance);
    assertThat(found.cameraFromChunk().rotation().angleRadiansTo(truth.rotation()))
        .isLessThan(tolerance);
  }

  private static double squaredSigmas(PoseEstimate found, Rigid3 truth) {
    Vec3 w =
        found.cameraFromChunk().rotation().times(truth.rotation().inverse()).toRotationVector();
    Vec3 c = found.cameraFromChunk().center().minus(truth.center());
    DMatrixRMaj error = new DMatrixRMaj(6, 1, true, w.x(), w.y(), w.z(), c.x(), c.y(), c.z());
    DMatrixRMaj weighted = new DMatrixRMaj(6, 1);
    CommonOps_DDRM.solve(new DMatrixRMaj(6, 6, true, found.covariance()), error, weighted);
    return CommonOps_DDRM.dot(error, weighted);
  }

  private static Rigid3 pose(long seed) {
    Random random = new Random(seed);
    Vec3 turn = new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
    Vec3 center = new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
    return Rigid3.cameraFromWorld(Quaternion.ofRotationVector(turn), center);
  }

  private static Sightings sightings(
      Rigid3 cameraFromChunk, int count, double noisePixels, int wrong, long seed) {
    return sightings(cameraFromChunk, LENS, count, noisePixels, wrong, seed);
  }

  /** Landmarks 5 to 15 away in view of the camera; the last ones are seen anywhere. */
  private static Sightings sightings(
      Rigid3 cameraFromChunk,
      Intrinsics lens,
      int count,
      double noisePixels,
      int wrong,
      long seed) {
    Random random = new Random(seed);
    double[] points = new double[3 * count];
    double[] pixels = new double[2 * count];
    float[] confidence = new float[count];
    for (int i = 0; i < count; i++) {
      double depth = 5 + 10 * random.nextDouble();
      Vec3 inCamera =
          new Vec3(
              depth * (random.nextDouble() - 0.5),
              0.8 * depth * (random.nextDouble() - 0.5),
              depth);
      Vec3 x = cameraFromChunk.inverse().apply(inCamera);
      points[3 * i] = x.x();
      points[3 * i + 1] = x.y();
      points[3 * i + 2] = x.z();
      double[] seen = lens.project(inCamera);
      boolean right = i < count - wrong;
      pixels[2 * i] =
          right ? seen[0] + noisePixels * random.nextGaussian() : 1024 * random.nextDouble();
      pixels[2 * i + 1] =
          right ? seen[1] + noisePixels * random.nextGaussian() : 768 * random.nextDouble();
    }
    Arrays.fill(confidence, 0.8f);
    return new Sightings(points, pixels, confidence, 1);
  }
}
