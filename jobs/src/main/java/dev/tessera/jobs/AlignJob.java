package dev.tessera.jobs;

import dev.tessera.jobs.tables.EdgeRows;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.merge.Edge;
import dev.tessera.merge.EdgeEstimator;
import dev.tessera.partition.Border;
import dev.tessera.partition.Borders;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;

/**
 * Scenes to edges. Reads {@code memberships}, {@code outcomes}, {@code borders} and the store;
 * writes {@code edges}. Every pair of reconstructed chunks with views in common is measured, one
 * task for a few pairs; then, by {@link MemoryEdges}, neighbours that have none. Shuffles
 * memberships by view; the driver sees pairs of chunks.
 */
final class AlignJob implements StageJob {
  /** Changes whenever the same scenes may get other edges. */
  static final String VERSION = "there and back, open or contradicting, landmarks\n";

  /** Fewer views in common than this are no neighbourhood: halos of a third chunk that met. */
  static final int MIN_COMMON_VIEWS = 3;

  private static final int PAIRS_PER_TASK = 8;

  static final Comparator<Edge> EDGE_ORDER =
      Comparator.comparing(Edge::a).thenComparing(Edge::b).thenComparing(Edge::kind);

  /** Two chunks that have views in common, the smaller id first. */
  record ChunkPair(int a, int b) implements Serializable {}

  @Override
  public Stage stage() {
    return Stage.ALIGN;
  }

  @Override
  public String inputKey(Run run) throws IOException {
    return run.workspace().required(Stage.RECONSTRUCT).key();
  }

  @Override
  public String dependsOn(Run run) throws IOException {
    ReconstructJob.requireEngineOfScenes(run);
    return VERSION
        + run.engine().fingerprint()
        + run.settings().canonical("align")
        + new TreeMap<>(storeKeys(ChunkTables.outcomes(run, Stage.RECONSTRUCT)));
  }

  @Override
  public Map<String, Object> write(Run run, String key, Path attempt) throws IOException {
    Map<ChunkId, Outcome> outcomes = ChunkTables.outcomes(run, Stage.RECONSTRUCT);
    List<ChunkPair> pairs = pairs(ChunkTables.memberships(run, Stage.RECONSTRUCT), outcomes, 0);
    LongAccumulator done = run.spark().sparkContext().longAccumulator("pairs aligned");
    run.progress().start(stage().word(), "pairs", pairs.size(), done::value);

    List<Edge> overlaps = edges(run, pairs, storeKeys(outcomes), done).collect();
    List<Edge> memory =
        MemoryEdges.of(run, Stage.ALIGN, outcomes.values())
            .within(borders(run, outcomes), overlaps);
    List<Edge> edges = new ArrayList<>(overlaps);
    edges.addAll(memory);
    edges.sort(EDGE_ORDER);
    ReconstructJob.write(
        run, edges, edge -> EdgeRows.toRow(edge, 0), EdgeRows.SCHEMA, new Path(attempt, "edges"));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("edges", edges.size());
    facts.put("accepted", edges.stream().filter(Edge::accepted).count());
    facts.put("memory_edges", memory.size());
    facts.put("memory_accepted", memory.stream().filter(Edge::accepted).count());
    facts.put(
        "verdicts",
        edges.stream()
            .collect(
                Collectors.groupingBy(
                    e -> e.verdict().name(), TreeMap::new, Collectors.counting())));
    return facts;
  }

  private static List<Border> borders(Run run, Map<ChunkId, Outcome> outcomes) throws IOException {
    return neighbours(
        ChunkTables.tables(run).borders(), ChunkTables.plan(run, Stage.RECONSTRUCT), outcomes);
  }

  /** The borders between chunks as they are after some were halved. */
  static List<Border> neighbours(
      List<Border> planned, Map<ChunkId, PlannedChunk> plan, Map<ChunkId, Outcome> outcomes) {
    Map<ChunkId, List<ChunkId>> halves = new TreeMap<>();
    for (Outcome outcome : outcomes.values()) {
      if (outcome.halvedFrom() != null) {
        halves.computeIfAbsent(outcome.halvedFrom(), k -> new ArrayList<>()).add(outcome.chunk());
      }
    }
    return Borders.afterHalving(planned, plan, halves);
  }

