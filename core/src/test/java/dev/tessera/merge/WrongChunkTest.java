package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.Quarantined;
import dev.tessera.merge.SyntheticTown.Noise;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** From scenes to frames: a town of nine chunks, the middle one wrong in itself. */
class WrongChunkTest {
  private static final ChunkId MIDDLE = new ChunkId(4);

  /** Cameras on a side of a chunk; half of them are shared with each neighbour. */
  private static final int SIDE = 6;

  private static final int CAMERAS = 12;

  /** How much worse a neighbour may be than without the wrong chunk. */
  private static final double NEIGHBOUR_FACTOR = 1.1;

  private final Random random = new Random(5);
  private final SyntheticTown town = SyntheticTown.grid(CAMERAS, CAMERAS, 11);
  private final List<GpsFix> fixes = town.fixes(2, 1.5, 3);
  private final List<Sim3> chunkFromWorld = new ArrayList<>();

  @Test
  void rightChunksAreAllPlaced() {
    MapFrames frames = merged(scenes(scene -> scene));

    assertThat(frames.quarantined()).isEmpty();
    assertThat(frames.frames()).hasSize(9).allMatch(f -> f.componentId() == 0);
    assertThat(frames.edges()).allMatch(e -> e.edge().accepted());
    assertThat(frames.edges()).allMatch(e -> e.edge().roundTripSigmas() < 1);
  }

  @Test
  void mirroredDepthIsNamedAndHarmsNobody() {
    assertThatTheMiddleIsNamedAndHarmsNobody(SyntheticTown::mirrored);
  }

  @Test
  void pointsTooLargeForTheirCamerasAreNamedAndHarmNobody() {
    assertThatTheMiddleIsNamedAndHarmsNobody(scene -> SyntheticTown.withScaledPoints(scene, 1.5));
  }

  private void assertThatTheMiddleIsNamedAndHarmsNobody(UnaryOperator<ChunkScene> spoiled) {
    List<ChunkScene> scenes = scenes(spoiled);
    MapFrames without = merged(scenes.stream().filter(s -> !s.chunk().equals(MIDDLE)).toList());

    MapFrames with = merged(scenes);

    assertThat(with.quarantined().stream().map(Quarantined::chunk)).containsExactly(MIDDLE);
    assertThat(with.quarantined().get(0).detail()).contains("contradict it");
    for (ChunkFrame frame : without.frames()) {
      Sim3 now = with.of(frame.chunk()).orElseThrow().worldFromChunk();
      assertThat(errorMeters(frame.chunk(), now))
          .isLessThanOrEqualTo(
              NEIGHBOUR_FACTOR * errorMeters(frame.chunk(), frame.worldFromChunk()));
    }
  }

  private List<ChunkScene> scenes(UnaryOperator<ChunkScene> ofTheMiddle) {
    List<ChunkScene> scenes = new ArrayList<>();
    for (int chunk = 0; chunk < 9; chunk++) {
      int column = chunk % 3 * SIDE / 2;
      int row = chunk / 3 * SIDE / 2;
      List<Integer> views =
          IntStream.range(0, SIDE * SIDE)
              .mapToObj(i -> (row + i / SIDE) * CAMERAS + column + i % SIDE)
              .toList();
      chunkFromWorld.add(SyntheticTown.randomGauge(middle(chunk), random));
      Noise noise = new Noise(0.05, 0.03, 0.03);
      ChunkScene scene = town.scene(chunk, views, chunkFromWorld.get(chunk), noise, chunk);
      scenes.add(scene.chunk().equals(MIDDLE) ? ofTheMiddle.apply(scene) : scene);
    }
    return scenes;
  }

  private MapFrames merged(List<ChunkScene> scenes) {
    PoseGraph.Config config = PoseGraph.Config.defaults();
    List<ChunkNode> nodes = new ArrayList<>();
    List<Edge> edges = new ArrayList<>();
    for (int i = 0; i < scenes.size(); i++) {
      ChunkScene a = scenes.get(i);
      nodes.add(ChunkNode.of(a, GpsEvidence.of(a, fixes, config.gps()).orElseThrow()));
      for (ChunkScene b : scenes.subList(i + 1, scenes.size())) {
        Edge edge = EdgeEstimator.estimate(a, b, EdgeEstimator.Config.defaults());
        if (edge.verdict() != Edge.Verdict.NO_SHARED_VIEWS) {
          edges.add(edge);
        }
      }
    }
    return PoseGraph.solve(nodes, edges, config);
  }

  private double errorMeters(ChunkId chunk, Sim3 worldFromChunk) {
    Vec3 middle = middle(chunk.value());
    return worldFromChunk.apply(chunkFromWorld.get(chunk.value()).apply(middle)).distanceTo(middle);
  }

  private static Vec3 middle(int chunk) {
    return new Vec3(chunk % 3 * 30 + 25, (double) (chunk / 3) * 30 + 25, 10);
  }
}
