package dev.tessera.jobs;

import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.merge.ChunkNode;
import dev.tessera.merge.Edge;
import dev.tessera.merge.GpsEvidence;
import dev.tessera.merge.PoseGraph;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.ScenePoints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the pose graph of the chunks as they are says against them: the chunks that it would leave
 * out, and the edges that it would not use.
 */
final class Suspects {
  private final Map<ChunkId, String> contradicted = new TreeMap<>();
  private final Set<Named> refuted = new HashSet<>();

  /** Two chunks may have several edges, each of its own kind. */
  private record Named(Border border, Edge.Kind kind) {
    static Named of(Edge edge) {
      return new Named(Border.between(edge.a(), edge.b()), edge.kind());
    }
  }

  private Suspects() {}

  /** Nobody is. */
  static Suspects none() {
    return new Suspects();
  }

  /**
   * Asks the pose graph, where there is an edge that could be wrong. Reads cameras only of the
   * scenes; shuffles the views of all reconstructed chunks to them.
   */
  static Suspects of(Run run) throws IOException {
    List<Edge> edges = ChunkTables.edges(run, Stage.ALIGN);
    Suspects suspects = new Suspects();
    if (edges.stream().anyMatch(Edge::accepted)) {
      PoseGraph.Judgement judgement =
          PoseGraph.judge(nodes(run), edges, MapSolution.config(run.settings()));
      judgement.quarantined().forEach(q -> suspects.contradicted.put(q.chunk(), q.detail()));
      judgement.inconsistent().forEach(edge -> suspects.refuted.add(Named.of(edge)));
    }
    return suspects;
  }

  /** The chunks that the map would leave out as they are, in order. */
  Set<ChunkId> chunks() {
    return contradicted.keySet();
  }

  /** For people. */
  String why(ChunkId suspect) {
    return contradicted.get(suspect);
  }

  /** Whether the rest of the map says otherwise than an edge. */
  boolean refuted(Edge edge) {
    return refuted.contains(Named.of(edge));
  }

  private static List<ChunkNode> nodes(Run run) throws IOException {
    ChunkStore store = run.store();
    double leastSigma = run.settings().number("merge.gps-sigma-m");
    GpsEvidence.Config gps = MapSolution.config(run.settings()).gps();
    List<ChunkNode> nodes =
        new ArrayList<>(
            StoredChunk.all(
                    run,
                    ChunkTables.memberships(run, Stage.RECONSTRUCT),
                    ChunkTables.outcomes(run, Stage.RECONSTRUCT))
                .map(chunk -> ChunkSummary.node(camerasOnly(store, chunk), chunk, leastSigma, gps))
                .collect()); // of fixed size per chunk
    nodes.sort(Comparator.comparing(ChunkNode::chunk));
    return nodes;
  }

  private static ChunkScene camerasOnly(ChunkStore store, StoredChunk chunk) throws IOException {
    return new ChunkScene(
        chunk.id(),
        store.readCameras(chunk.storeKey()),
        ScenePoints.NONE,
        List.of(),
        ResidualHistogram.empty(),
        SceneMemory.NONE);
  }
}
