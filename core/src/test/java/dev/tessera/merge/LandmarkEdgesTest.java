package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.landmarks.KeyProjection;
import dev.tessera.landmarks.LandmarkMatches;
import dev.tessera.landmarks.LandmarkMemory;
import dev.tessera.merge.Edge.Verdict;
import dev.tessera.partition.ChunkId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * Two chunks of a made-up facade, 60 m long, 12 m high, with a relief of 3 m: one of its left part,
 * one of its right, in gauges of their own. They share no camera, but a strip of landmarks.
 */
class LandmarkEdgesTest {
  private static final LandmarkEdges.Config CONFIG = LandmarkEdges.Config.defaults();
  private static final int KEY = KeyProjection.KEY_LENGTH;

  /** Half a step of 16 bits over the box, in units of depth, several times over. */
  private static final double ROUNDING = 1e-4;

  private static int trial;
  private final Random random = new Random(trial++);
  private final List<Landmark> facade = facade(3);
  private final Sim3 aFromWorld = SyntheticTown.randomGauge(new Vec3(20, 6, 0), random);
  private final Sim3 bFromWorld = SyntheticTown.randomGauge(new Vec3(40, 6, 0), random);
  private final Sim3 truth = aFromWorld.after(bFromWorld.inverse());

  private record Landmark(Vec3 inWorld, byte[] key) {}

  @RepeatedTest(5)
  void landmarksInCommonGiveTheSimilarityWithoutAPhotoInCommon() {
    Edge edge = LandmarkEdges.estimate(left(0), right(0), 0, CONFIG);

    assertThat(edge.verdict()).isEqualTo(Verdict.ACCEPTED);
    assertThat(edge.kind()).isEqualTo(Edge.Kind.QUERY);
    assertThat(edge.sharedViews()).isZero();
    assertThat(edge.inlierPoints()).isGreaterThan(100);
    assertThat(edge.aFromB().scale() / truth.scale()).isCloseTo(1, within(ROUNDING));
    assertThat(degreesOff(edge)).isLessThan(Math.toDegrees(ROUNDING));
  }

  @RepeatedTest(5)
  void theOtherDirectionIsTheInverse() {
    Edge forward = LandmarkEdges.estimate(left(0.03), right(0.03), 0, CONFIG);
    Edge backward = LandmarkEdges.estimate(right(0.03), left(0.03), 0, CONFIG);

    double[] information = Block7.inverseSpd(Sim3Tangent.unpack(forward.covariance28()));
    double[] xi = Sim3Tangent.between(forward.aFromB(), backward.aFromB().inverse());
    // each has noise of its own here, so the difference has twice the variance
    assertThat(Block7.quadratic(information, xi) / 2).isLessThan(3 * Block7.N);
    assertThat(forward.roundTripSigmas()).isLessThan(1);
  }

  @Test
  void sigmasAreThoseOfTheErrors() {
    double sum = 0;
    int trials = 60;
    for (int i = 0; i < trials; i++) {
      Edge edge = LandmarkEdges.estimate(left(0.05), right(0.05), 0, CONFIG);
      assertThat(edge.verdict()).isEqualTo(Verdict.ACCEPTED);
      double[] information = Block7.inverseSpd(Sim3Tangent.unpack(edge.covariance28()));
      sum += Block7.quadratic(information, Sim3Tangent.between(truth, edge.aFromB())) / Block7.N;
    }
    // groups are few, so the effect is known to a factor; honest means: neither far below nor above
    assertThat(sum / trials).isBetween(0.4, 2.5);
  }

  @RepeatedTest(3)
  void otherPlacesHaveTooLittleInCommon() {
    RememberedChunk elsewhere = chunk(1, facade(3), bFromWorld, 0, p -> p);

    Edge edge = LandmarkEdges.estimate(left(0), elsewhere, 0, CONFIG);

    assertThat(edge.verdict()).isEqualTo(Verdict.TOO_FEW_LANDMARKS);
    assertThat(edge.aFromB()).isNull();
  }

  @RepeatedTest(3)
  void aFacadeThatRepeatsItselfIsAmbiguous() {
    // windows of the second half look like those 11 m further left: half of the landmarks say so
    RememberedChunk b =
        chunk(1, facade, bFromWorld, 0, p -> p.y() > 6 ? p.plus(new Vec3(11, 0, 0)) : p);

    Edge edge = LandmarkEdges.estimate(left(0), b, 0, CONFIG);

    assertThat(edge.verdict()).isEqualTo(Verdict.AMBIGUOUS);
    assertThat(edge.accepted()).isFalse();
  }

  @RepeatedTest(3)
  void theMirrorImageOfAFlatFacadeIsSeenFromBehind() {
    List<Landmark> flat = facade(0);
    RememberedChunk a = chunk(0, flat, aFromWorld, 0, p -> p);
    RememberedChunk mirrored = chunk(1, flat, bFromWorld, 0, p -> new Vec3(-p.x(), p.y(), p.z()));

    Edge edge = LandmarkEdges.estimate(a, mirrored, 0, CONFIG);

    assertThat(edge.verdict()).isEqualTo(Verdict.OPPOSITE_SIDES);
  }

  @RepeatedTest(3)
  void theMirrorImageOfAFacadeWithReliefFitsNowhere() {
    RememberedChunk mirrored = chunk(1, facade, bFromWorld, 0, p -> new Vec3(-p.x(), p.y(), p.z()));

    Edge edge = LandmarkEdges.estimate(left(0), mirrored, 0, CONFIG);

    assertThat(edge.accepted()).isFalse();
  }

