package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.GpsEvidence.OfSequence;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.GpsBias;
import dev.tessera.merge.PoseGraph.BiasPrior;
import dev.tessera.merge.PoseGraph.ScalePrior;
import dev.tessera.merge.SyntheticTown.Noise;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.synthetic.CityOptions;
import dev.tessera.synthetic.SyntheticCity;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two flights over one city, the GPS of the second 5 m off. */
class GpsBiasTest {
  private static final int CHUNKS = 144;
  private static final int COLUMNS = 12;
  private static final Vec3 OFF = new Vec3(4, 3, 0);
  private static final PoseGraph.Config OFF_BY_PHOTO = PoseGraph.Config.defaults();
  private static final PoseGraph.Config OFF_BY_FLIGHT =
      OFF_BY_PHOTO.with(ScalePrior.FREE, new BiasPrior(5, 15));

  /** What edges and GPS allow where all is well; of flights apart, the seam must tell the shift. */
  private static final double CLEAN_METERS = 1.35;

  private final SyntheticCity city = SyntheticCity.of(CityOptions.clean(CHUNKS, 4));

  @Test
  void flightsThatDisagreeTearTheMapUnlessEachMayBeOff() {
    List<ChunkNode> nodes = flights(OFF);

    MapFrames torn = PoseGraph.solve(nodes, city.edges(), OFF_BY_PHOTO);
    MapFrames whole = PoseGraph.solve(nodes, city.edges(), OFF_BY_FLIGHT);

    MapFrames agreeing = PoseGraph.solve(flights(Vec3.ZERO), city.edges(), OFF_BY_FLIGHT);

    assertThat(shapeRmse(torn)).isGreaterThan(1.5 * CLEAN_METERS);
    assertThat(shapeRmse(whole)).isLessThan(1.2 * CLEAN_METERS);
    assertThat(shapeRmse(whole)).isCloseTo(shapeRmse(agreeing), within(0.2));
    assertThat(torn.gpsBiases()).isEmpty();
    assertThat(whole.gpsBiases()).extracting(GpsBias::sequence).containsExactly("a", "b");
    Vec3 between = whole.gpsBiases().get(1).meters().minus(whole.gpsBiases().get(0).meters());
    assertThat(between.distanceTo(OFF)).isLessThan(1.5);
  }

  /** Nobody knows which flight is right: the prior believes their mean, and the sigmas say so. */
  @Test
  void theMeanOfTheFlightsIsBelieved() {
    MapFrames frames = PoseGraph.solve(flights(OFF), city.edges(), OFF_BY_FLIGHT);
    MapFrames sure = PoseGraph.solve(flights(Vec3.ZERO), city.edges(), OFF_BY_PHOTO);

    GpsBias a = frames.gpsBiases().get(0);
    GpsBias b = frames.gpsBiases().get(1);
    assertThat(a.meters().plus(b.meters()).norm()).isLessThan(1e-3);
    assertThat(a.horizontalSigmaMeters()).isBetween(5 / Math.sqrt(2), 5.0);
    assertThat(frames.frames().get(0).positionSigmaMeters())
        .isGreaterThan(sure.frames().get(0).positionSigmaMeters() + 3);
  }

  @Test
  void aSingleFlightIsBelievedAsItReads() {
    List<ChunkNode> nodes = city.nodes().stream().map(n -> ofFlight(n, "only", Vec3.ZERO)).toList();

    MapFrames plain = PoseGraph.solve(nodes, city.edges(), OFF_BY_PHOTO);
    MapFrames with = PoseGraph.solve(nodes, city.edges(), OFF_BY_FLIGHT);

    assertThat(with.gpsBiases().get(0).meters().norm()).isLessThan(1e-3);
    for (int i = 0; i < CHUNKS; i++) {
      Vec3 t = plain.frames().get(i).worldFromChunk().translation();
      assertThat(with.frames().get(i).worldFromChunk().translation().distanceTo(t))
          .isLessThan(1e-2);
    }
  }

  /** Both flights in one chunk, heights 30 m apart: neither is taken for bad. */
  @Test
  void photosOfTwoFlightsInOneChunkAreToldApart() {
    SyntheticTown town = SyntheticTown.grid(6, 6, 2);
    List<Integer> all = IntStream.range(0, 36).boxed().toList();
    ChunkScene scene = town.scene(0, all, Sim3.IDENTITY, Noise.NONE, 1);
    List<GpsFix> fixes = new ArrayList<>();
    for (GpsFix f : town.fixes(1, 0.5, 5)) {
      boolean second = f.view().value() % 3 == 0;
      Vec3 read = f.positionInWorld().plus(second ? new Vec3(0, 0, 30) : Vec3.ZERO);
      fixes.add(new GpsFix(f.view(), read, 1, 2, second ? "second" : "first"));
    }

    GpsEvidence evidence = GpsEvidence.of(scene, fixes, OFF_BY_FLIGHT.gps()).orElseThrow();
    MapFrames frames =
        PoseGraph.solve(List.of(ChunkNode.of(scene, evidence)), List.of(), OFF_BY_FLIGHT);

    assertThat(evidence.inliers()).isEqualTo(36);
    assertThat(evidence.bySequence())
        .extracting(OfSequence::sequence)
        .containsExactly("first", "second");
    double between =
        frames.gpsBiases().get(1).meters().z() - frames.gpsBiases().get(0).meters().z();
    assertThat(between).isCloseTo(30, within(1.0));
  }

  @Test
  void refusesAPriorOfOneAxisOnly() {
    assertThatThrownBy(() -> new BiasPrior(5, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Sigmas of a GPS bias must both be positive, or both 0, were 5.0 and 0.0");
  }

  /** The western half of the city by flight a, the eastern by b. */
  private List<ChunkNode> flights(Vec3 offOfB) {
    return city.nodes().stream()
        .map(
            n ->
                n.chunk().value() % COLUMNS < COLUMNS / 2
                    ? ofFlight(n, "a", Vec3.ZERO)
                    : ofFlight(n, "b", offOfB))
        .toList();
  }

  private static ChunkNode ofFlight(ChunkNode node, String flight, Vec3 off) {
    GpsEvidence g = node.gps();
    GpsMoments read = g.moments().movedBy(off);
    Sim3 shift = new Sim3(1, Quaternion.IDENTITY, off);
    GpsEvidence moved =
        new GpsEvidence(
            g.chunk(),
            read,
            g.fixes(),
            g.inliers(),
            shift.after(g.worldFromChunk()),
            g.medianResidualMeters(),
            g.medianResidualSigmas(),
            g.determination(),
            g.up(),
            List.of(new OfSequence(flight, read)));
    return new ChunkNode(
        node.chunk(), node.cameras(), node.centerInChunk(), node.radiusInChunk(), moved);
  }

  /** Root mean square error of the chunk centres, but for a shift of all. */
  private double shapeRmse(MapFrames frames) {
    List<Vec3> errors = new ArrayList<>();
    Vec3 mean = Vec3.ZERO;
    for (ChunkFrame f : frames.frames()) {
      Vec3 center = city.nodes().get(f.chunk().value()).centerInChunk();
      Vec3 error =
          f.worldFromChunk().apply(center).minus(city.worldFromChunk(f.chunk()).apply(center));
      errors.add(error);
      mean = mean.plus(error.times(1.0 / CHUNKS));
    }
    double squares = 0;
    for (Vec3 error : errors) {
      squares += Math.pow(error.distanceTo(mean), 2) / CHUNKS;
    }
    return Math.sqrt(squares);
  }
}
