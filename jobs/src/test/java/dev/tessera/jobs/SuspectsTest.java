package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.Edge;
import dev.tessera.merge.Edge.Verdict;
import dev.tessera.partition.ChunkId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which chunks are taken for wrong because they fit none of their neighbours. */
class SuspectsTest {
  private static final Edge JOINED = edge(0, 1, Verdict.ACCEPTED);
  private static final Edge ALSO_JOINED = edge(1, 2, Verdict.ACCEPTED);

  @Test
  void aChunkThatFitsNoneOfTwoNeighboursIsAnOutcast() {
    assertThat(
            Suspects.outcasts(
                List.of(
                    JOINED,
                    ALSO_JOINED,
                    edge(0, 5, Verdict.NO_CONSENSUS),
                    edge(2, 5, Verdict.NO_CONSENSUS))))
        .isEqualTo(Map.of(new ChunkId(5), "no similarity joins it to its neighbours 0, 2"));
  }

  @Test
  void oneNeighbourMayBeTheOneThatIsWrong() {
    assertThat(Suspects.outcasts(List.of(JOINED, edge(0, 5, Verdict.NO_CONSENSUS)))).isEmpty();
  }

  @Test
  void aChunkWithAnEdgeIsNoOutcast() {
    assertThat(
            Suspects.outcasts(
                List.of(
                    JOINED,
                    ALSO_JOINED,
                    edge(0, 5, Verdict.NO_CONSENSUS),
                    edge(1, 5, Verdict.ACCEPTED),
                    edge(2, 5, Verdict.NO_CONSENSUS))))
        .isEmpty();
  }

  @Test
  void neighboursThatHaveNoEdgeThemselvesAreNoWitnesses() {
    assertThat(
            Suspects.outcasts(
                List.of(edge(0, 5, Verdict.NO_CONSENSUS), edge(2, 5, Verdict.NO_CONSENSUS))))
        .isEmpty();
  }

  @Test
  void tooFewViewsSayNothing() {
    assertThat(
            Suspects.outcasts(
                List.of(
                    JOINED,
                    ALSO_JOINED,
                    edge(0, 5, Verdict.TOO_FEW_VIEWS),
                    edge(2, 5, Verdict.DEGENERATE_SCALE))))
        .isEmpty();
  }

  private static Edge edge(int a, int b, Verdict verdict) {
    boolean measured = verdict == Verdict.ACCEPTED;
    return new Edge(
        new ChunkId(a),
        new ChunkId(b),
        Edge.Kind.OVERLAP,
        measured ? new Sim3(1, Quaternion.IDENTITY, Vec3.ZERO) : null,
        measured ? new double[28] : null,
        8,
        8,
        100,
        100,
        0.01,
        0,
        verdict);
  }
}
