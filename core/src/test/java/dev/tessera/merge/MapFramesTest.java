package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.EdgeResult;
import dev.tessera.merge.MapFrames.Quarantined;
import dev.tessera.merge.MapFrames.Status;
import dev.tessera.partition.ChunkId;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class MapFramesTest {
  private static final Sim3 IDENTITY = new Sim3(1, Quaternion.IDENTITY, Vec3.ZERO);

  private static final Predicate<ChunkId> SEAMS = chunk -> chunk.value() >= 10;

  /** Seam 10 hangs together with chunks 0 and 1, seam 11 with nothing, though it had edges. */
  private static final MapFrames MAP =
      new MapFrames(
          List.of(frame(0, 0), frame(1, 0), frame(2, 2), frame(10, 0), frame(11, 1)),
          List.of(
              edge(0, 10, Edge.Verdict.ACCEPTED),
              edge(1, 10, Edge.Verdict.ACCEPTED),
              edge(1, 11, Edge.Verdict.INCONSISTENT),
              edge(2, 11, Edge.Verdict.INCONSISTENT)),
          List.of());

  @Test
  void aSeamAloneIsNoComponentAndIsNamed() {
    MapFrames whole = MAP.withoutLone(SEAMS);

    assertThat(whole.frames().stream().map(f -> f.chunk().value())).containsExactly(0, 1, 2, 10);
    assertThat(whole.quarantined().stream().map(Quarantined::chunk))
        .containsExactly(new ChunkId(11));
    assertThat(whole.quarantined().get(0).detail())
        .isEqualTo("2 of its edges and GPS contradict it, 0 do not");
    assertThat(whole.edges()).isEqualTo(MAP.edges());
  }

  @Test
  void anEdgeBetweenSeamsThatAreNotInTheMapIsNotUsed() {
    MapFrames twoSeams =
        new MapFrames(
            List.of(frame(0, 0), frame(10, 1), frame(11, 1)),
            List.of(edge(0, 10, Edge.Verdict.INCONSISTENT), edge(10, 11, Edge.Verdict.ACCEPTED)),
            List.of());

    assertThat(twoSeams.withoutLone(SEAMS).edges())
        .allSatisfy(
            result -> {
              assertThat(result.edge().verdict()).isEqualTo(Edge.Verdict.INCONSISTENT);
              assertThat(result.weight()).isZero();
            });
  }

  @Test
  void theComponentsAreCountedOnWithoutAGap() {
    assertThat(MAP.withoutLone(SEAMS).frames().stream().map(ChunkFrame::componentId))
        .containsExactly(0, 0, 1, 0);
  }

  @Test
  void whereNothingIsAloneNothingChanges() {
    assertThat(MAP.withoutLone(chunk -> false)).isSameAs(MAP);
  }

  private static ChunkFrame frame(int chunk, int component) {
    return new ChunkFrame(
        new ChunkId(chunk), IDENTITY, component, true, 1, 1, 1, 1, 1, Status.ANCHORED);
  }

  private static EdgeResult edge(int a, int b, Edge.Verdict verdict) {
    double[] covariance = new double[Sim3Tangent.PACKED];
    Edge edge =
        new Edge(
            new ChunkId(a),
            new ChunkId(b),
            Edge.Kind.SEAM,
            IDENTITY,
            covariance,
            8,
            8,
            100,
            100,
            0.01,
            0,
            Double.NaN,
            Double.NaN,
            verdict);
    return new EdgeResult(edge, verdict == Edge.Verdict.ACCEPTED ? 1 : 0, 1);
  }
}
