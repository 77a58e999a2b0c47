package dev.tessera.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.ChunkNode;
import dev.tessera.merge.Edge;
import dev.tessera.merge.MapFrames;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.Quarantined;
import dev.tessera.merge.MapFrames.Status;
import dev.tessera.merge.PoseGraph;
import dev.tessera.merge.PoseGraph.ScalePrior;
import dev.tessera.merge.Sim3Tangent;
import dev.tessera.partition.ChunkId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What goes wrong in a city, and what the merge makes of it. */
class CityMergeTest {
  private static final PoseGraph.Config CONFIG = PoseGraph.Config.defaults();
  private static final int CHUNKS = 400;
  private static final int LARGE = 1600;

  /** What the edges and GPS of these cities allow where all is well, a twentieth more. */
  private static final double CLEAN_METERS = 1.35;

  /** How much worse a neighbour of a wrong chunk may be than without it. */
  private static final double NEIGHBOUR_FACTOR = 1.1;

  /** Errors in sigmas are chi-square with thousands of correlated freedoms. */
  private static final double HONEST_FACTOR = 2;

  private static MapFrames merged(SyntheticCity city) {
    return PoseGraph.solve(city.nodes(), city.edges(), CONFIG);
  }

  private static CityScore score(CityOptions options) {
    SyntheticCity city = SyntheticCity.of(options);
    return CityScore.of(city, merged(city));
  }

  @Test
  void equalSeedsGiveEqualCitiesAndOthersDoNot() {
    SyntheticCity city = SyntheticCity.of(CityOptions.clean(9, 1).withBad(0.2, 0.2));
    SyntheticCity same = SyntheticCity.of(CityOptions.clean(9, 1).withBad(0.2, 0.2));
    SyntheticCity other = SyntheticCity.of(CityOptions.clean(9, 2).withBad(0.2, 0.2));

    assertThat(same.edges().get(0).aFromB()).isEqualTo(city.edges().get(0).aFromB());
    assertThat(same.badEdges()).isEqualTo(city.badEdges());
    assertThat(other.edges().get(0).aFromB()).isNotEqualTo(city.edges().get(0).aFromB());
  }

