package dev.tessera.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class TransformLawsTest {
  /** Coordinates are below 100, so some hundred roundings of 1e-14 stay far below this. */
  private static final double ROUNDING = 1e-10;

  private static int trial;
  private final Random random = new Random(trial++);

  @RepeatedTest(20)
  void compositionOfSimilaritiesIsApplicationInTurn() {
    Sim3 bFromA = randomSim3();
    Sim3 cFromB = randomSim3();
    Vec3 xInA = randomVec3();

    assertClose(cFromB.after(bFromA).apply(xInA), cFromB.apply(bFromA.apply(xInA)));
  }

  @RepeatedTest(20)
  void inverseOfASimilarityTakesEveryPointBack() {
    Sim3 bFromA = randomSim3();
    Vec3 xInA = randomVec3();

    assertClose(bFromA.inverse().apply(bFromA.apply(xInA)), xInA);
  }

  @RepeatedTest(20)
  void rotationSurvivesMatrixAndRotationVector() {
    Quaternion rotation = randomRotation();

    assertThat(Quaternion.ofMatrix(rotation.toMatrix()).angleRadiansTo(rotation))
        .isLessThan(1e-7); // the angle of nearly equal rotations loses half the digits
    assertThat(Quaternion.ofRotationVector(rotation.toRotationVector()).angleRadiansTo(rotation))
        .isLessThan(1e-7);
  }

  @RepeatedTest(20)
  void movingACameraKeepsWhatItSees() {
    Sim3 worldFromChunk = randomSim3();
    Rigid3 cameraFromChunk = new Rigid3(randomRotation(), randomVec3());
    Vec3 xInChunk = randomVec3();

    Rigid3 cameraFromWorld = worldFromChunk.moveCamera(cameraFromChunk);

    Vec3 seenInWorld = cameraFromWorld.apply(worldFromChunk.apply(xInChunk));
    Vec3 seenInChunk = cameraFromChunk.apply(xInChunk).times(worldFromChunk.scale());
    assertClose(seenInWorld, seenInChunk);
  }

  @RepeatedTest(20)
  void umeyamaFindsTheSimilarityOfExactPairs() {
    Sim3 bFromA = randomSim3();
    List<Vec3> inA = new ArrayList<>();
    List<Vec3> inB = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      inA.add(randomVec3());
      inB.add(bFromA.apply(inA.get(i)));
    }

    Sim3 fitted = Umeyama.fit(inA, inB);

    assertThat(fitted.scale()).isCloseTo(bFromA.scale(), within(1e-9));
    assertClose(fitted.apply(inA.get(0)), inB.get(0));
  }

  @RepeatedTest(20)
  void undistortUndoesProject() {
    Intrinsics lens =
        new Intrinsics(
            1000, 800, 900, 510, 395, random.nextGaussian() * 0.05, random.nextGaussian() * 0.02);
    Vec3 xInCamera = new Vec3(random.nextGaussian() * 0.3, random.nextGaussian() * 0.3, 1);

    double[] pixel = lens.project(xInCamera);
    double[] ray = lens.undistort(pixel[0], pixel[1]);

    assertThat(ray[0]).isCloseTo(xInCamera.x(), within(1e-9));
    assertThat(ray[1]).isCloseTo(xInCamera.y(), within(1e-9));
  }

  @Test
  void umeyamaRefusesPointsOnALine() {
    List<Vec3> line = List.of(new Vec3(0, 0, 0), new Vec3(1, 1, 1), new Vec3(2, 2, 2));

    assertThatThrownBy(() -> Umeyama.fit(line, line))
        .isInstanceOf(DegenerateGeometryException.class)
        .hasMessageContaining("on a line");
  }

  private Vec3 randomVec3() {
    return new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian()).times(9);
  }

  private Quaternion randomRotation() {
    return new Quaternion(
        random.nextGaussian(), random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
  }

  private Sim3 randomSim3() {
    return new Sim3(Math.exp(random.nextGaussian()), randomRotation(), randomVec3());
  }

  private static void assertClose(Vec3 actual, Vec3 expected) {
    assertThat(actual.distanceTo(expected)).isLessThan(ROUNDING * (1 + expected.norm()) * 10);
  }

  @Test
  void medianOfAnEvenCountIsTheMeanOfTheMiddleTwo() {
    assertThat(RobustScale.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
  }
}
