package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.merge.ChunkNode;
import dev.tessera.merge.Edge;
import dev.tessera.merge.GpsEvidence;
import dev.tessera.merge.MapFrames;
import dev.tessera.merge.PoseGraph;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.ScenePoints;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * What the pose graph of the chunks as they are says against them. Suspect are chunks that it
 * contradicts, and outcasts: chunks that have no edge, though with two or more neighbours, which do
 * have edges, they share views that no similarity brings together.
 */
final class Suspects {
  /** Two neighbours are not both wrong in the same way. */
  private static final int LEAST_DISAGREEING = 2;

  private final Map<ChunkId, String> contradicted = new TreeMap<>();
  private final Map<ChunkId, String> why = new TreeMap<>();
  private final Set<Border> refuted = new HashSet<>();

  private Suspects() {}

  /**
   * Solves the pose graph. Reads cameras only of the scenes; shuffles views to their chunks, where
   * there is an edge that could be wrong.
   */
  static Suspects of(
      Run run, JavaRDD<Membership> memberships, Map<ChunkId, Outcome> outcomes, List<Edge> edges)
      throws IOException {
    Suspects suspects = new Suspects();
    if (edges.stream().anyMatch(Edge::accepted)) {
      List<ChunkNode> nodes = nodes(run, memberships, outcomes);
      MapFrames frames = PoseGraph.solve(nodes, edges, PoseGraph.Config.defaults());
      frames.quarantined().forEach(q -> suspects.contradicted.put(q.chunk(), q.detail()));
      frames.edges().stream()
          .map(MapFrames.EdgeResult::edge)
          .filter(edge -> edge.verdict() == Edge.Verdict.INCONSISTENT)
          .forEach(edge -> suspects.refuted.add(Border.between(edge.a(), edge.b())));
    }
    suspects.why.putAll(outcasts(edges));
    suspects.why.putAll(suspects.contradicted);
    return suspects;
  }

  /** In order. */
  Set<ChunkId> chunks() {
    return why.keySet();
  }

  /** For people. */
  String why(ChunkId suspect) {
    return why.get(suspect);
  }

  /** Whether the map would leave the chunk out as it is. */
  boolean contradicted(ChunkId chunk) {
    return contradicted.containsKey(chunk);
  }

  /** Whether the rest of the map says otherwise than an edge. */
  boolean refuted(Edge edge) {
    return refuted.contains(Border.between(edge.a(), edge.b()));
  }

  private static Map<ChunkId, String> outcasts(List<Edge> edges) {
    Set<ChunkId> joined = new HashSet<>();
    for (Edge edge : edges) {
      if (edge.accepted()) {
        joined.add(edge.a());
        joined.add(edge.b());
      }
    }
    Map<ChunkId, SortedSet<ChunkId>> disagreeing = new TreeMap<>();
    for (Edge edge : edges) {
      if (edge.verdict() == Edge.Verdict.NO_CONSENSUS
          && joined.contains(edge.a()) != joined.contains(edge.b())) {
        boolean outside = joined.contains(edge.b());
        disagreeing
            .computeIfAbsent(outside ? edge.a() : edge.b(), k -> new TreeSet<>())
            .add(outside ? edge.b() : edge.a());
      }
    }
    Map<ChunkId, String> outcasts = new TreeMap<>();
    disagreeing.forEach(
        (chunk, neighbours) -> {
          if (neighbours.size() >= LEAST_DISAGREEING) {
            outcasts.put(chunk, "no similarity joins it to its neighbours " + named(neighbours));
          }
        });
    return outcasts;
  }

  private static String named(Set<ChunkId> chunks) {
    return chunks.stream().map(ChunkId::toString).collect(Collectors.joining(", "));
  }

  private static List<ChunkNode> nodes(
      Run run, JavaRDD<Membership> memberships, Map<ChunkId, Outcome> outcomes) throws IOException {
    LocalFrame world = IngestJob.world(run.workspace().required(Stage.INGEST));
    ChunkStore store = new ChunkStore(run.workspace().store(), run.sc().hadoopConfiguration());
    Map<Integer, String> keys = AlignJob.storeKeys(outcomes);
    double leastSigma = run.settings().number("merge.gps-sigma-m");
    GpsEvidence.Config gps = PoseGraph.Config.defaults().gps();
    ChunkPartitioner perChunk = new ChunkPartitioner(outcomes.size());
    return ChunkTables.members(run, memberships, outcomes.size())
        .filter(chunk -> keys.containsKey(chunk.chunk().value()))
        .mapToPair(c -> new Tuple2<>(c.chunk().value(), c.views(world)))
        .join(ChunkTables.chunksPerView(memberships, perChunk), perChunk)
        .map(
            chunk ->
                ChunkSummary.node(
                    camerasOnly(store, keys.get(chunk._1()), new ChunkId(chunk._1())),
                    chunk._2()._1(),
                    chunk._2()._2(),
                    leastSigma,
                    gps))
        .collect(); // of fixed size per chunk
  }

  private static ChunkScene camerasOnly(ChunkStore store, String key, ChunkId chunk)
      throws IOException {
    return new ChunkScene(
        chunk,
        store.readCameras(key),
        ScenePoints.NONE,
        List.of(),
        ResidualHistogram.empty(),
        SceneMemory.NONE);
  }
}