  @Test
  void refusesACityWithoutChunks() {
    assertThatThrownBy(() -> CityOptions.clean(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot make a city of 0 chunks");
  }

  @Test
  void oneBadEdgeInTwentyCostsNextToNothing() {
    CityScore score = score(CityOptions.clean(CHUNKS, 3).withBad(0.05, 0.03));

    assertThat(score.rmseMeters()).isLessThan(CLEAN_METERS);
    assertThat(score.placed()).isGreaterThanOrEqualTo(CHUNKS * 99 / 100);
    assertThat(score.badEdgesKept()).isZero();
    assertThat(score.falseRejections()).isLessThanOrEqualTo(3);
  }

  @Test
  void edgesThatAreWrongTogetherAreSeenThrough() {
    SyntheticCity city = SyntheticCity.of(CityOptions.clean(CHUNKS, 5).withBadSeams(6));

    CityScore score = CityScore.of(city, merged(city));

    assertThat(city.badEdges()).hasSizeGreaterThan(10);
    assertThat(score.badEdgesKept()).isZero();
    assertThat(score.falseRejections()).isZero();
    assertThat(score.rmseMeters()).isLessThan(CLEAN_METERS);
  }

  @Test
  void judgingLeavesOutWhatTheMapLeavesOut() {
    SyntheticCity city =
        SyntheticCity.of(CityOptions.clean(CHUNKS, 4).withBad(0.1, 0.05).withWrongChunks(2, 2));

    PoseGraph.Judgement judgement = PoseGraph.judge(city.nodes(), city.edges(), CONFIG);

    MapFrames map = merged(city);
    assertThat(judgement.quarantined()).hasSizeGreaterThanOrEqualTo(4);
    assertThat(judgement.quarantined()).isEqualTo(map.quarantined());
    assertThat(judgement.inconsistent().stream().map(edge -> edge.a() + "-" + edge.b()))
        .isNotEmpty()
        .containsExactlyElementsOf(
            map.edges().stream()
                .map(MapFrames.EdgeResult::edge)
                .filter(edge -> edge.verdict() == Edge.Verdict.INCONSISTENT)
                .map(edge -> edge.a() + "-" + edge.b())
                .toList());
  }

  /** With seams on both sides, a strip agrees with its wrong edges; its GPS and its ends do not. */
  @Test
  void stripsBetweenSeamsAreSeenThrough() {
    SyntheticCity city = SyntheticCity.of(CityOptions.clean(CHUNKS, 3).withBadSeams(40));

    CityScore score = CityScore.of(city, merged(city));

    assertThat(score.badEdgesKept()).isZero();
    assertThat(score.falseRejections()).isZero();
    assertThat(score.rmseMeters()).isLessThan(1.1 * CLEAN_METERS);
  }

  @Test
  void regionsWithoutGpsAreHeldByTheirEdges() {
    SyntheticCity city = SyntheticCity.of(CityOptions.clean(CHUNKS, 6).withGpsFreeRegions(8));

    MapFrames frames = merged(city);

    assertThat(frames.frames()).allMatch(ChunkFrame::georeferenced);
    assertThat(frames.frames()).anyMatch(f -> f.status() == Status.CONNECTED);
    assertThat(CityScore.of(city, frames).rmseMeters()).isLessThan(1.5 * CLEAN_METERS);
  }

  @Test
  void islandsAreAnchoredByTheirOwnGpsOrFloat() {
    SyntheticCity city = SyntheticCity.of(CityOptions.clean(CHUNKS, 7).withIslands(3, 1));

    MapFrames frames = merged(city);
    CityScore score = CityScore.of(city, frames);

    assertThat(score.components()).isEqualTo(3);
    assertThat(score.placed()).isEqualTo(CHUNKS);
    assertThat(score.rmseMeters()).isLessThan(CLEAN_METERS);
    long blind = city.nodes().stream().filter(node -> node.gps() == null).count();
    assertThat(score.floating()).isEqualTo((int) blind).isPositive();
    assertThat(frames.frames()).allMatch(f -> f.georeferenced() != (f.status() == Status.FLOATING));
  }

  @Test
  void aChunkWithPointsTooLargeForItsCamerasIsQuarantined() {
    assertThatWrongChunksHarmNobody(CityOptions.clean(CHUNKS, 8).withWrongChunks(1, 0), 1.4, 1.6);
  }

  @Test
  void aChunkWithMirroredDepthIsQuarantined() {
    assertThatWrongChunksHarmNobody(CityOptions.clean(CHUNKS, 9).withWrongChunks(0, 1), 1, 1.1);
  }

  private static void assertThatWrongChunksHarmNobody(
      CityOptions options, double leastFactor, double mostFactor) {
    SyntheticCity city = SyntheticCity.of(options);
    Set<ChunkId> wrong = new HashSet<>(city.wrongScale());
    wrong.addAll(city.mirrored());
    List<ChunkNode> others =
        city.nodes().stream().filter(node -> !wrong.contains(node.chunk())).toList();
    List<Edge> elsewhere =
        city.edges().stream()
            .filter(edge -> !wrong.contains(edge.a()) && !wrong.contains(edge.b()))
            .toList();
    MapFrames without = PoseGraph.solve(others, elsewhere, CONFIG);

    MapFrames with = merged(city);

    assertThat(with.quarantined().stream().map(Quarantined::chunk))
        .containsExactlyInAnyOrderElementsOf(wrong);
    assertThat(with.quarantined())
        .allSatisfy(q -> assertThat(q.scaleFactor()).isBetween(leastFactor, mostFactor))
        .allSatisfy(q -> assertThat(q.detail()).contains("contradict it"));
    for (ChunkFrame frame : without.frames()) {
      Sim3 now = with.of(frame.chunk()).orElseThrow().worldFromChunk();
      assertThat(city.errorMeters(frame.chunk(), now))
          .isLessThanOrEqualTo(
              NEIGHBOUR_FACTOR * city.errorMeters(frame.chunk(), frame.worldFromChunk()));
    }
  }

  /** Without GPS, only the edges know the scale: noise of 1 % adds up from one to the next. */
  @Test
  void chunksOfOneUnitKeepItWhereThatIsFixed() {
    List<ChunkNode> nodes =
        IntStream.range(0, 20)
            .mapToObj(i -> new ChunkNode(new ChunkId(i), 10, Vec3.ZERO, 50, null))
            .toList();
    List<Edge> edges =
        IntStream.range(0, 19).mapToObj(CityMergeTest::edgeWithTooLargeScale).toList();

    double free = lastScale(nodes, edges, ScalePrior.FREE);
    double soft = lastScale(nodes, edges, ScalePrior.SOFT);
    double fixed = lastScale(nodes, edges, ScalePrior.FIXED);

    assertThat(free).isCloseTo(Math.pow(1.01, 19), within(1e-6));
    assertThat(soft).isBetween(1.1, free);
    assertThat(fixed).isCloseTo(1, within(1e-3));
  }

  private static Edge edgeWithTooLargeScale(int a) {
    double[] covariance = new double[49];
    for (int i = 0; i < 7; i++) {
      covariance[i * 8] = i < 3 || i == 6 ? 1e-4 : 1; // 0.6 degrees, 1 % of 100 m, 1 %
    }
    Sim3 aFromB = new Sim3(1.01, Quaternion.IDENTITY, new Vec3(100, 0, 0));
    return new Edge(
        new ChunkId(a),
        new ChunkId(a + 1),
        Edge.Kind.OVERLAP,
        aFromB,
        Sim3Tangent.pack(covariance),
        5,
        5,
        500,
        500,
        0.01,
        0,
        Double.NaN,
        Double.NaN,
        Edge.Verdict.ACCEPTED);
  }

  private static double lastScale(List<ChunkNode> nodes, List<Edge> edges, ScalePrior prior) {
    PoseGraph.Config config = CONFIG.with(prior, PoseGraph.BiasPrior.NONE);
    MapFrames frames = PoseGraph.solve(nodes, edges, config);
    return frames.frames().get(nodes.size() - 1).worldFromChunk().scale();
  }

  @Test
  void sigmasAreHonest() {
    double[] squares = new double[3];
    int count = 0;
    for (long seed = 10; seed < 15; seed++) {
      SyntheticCity city = SyntheticCity.of(CityOptions.clean(100, seed).withBad(0.05, 0.03));
      for (ChunkFrame f : merged(city).frames()) {
        Sim3 truth = city.worldFromChunk(f.chunk());
        double meters = city.errorMeters(f.chunk(), f.worldFromChunk());
        double radians = f.worldFromChunk().rotation().angleRadiansTo(truth.rotation());
        double log = Math.log(f.worldFromChunk().scale() / truth.scale());
        squares[0] += Math.pow(meters / f.positionSigmaMeters(), 2) / 3;
        squares[1] += Math.pow(Math.toDegrees(radians) / f.rotationSigmaDegrees(), 2) / 3;
        squares[2] += Math.pow(log / f.logScaleSigma(), 2);
        count++;
      }
    }
    for (double sum : squares) {
      assertThat(sum / count).isBetween(1 / HONEST_FACTOR, HONEST_FACTOR);
    }
  }

  @Test
  @Tag("slow")
  void largeCitiesAreAsAccurateAsTheirNoiseAllows() {
    assertThat(meanRmse(0, 0, 1)).isLessThanOrEqualTo(1.30);
    assertThat(meanRmse(0.05, 0.03, 0.99)).isLessThanOrEqualTo(1.40);
    assertThat(meanRmse(0.2, 0.1, 0.97)).isLessThanOrEqualTo(2.0);
  }

  @Test
  @Tag("slow")
  void tenThousandChunksAreAsAccurateAsAThousand() {
    CityScore score = score(CityOptions.clean(10_000, 1).withBad(0.05, 0.03));

    assertThat(score.rmseMeters()).isLessThanOrEqualTo(1.40);
    assertThat(score.placed()).isGreaterThanOrEqualTo(9_900);
  }

  private static double meanRmse(double badEdges, double badGps, double leastPlaced) {
    return LongStream.rangeClosed(1, 3)
        .mapToDouble(
            seed -> {
              CityScore score = score(CityOptions.clean(LARGE, seed).withBad(badEdges, badGps));
              assertThat(score.placed()).isGreaterThanOrEqualTo((int) (leastPlaced * LARGE));
              return score.rmseMeters();
            })
        .average()
        .orElseThrow();
  }
}