  @Test
  void chunksThatSeeThroughOtherLensesAreNotJoined() {
    Edge edge = LandmarkEdges.estimate(left(0), right(0), 0.3, CONFIG);

    assertThat(edge.verdict()).isEqualTo(Verdict.FOCAL_LENGTHS_DISAGREE);
    assertThat(edge.logFocalRatio()).isEqualTo(0.3);
  }

  @Test
  void landmarksInALineLeaveTheRotationOpen() {
    List<Landmark> line = new ArrayList<>();
    for (Landmark l : facade) {
      line.add(new Landmark(new Vec3(l.inWorld().x(), 6, 0), l.key()));
    }

    Edge edge =
        LandmarkEdges.estimate(
            chunk(0, line, aFromWorld, 0, p -> p),
            chunk(1, line, bFromWorld, 0, p -> p),
            0,
            CONFIG);

    assertThat(edge.accepted()).isFalse();
  }

  @Test
  void matchesAreMutual() {
    LandmarkMemory a = left(0).landmarks();
    LandmarkMemory b = right(0).landmarks();

    LandmarkMatches there = LandmarkMatches.between(a, b);
    LandmarkMatches back = LandmarkMatches.between(b, a);

    assertThat(there.inA()).doesNotHaveDuplicates().containsExactlyInAnyOrder(back.inB());
    assertThat(there.inB()).doesNotHaveDuplicates().containsExactlyInAnyOrder(back.inA());
  }

  @Test
  void keysOfAnotherProjectionAreNotCompared() {
    LandmarkMemory a = left(0).landmarks();
    LandmarkMemory other =
        new LandmarkMemory(a.seed() + 1, a.keys(), a.values(), a.low(), a.high());

    assertThatThrownBy(() -> LandmarkMatches.between(a, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot compare keys of projections");
  }

  private double degreesOff(Edge edge) {
    return Math.toDegrees(edge.aFromB().rotation().angleRadiansTo(truth.rotation()));
  }

  /** Metres from 0 to 35. */
  private RememberedChunk left(double noiseMeters) {
    return chunk(0, part(0, 35), aFromWorld, noiseMeters, p -> p);
  }

  /** Metres from 25 to 60. */
  private RememberedChunk right(double noiseMeters) {
    return chunk(1, part(25, 60), bFromWorld, noiseMeters, p -> p);
  }

  private List<Landmark> part(double from, double to) {
    return facade.stream().filter(l -> l.inWorld().x() >= from && l.inWorld().x() <= to).toList();
  }

  private List<Landmark> facade(double reliefMeters) {
    List<Landmark> facade = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      byte[] key = new byte[KEY];
      for (int c = 0; c < KEY; c++) {
        key[c] = (byte) Math.round(22 * random.nextGaussian());
      }
      facade.add(
          new Landmark(
              new Vec3(
                  60 * random.nextDouble(),
                  12 * random.nextDouble(),
                  reliefMeters * random.nextDouble()),
              key));
    }
    return facade;
  }

  /** Cameras 15 m in front of their landmarks, along the facade. */
  private RememberedChunk chunk(
      int id,
      List<Landmark> landmarks,
      Sim3 chunkFromWorld,
      double noiseMeters,
      UnaryOperator<Vec3> wrong) {
    Vec3 low = new Vec3(1e9, 1e9, 1e9);
    Vec3 high = low.times(-1);
    List<Vec3> places = new ArrayList<>();
    List<Vec3> centers = new ArrayList<>();
    byte[] keys = new byte[KEY * landmarks.size()];
    for (int i = 0; i < landmarks.size(); i++) {
      Vec3 x = wrong.apply(landmarks.get(i).inWorld()).plus(noise(noiseMeters));
      Vec3 place = chunkFromWorld.apply(x);
      places.add(place);
      low = least(low, place);
      high = least(high.times(-1), place.times(-1)).times(-1);
      for (int c = 0; c < KEY; c++) {
        long step = landmarks.get(i).key()[c] + Math.round(2 * random.nextGaussian());
        keys[KEY * i + c] = (byte) Math.max(-128, Math.min(127, step));
      }
      if (i % 30 == 0) {
        centers.add(
            chunkFromWorld.apply(wrong.apply(new Vec3(landmarks.get(i).inWorld().x(), 2, -15))));
      }
    }
    short[] values = new short[3 * places.size()];
    for (int i = 0; i < places.size(); i++) {
      Vec3 at = places.get(i).minus(low);
      values[3 * i] = step(at.x() / (high.x() - low.x()));
      values[3 * i + 1] = step(at.y() / (high.y() - low.y()));
      values[3 * i + 2] = step(at.z() / (high.z() - low.z()));
    }
    LandmarkMemory memory = new LandmarkMemory(KeyProjection.SEED, keys, values, low, high);
    return new RememberedChunk(new ChunkId(id), memory, centers);
  }

  private Vec3 noise(double meters) {
    return new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian())
        .times(meters);
  }

  private static short step(double part) {
    return (short) Math.round(65535 * part);
  }

  private static Vec3 least(Vec3 a, Vec3 b) {
    return new Vec3(Math.min(a.x(), b.x()), Math.min(a.y(), b.y()), Math.min(a.z(), b.z()));
  }
}
