package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.synthetic.CityOptions;
import dev.tessera.synthetic.SyntheticCity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the merge of a whole city, with all that is wrong in it, must not depend on. */
class CityGaugeTest {
  private static final PoseGraph.Config CONFIG = PoseGraph.Config.defaults();

  /** Frames settle to 1e-8 of a chunk's 50 m; conditioned a thousand times worse as a whole. */
  private static final double SAME_METERS = 1e-3;

  private final SyntheticCity city = SyntheticCity.of(CityOptions.clean(144, 2).withBad(0.1, 0.05));

  @Test
  void movingAndScalingTheWorldMovesAndScalesTheMap() {
    Quaternion turn = Quaternion.ofRotationVector(new Vec3(0.3, -0.2, 1.1));
    Sim3 newFromWorld = new Sim3(2.5, turn, new Vec3(4000, -900, 70));
    MapFrames plain = PoseGraph.solve(city.nodes(), city.edges(), CONFIG);

    MapFrames moved =
        PoseGraph.solve(
            city.nodes().stream().map(n -> inWorld(newFromWorld, n)).toList(),
            city.edges(),
            CONFIG);

    assertThat(moved.frames()).hasSameSizeAs(plain.frames());
    assertThat(moved.quarantined()).hasSameSizeAs(plain.quarantined());
    for (ChunkFrame frame : plain.frames()) {
      Vec3 center = city.nodes().get(frame.chunk().value()).centerInChunk();
      ChunkFrame now = moved.of(frame.chunk()).orElseThrow();
      Vec3 expected = newFromWorld.apply(frame.worldFromChunk().apply(center));
      assertThat(now.worldFromChunk().apply(center).distanceTo(expected)).isLessThan(SAME_METERS);
      assertThat(now.status()).isEqualTo(frame.status());
    }
  }

  @Test
  void theOrderOfChunksAndEdgesDoesNotChangeABit() {
    MapFrames plain = PoseGraph.solve(city.nodes(), city.edges(), CONFIG);
    List<ChunkNode> nodes = new ArrayList<>(city.nodes());
    List<Edge> edges = new ArrayList<>(city.edges());
    Collections.shuffle(nodes, new Random(1));
    Collections.shuffle(edges, new Random(2));

    assertThat(PoseGraph.solve(nodes, edges, CONFIG)).isEqualTo(plain);
  }

  /** GPS as it would read in another world; its sigmas are the same along all axes. */
  private static ChunkNode inWorld(Sim3 newFromWorld, ChunkNode node) {
    GpsEvidence g = node.gps();
    double[] r = newFromWorld.rotation().toMatrix();
    double[] map = Block7.identity();
    for (int i = 0; i < 9; i++) {
      map[(3 + i / 3) * Block7.N + 3 + i % 3] = newFromWorld.scale() * r[i];
    }
    GpsMoments moments =
        new GpsMoments(
            g.moments().centerInChunk(),
            newFromWorld.apply(g.moments().centerInWorld()),
            scaled(Block7.congruent(map, g.moments().horizontal()), newFromWorld.scale()),
            scaled(Block7.congruent(map, g.moments().vertical()), newFromWorld.scale()),
            g.moments().weight());
    GpsEvidence moved =
        new GpsEvidence(
            g.chunk(),
            moments,
            g.fixes(),
            g.inliers(),
            newFromWorld.after(g.worldFromChunk()),
            g.medianResidualMeters(),
            g.medianResidualSigmas(),
            g.determination(),
            g.up());
    return new ChunkNode(
        node.chunk(), node.cameras(), node.centerInChunk(), node.radiusInChunk(), moved);
  }

  /** Sigmas grow with the world. */
  private static double[] scaled(double[] moments, double factor) {
    double[] result = new double[moments.length];
    Block7.add(result, moments, 1 / (factor * factor));
    return result;
  }
}
