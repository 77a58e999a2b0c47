package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.SyntheticTown.Noise;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.SceneCamera;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class EdgeEstimatorTest {
  /** Scenes are exact, cameras in doubles: what is left is rounding of a few hundred operations. */
  private static final double EXACT = 1e-9;

  private static final EdgeEstimator.Config CONFIG = EdgeEstimator.Config.defaults();

  private static int trial;
  private final Random random = new Random(trial++);
  private final SyntheticTown town = SyntheticTown.grid(6, 3, 7);
  private final Sim3 aFromWorld = SyntheticTown.randomGauge(new Vec3(15, 10, 10), random);
  private final Sim3 bFromWorld = SyntheticTown.randomGauge(new Vec3(35, 10, 10), random);
  private final Sim3 truth = aFromWorld.after(bFromWorld.inverse());

  @RepeatedTest(5)
  void exactScenesGiveTheExactSimilarity() {
    Edge edge = EdgeEstimator.estimate(left(Noise.NONE), right(Noise.NONE), CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.ACCEPTED);
    assertThat(edge.sharedViews()).isEqualTo(6);
    assertThat(edge.inlierViews()).isEqualTo(6);
    assertThat(edge.aFromB().scale() / truth.scale()).isCloseTo(1, within(EXACT));
    assertThat(distance(edge.aFromB(), truth)).isLessThan(EXACT);
  }

  @RepeatedTest(5)
  void theOtherDirectionIsTheInverse() {
    Noise noise = new Noise(0.1, 0.05, 0.05);
    ChunkScene a = left(noise);
    ChunkScene b = right(noise);

    Edge forward = EdgeEstimator.estimate(a, b, CONFIG);
    Edge backward = EdgeEstimator.estimate(b, a, CONFIG);

    double[] information = Block7.inverseSpd(Sim3Tangent.unpack(forward.covariance28()));
    double[] xi = Sim3Tangent.between(forward.aFromB(), backward.aFromB().inverse());
    assertThat(Block7.quadratic(information, xi)).isLessThan(7); // well inside its own error
    assertThat(forward.roundTripSigmas()).isLessThan(1);
  }

  @RepeatedTest(5)
  void viewsThatLieAreOutvoted() {
    ChunkScene a = left(Noise.NONE);
    ChunkScene b = right(Noise.NONE);
    ChunkScene wrong = withDisplacedViews(b, List.of(3L, 9L));

    Edge edge = EdgeEstimator.estimate(a, wrong, CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.ACCEPTED);
    assertThat(edge.inlierViews()).isEqualTo(4);
    assertThat(distance(edge.aFromB(), truth)).isLessThan(1e-6);
  }

  @Test
  void viewsThatAllDisagreeAreNoConsensus() {
    ChunkScene wrong = withDisplacedViews(right(Noise.NONE), List.of(2L, 3L, 8L, 9L, 14L));

    Edge edge = EdgeEstimator.estimate(left(Noise.NONE), wrong, CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.NO_CONSENSUS);
    assertThat(edge.aFromB()).isNull();
    assertThat(edge.sharedViews()).isEqualTo(6);
  }

  @Test
  void chunksWithoutSharedViewsSaySo() {
    Edge edge =
        EdgeEstimator.estimate(
            scene(0, List.of(0, 1, 6, 7), aFromWorld, Noise.NONE),
            scene(1, List.of(4, 5, 10, 11), bFromWorld, Noise.NONE),
            CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.NO_SHARED_VIEWS);
  }

  @Test
  void twoSharedViewsAreTooFew() {
    Edge edge =
        EdgeEstimator.estimate(
            scene(0, List.of(0, 1, 2, 3), aFromWorld, Noise.NONE),
            scene(1, List.of(2, 3, 4, 5), bFromWorld, Noise.NONE),
            CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.TOO_FEW_VIEWS);
  }

  @Test
  void camerasAloneAreEnoughIfTheyStandApart() {
    town.pointsInWorld.clear();

    Edge edge = EdgeEstimator.estimate(left(Noise.NONE), right(Noise.NONE), CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.ACCEPTED);
    assertThat(edge.pointPairs()).isZero();
    assertThat(distance(edge.aFromB(), truth)).isLessThan(EXACT);
  }

  @Test
  void camerasInOnePlaceWithoutPointsLeaveTheScaleOpen() {
    town.pointsInWorld.clear();
    for (int i = 0; i < town.cameraFromWorld.size(); i++) {
      town.cameraFromWorld.set(i, SyntheticTown.slanted(20 * i, 10, new Vec3(5, 5, 2)));
    }

    Edge edge = EdgeEstimator.estimate(left(Noise.NONE), right(Noise.NONE), CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.DEGENERATE_SCALE);
  }

  /** Every edge misses by something: with no allowance, by too much. */
  @Test
  void anEdgeWhoseWayBackIsAnotherIsAsymmetric() {
    Noise noise = new Noise(0.1, 0.05, 0.05);

    Edge edge = EdgeEstimator.estimate(left(noise), right(noise), limits(3, 0.1, 5, 0.2, 0));

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.ASYMMETRIC);
    assertThat(edge.roundTripSigmas()).isPositive();
    assertThat(edge.verdict().isContradiction()).isTrue();
  }

  /** Between the limits that the two ways keep, one of them leaves something open. */
  @Test
  void aWayBackThatLeavesSomethingOpenIsNoContradiction() {
    Noise noise = new Noise(0.1, 0.05, 0.05);
    ChunkScene a = left(noise);
    ChunkScene b = right(noise);
    double kept = 1;
    double broken = 1e-9;
    while (kept / broken > 1 + 1e-9) {
      double middle = Math.sqrt(kept * broken);
      boolean accepted = EdgeEstimator.estimate(a, b, limits(3, 0.1, 5, middle, 3)).accepted();
      kept = accepted ? middle : kept;
      broken = accepted ? broken : middle;
    }
    EdgeEstimator.Config limits = limits(3, 0.1, 5, broken, 3);

    assertThat(List.of(EdgeEstimator.estimate(a, b, limits), EdgeEstimator.estimate(b, a, limits)))
        .allSatisfy(edge -> assertThat(edge.verdict().name()).startsWith("DEGENERATE"));
  }

  @Test
  void pointsOfWhichAChunkIsNotConfidentAreNotUsed() {
    ChunkScene exact = right(Noise.NONE);
    int points = exact.points().count();
    float[] confidence = new float[points];
    Arrays.fill(confidence, 0.5f);
    int[] next = {0};
    ChunkScene b =
        SyntheticTown.with(
            exact,
            exact.cameras(),
            x -> {
              boolean wild = next[0] % 5 < 2;
              confidence[next[0]++] = wild ? 0.01f : 0.5f;
              return wild ? x.plus(SyntheticTown.gaussian(random)) : x;
            },
            confidence);

    Edge edge = EdgeEstimator.estimate(left(Noise.NONE), b, CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.ACCEPTED);
    assertThat(edge.inlierPoints()).isGreaterThan(edge.pointPairs() * 9 / 10);
    assertThat(distance(edge.aFromB(), truth)).isLessThan(EXACT);
  }

  @Test
  void chunksWithOtherFocalLengthsAreLessCertainOfTheirScale() {
    Edge edge = EdgeEstimator.estimate(left(Noise.NONE), withFocal(right(Noise.NONE), 1.1), CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.ACCEPTED);
    assertThat(edge.logFocalRatio()).isCloseTo(-Math.log(1.1), within(EXACT));
    double scaleSigma = Math.sqrt(edge.covariance28()[Sim3Tangent.PACKED - 1]);
    assertThat(scaleSigma).isBetween(Math.log(1.1), 1.01 * Math.log(1.1));
  }

  @Test
  void chunksWithFarOtherFocalLengthsAreNoEdge() {
    Edge edge = EdgeEstimator.estimate(left(Noise.NONE), withFocal(right(Noise.NONE), 1.3), CONFIG);

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.FOCAL_LENGTHS_DISAGREE);
  }

  /** Depths that grow from column to column: each view by itself knows its scale. */
  @Test
  void viewsThatEachHaveAScaleOfTheirOwnAreNamed() {
    ChunkScene exact = right(Noise.NONE);
    Sim3 worldFromB = bFromWorld.inverse();
    ChunkScene bent =
        SyntheticTown.with(
            exact,
            exact.cameras(),
            x -> {
              Vec3 inWorld = worldFromB.apply(x);
              Vec3 below = new Vec3(inWorld.x(), inWorld.y(), 30);
              double growth = Math.exp(0.04 * (inWorld.x() - 25));
              return bFromWorld.apply(below.plus(inWorld.minus(below).times(growth)));
            },
            new float[exact.points().count()]);

    Edge edge = EdgeEstimator.estimate(left(Noise.NONE), bent, limits(3, 2, 90, 10, 3));

    assertThat(edge.logScaleSpread()).isGreaterThan(0.1);
    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.SCALES_DISAGREE);
  }

  /** Rotations of cameras that shake by degrees do not settle the roll about their line. */
  @Test
  void camerasOnALineNeedPoints() {
    SyntheticTown street = SyntheticTown.street(9, 4);
    List<Integer> ofA = List.of(0, 1, 2, 3, 4, 5);
    List<Integer> ofB = List.of(3, 4, 5, 6, 7, 8);
    Noise shaken = new Noise(2, 0, 0);
    EdgeEstimator.Config config = limits(15, 0.1, 0.3, 0.2, 3);

    Edge withPoints =
        EdgeEstimator.estimate(
            street.scene(0, ofA, aFromWorld, shaken, 1),
            street.scene(1, ofB, bFromWorld, shaken, 2),
            config);
    street.pointsInWorld.clear();
    Edge without =
        EdgeEstimator.estimate(
            street.scene(0, ofA, aFromWorld, shaken, 1),
            street.scene(1, ofB, bFromWorld, shaken, 2),
            config);

    assertThat(withPoints.verdict()).isEqualTo(Edge.Verdict.ACCEPTED);
    assertThat(without.verdict()).isEqualTo(Edge.Verdict.COLLINEAR_CENTERS);
  }

  @Test
  void aPlaneThatLeavesTooMuchOpenIsNamed() {
    town.pointsInWorld.clear();
    town.cameraFromWorld.replaceAll(
        pose -> {
          Vec3 c = pose.center();
          return Rigid3.cameraFromWorld(pose.rotation(), new Vec3(c.x(), c.y(), 30));
        });
    Noise noise = new Noise(0.1, 0.2, 0);

    Edge edge = EdgeEstimator.estimate(left(noise), right(noise), limits(3, 0.1, 5, 1e-3, 3));

    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.PLANAR_OVERLAP);
  }

  private static EdgeEstimator.Config limits(
      double viewDegrees,
      double viewError,
      double rotationSigmaDegrees,
      double relativeSigma,
      double roundTripSigmas) {
    return new EdgeEstimator.Config(
        CONFIG.minViews(),
        CONFIG.minInlierShare(),
        CONFIG.maxPairsPerView(),
        viewDegrees,
        viewError,
        rotationSigmaDegrees,
        relativeSigma,
        CONFIG.maxLogScaleSpread(),
        CONFIG.maxLogFocalRatio(),
        roundTripSigmas,
        CONFIG.floorRotationDegrees(),
        CONFIG.floorRelative());
  }

  private static ChunkScene withFocal(ChunkScene scene, double factor) {
    Intrinsics lens = Intrinsics.centered(2000, 1500, 1600 * factor);
    List<SceneCamera> cameras =
        scene.cameras().stream()
            .map(c -> new SceneCamera(c.view(), c.cameraFromChunk(), lens, 100, 0.5))
            .toList();
    return SyntheticTown.with(scene, cameras, x -> x, new float[scene.points().count()]);
  }

  /** Independent errors of points and cameras: covariance must neither boast nor drown. */
  @Test
  void covarianceIsHonestForIndependentErrors() {
    assertThat(meanChiSquare(new Noise(0.1, 0.05, 0.1))).isBetween(3.5, 14.0);
  }

  /** Poses of single views far worse than their points: the points must lead. */
  @Test
  void covarianceIsHonestWherePosesAreWorseThanPoints() {
    assertThat(meanChiSquare(new Noise(1, 0.5, 0.02))).isBetween(3.5, 14.0);
  }

  @Test
  void hundredsOfSharedTracksGiveCentimetres() {
    Noise noise = new Noise(0.05, 0.03, 0.03);
    Edge edge = EdgeEstimator.estimate(left(noise), right(noise), CONFIG);

    Sim3 worldFromB = aFromWorld.inverse().after(edge.aFromB());
    Sim3 error = worldFromB.after(bFromWorld);
    Vec3 overlap = new Vec3(25, 10, 10);
    assertThat(error.apply(overlap).distanceTo(overlap)).isLessThan(0.02);
    assertThat(Math.toDegrees(error.rotation().toRotationVector().norm())).isLessThan(0.05);
    assertThat(Math.toDegrees(Math.sqrt(edge.covariance28()[0]))).isLessThan(0.05);
  }

  /** With floors off, mean of xi^T Sigma^-1 xi over many noisy pairs of scenes; 7 is ideal. */
  private double meanChiSquare(Noise noise) {
    EdgeEstimator.Config noFloors =
        new EdgeEstimator.Config(3, 0.5, 256, 5, 0.2, 5, 0.2, 0.1, 0.2, 3, 0, 0);
    double sum = 0;
    int trials = 40;
    for (int i = 0; i < trials; i++) {
      Edge edge = EdgeEstimator.estimate(left(noise), right(noise), noFloors);
      assertThat(edge.verdict()).isEqualTo(Edge.Verdict.ACCEPTED);
      double[] information = Block7.inverseSpd(Sim3Tangent.unpack(edge.covariance28()));
      sum += Block7.quadratic(information, Sim3Tangent.between(edge.aFromB(), truth));
    }
    return sum / trials;
  }

  private ChunkScene left(Noise noise) {
    return scene(0, grid(0, 3), aFromWorld, noise);
  }

  private ChunkScene right(Noise noise) {
    return scene(1, grid(2, 5), bFromWorld, noise);
  }

  private ChunkScene scene(int chunk, List<Integer> views, Sim3 chunkFromWorld, Noise noise) {
    return town.scene(chunk, views, chunkFromWorld, noise, random.nextLong());
  }

  private static List<Integer> grid(int firstColumn, int lastColumn) {
    return IntStream.range(0, 18)
        .filter(i -> i % 6 >= firstColumn && i % 6 <= lastColumn)
        .boxed()
        .toList();
  }

  private ChunkScene withDisplacedViews(ChunkScene scene, List<Long> views) {
    List<SceneCamera> cameras = new ArrayList<>();
    for (SceneCamera camera : scene.cameras()) {
      if (!views.contains(camera.view().value())) {
        cameras.add(camera);
        continue;
      }
      double[] turn = {
        random.nextGaussian(), random.nextGaussian(), random.nextGaussian(), 1, 1, 1, 0
      };
      Sim3 displaced = Sim3Tangent.perturb(Sim3.IDENTITY, turn);
      cameras.add(
          new SceneCamera(
              camera.view(),
              displaced.moveCamera(camera.cameraFromChunk()),
              camera.intrinsics(),
              camera.observations(),
              camera.reprojectionRmsPixels()));
    }
    return new ChunkScene(
        scene.chunk(),
        cameras,
        scene.points(),
        scene.unregistered(),
        scene.residuals(),
        scene.memory());
  }

  /** Largest difference of the rotation and the moved origin, relative to scale and size. */
  private static double distance(Sim3 x, Sim3 y) {
    double[] xi = Sim3Tangent.between(x, y);
    double largest = 0;
    for (double v : xi) {
      largest = Math.max(largest, Math.abs(v));
    }
    return largest / (1 + y.translation().norm());
  }
}