  /**
   * The pairs of reconstructed chunks with views in common, in order.
   *
   * @param from number of a chunk: one of each pair has this or a higher one
   */
  static List<ChunkPair> pairs(
      JavaRDD<Membership> memberships, Map<ChunkId, Outcome> outcomes, int from) {
    List<ChunkPair> pairs =
        new ArrayList<>(
            memberships
                .mapToPair(m -> new Tuple2<>(m.view().value(), m.chunk().value()))
                .groupByKey()
                .flatMap(view -> pairsOf(view._2()).iterator())
                .filter(pair -> pair.b() >= from)
                .mapToPair(pair -> new Tuple2<>(pair, 1))
                .reduceByKey(Integer::sum)
                .filter(counted -> counted._2() >= MIN_COMMON_VIEWS)
                .keys()
                .collect()); // pairs of neighbouring chunks, not of views
    pairs.removeIf(
        pair ->
            !outcomes.get(new ChunkId(pair.a())).reconstructed()
                || !outcomes.get(new ChunkId(pair.b())).reconstructed());
    pairs.sort(Comparator.comparingInt(ChunkPair::a).thenComparingInt(ChunkPair::b));
    return pairs;
  }

  private static List<ChunkPair> pairsOf(Iterable<Integer> chunksOfAView) {
    List<Integer> chunks = new ArrayList<>();
    chunksOfAView.forEach(chunks::add);
    chunks.sort(null);
    List<ChunkPair> pairs = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      for (int j = i + 1; j < chunks.size(); j++) {
        pairs.add(new ChunkPair(chunks.get(i), chunks.get(j)));
      }
    }
    return pairs;
  }

  static Map<Integer, String> storeKeys(Map<ChunkId, Outcome> outcomes) {
    return outcomes.values().stream()
        .filter(Outcome::reconstructed)
        .collect(Collectors.toMap(o -> o.chunk().value(), Outcome::storeKey));
  }

  static JavaRDD<Edge> edges(
      Run run, List<ChunkPair> pairs, Map<Integer, String> storeKeys, LongAccumulator done) {
    ChunkStore store = run.store();
    EdgeEstimator.Config config = config(run.settings());
    Broadcast<Map<Integer, String>> keys = run.sc().broadcast(storeKeys);
    int tasks = Math.max(1, Math.max(run.slots(), pairs.size() / PAIRS_PER_TASK));
    return run.sc()
        .parallelize(pairs, tasks)
        .map(
            pair -> {
              Edge edge =
                  EdgeEstimator.estimate(
                      store.read(keys.value().get(pair.a()), new ChunkId(pair.a())),
                      store.read(keys.value().get(pair.b()), new ChunkId(pair.b())),
                      config);
              done.add(1);
              return edge;
            });
  }

  private static EdgeEstimator.Config config(Settings settings) {
    EdgeEstimator.Config d = EdgeEstimator.Config.defaults();
    return new EdgeEstimator.Config(
        d.minViews(),
        d.minInlierShare(),
        settings.integer("align.max-points-per-view"),
        d.maxViewRotationDegrees(),
        d.maxViewRelativeError(),
        d.maxRotationSigmaDegrees(),
        d.maxRelativeSigma(),
        d.maxLogScaleSpread(),
        d.maxLogFocalRatio(),
        d.maxRoundTripSigmas(),
        d.floorRotationDegrees(),
        d.floorRelative());
  }

  @Override
  public String summary(Map<String, Object> facts) {
    String memory =
        ((Number) facts.get("memory_edges")).longValue() == 0
            ? ""
            : ", %s of %s from memory"
                .formatted(facts.get("memory_accepted"), facts.get("memory_edges"));
    return "%s of %s edges accepted%s".formatted(facts.get("accepted"), facts.get("edges"), memory);
  }
}
