package dev.tessera.jobs;

import dev.tessera.jobs.AlignJob.ChunkPair;
import dev.tessera.jobs.Sources.Source;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.merge.Edge;
import dev.tessera.partition.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.util.LongAccumulator;

/**
 * Edges between chunks of different workspaces: by photos that both have, and by what chunks
 * remember. GPS needs none.
 */
final class JoiningEdges {
  private JoiningEdges() {}

  /** None for a map of one workspace. */
  static List<Edge> of(Run run, Map<ChunkId, Outcome> outcomes) throws IOException {
    if (run.sources().joined().isEmpty()) {
      return List.of();
    }
    Map<Integer, Integer> workspaceOf = workspaceOf(run, outcomes);
    List<ChunkPair> pairs =
        new ArrayList<>(AlignJob.pairs(ChunkTables.memberships(run), outcomes, 0));
    pairs.removeIf(pair -> workspaceOf.get(pair.a()).equals(workspaceOf.get(pair.b())));
    List<Edge> edges = new ArrayList<>();
    if (!pairs.isEmpty()) {
      LongAccumulator done = run.spark().sparkContext().longAccumulator("pairs aligned");
      run.progress().start(Stage.MERGE.word(), "pairs", pairs.size(), done::value);
      edges.addAll(AlignJob.edges(run, pairs, AlignJob.storeKeys(outcomes), done).collect());
    }
    edges.addAll(MemoryEdges.of(run, Stage.MERGE, outcomes.values()).between(workspaceOf));
    edges.sort(AlignJob.EDGE_ORDER);
    return edges;
  }

  private static Map<Integer, Integer> workspaceOf(Run run, Map<ChunkId, Outcome> outcomes)
      throws IOException {
    Map<Integer, Integer> workspaceOf = new HashMap<>();
    for (ChunkId chunk : outcomes.keySet()) {
      int workspace = 0;
      for (Source source : run.sources().joined()) {
        workspace += chunk.value() >= source.firstChunk() ? 1 : 0;
      }
      workspaceOf.put(chunk.value(), workspace);
    }
    return workspaceOf;
  }
}
