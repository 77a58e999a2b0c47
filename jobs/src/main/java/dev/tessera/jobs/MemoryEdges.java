package dev.tessera.jobs;

import dev.tessera.jobs.AlignJob.ChunkPair;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.localize.PlaceIndex;
import dev.tessera.merge.Edge;
import dev.tessera.merge.LandmarkEdges;
import dev.tessera.merge.RememberedChunk;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SceneLandmarks;
import dev.tessera.reconstruct.SceneMemory;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;

/**
 * Edges between chunks that remember the same landmarks: which pairs are asked, and what they
 * answer. Pairs are neighbours of the plan, and, where chunks fall apart into groups that nothing
 * joins, the chunks of other groups that look most alike. Memories are read on executors, those of
 * a pair at a time; the driver sees pairs, and to find who looks alike a bounded number of keys.
 */
final class MemoryEdges {
  /** Chunks of other groups that a chunk is compared with. */
  private static final int CANDIDATES = 8;

  /**
   * Bound on the index by which they are found; while it is made there is as much again in keys.
   */
  private static final long INDEX_BYTES = 200L << 20;

  private static final int PAIRS_PER_TASK = 4;

  /** The setting {@code align.memory}. */
  enum When {
    OPEN,
    ALWAYS,
    NEVER;

    static final List<String> WORDS =
        Stream.of(values()).map(when -> when.name().toLowerCase(Locale.ROOT)).toList();

    static When of(Settings settings) {
      return valueOf(settings.text("align.memory").toUpperCase(Locale.ROOT));
    }
  }

  private final Run run;
  private final Stage stage;
  private final Map<Integer, String> storeKeys; // of chunks that remember anything

  private MemoryEdges(Run run, Stage stage, Map<Integer, String> storeKeys) {
    this.run = run;
    this.stage = stage;
    this.storeKeys = storeKeys;
  }

  /**
   * @param stage that asks
   */
  static MemoryEdges of(Run run, Stage stage, Collection<Outcome> outcomes) {
    boolean asked = When.of(run.settings()) != When.NEVER && run.engine().hasKeys();
    return new MemoryEdges(
        run,
        stage,
        asked
            ? outcomes.stream()
                .filter(outcome -> outcome.reconstructed() && outcome.tensors() > 0)
                .collect(Collectors.toMap(o -> o.chunk().value(), Outcome::storeKey))
            : Map.of());
  }

  /** Edges that the setting asks for within one workspace, in order. */
  List<Edge> within(List<Border> borders, List<Edge> overlaps) throws IOException {
    SortedSet<Border> joined = new TreeSet<>();
    overlaps.stream()
        .filter(Edge::accepted)
        .forEach(edge -> joined.add(Border.between(edge.a(), edge.b())));
    SortedSet<Border> asked = new TreeSet<>(borders);
    if (When.of(run.settings()) == When.ALWAYS) {
      asked.addAll(joined);
    } else {
      asked.removeAll(joined);
    }
    List<Edge> edges = measured(asked, true);
    edges.stream()
        .filter(Edge::accepted)
        .forEach(edge -> joined.add(Border.between(edge.a(), edge.b())));
    Set<Border> alike = new TreeSet<>(alike(groups(joined)));
    alike.removeAll(asked);
    edges.addAll(measured(alike, true));
    return edges;
  }

  /**
   * Edges between chunks of different groups.
   *
   * @param groupOf each chunk's group
   */
  List<Edge> between(Map<Integer, Integer> groupOf) throws IOException {
    return measured(alike(groupOf), false);
  }

  /** Edges along borders that no accepted edge crosses. */
  List<Edge> along(Collection<Border> borders, Collection<Edge> edges) {
    SortedSet<Border> open = new TreeSet<>(borders);
    edges.stream()
        .filter(Edge::accepted)
        .forEach(edge -> open.remove(Border.between(edge.a(), edge.b())));
    return measured(open, true);
  }

  /**
   * @param oneNaming whether a camera model means the same in all chunks: where folders stand for
   *     cameras, those of another workspace may be others
   */
  private List<Edge> measured(Collection<Border> asked, boolean oneNaming) {
    List<ChunkPair> pairs =
        asked.stream()
            .map(border -> new ChunkPair(border.a().value(), border.b().value()))
            .filter(pair -> storeKeys.containsKey(pair.a()) && storeKeys.containsKey(pair.b()))
            .toList();
    if (pairs.isEmpty()) {
      return new ArrayList<>();
    }
    LongAccumulator done = run.spark().sparkContext().longAccumulator("memories compared");
    run.progress().start(stage.word(), "pairs of memories", pairs.size(), done::value);
    EdgeTask task = new EdgeTask(run.store(), run.sc().broadcast(storeKeys), oneNaming, done);
    int tasks = Math.max(run.slots(), pairs.size() / PAIRS_PER_TASK);
    return new ArrayList<>(run.sc().parallelize(pairs, tasks).map(task::edge).collect());
  }

  /** Measures pairs on executors. */
  private record EdgeTask(
      ChunkStore store,
      Broadcast<Map<Integer, String>> storeKeys,
      boolean oneNaming,
      LongAccumulator done)
      implements Serializable {

    Edge edge(ChunkPair pair) throws IOException {
      SceneLandmarks a = landmarks(pair.a());
      SceneLandmarks b = landmarks(pair.b());
      LandmarkEdges.Config config = LandmarkEdges.Config.defaults();
      double ratio = a.logFocalRatioTo(b);
      boolean other = !oneNaming && Math.abs(ratio) > config.edges().maxLogFocalRatio();
      Edge edge =
          LandmarkEdges.estimate(
              remembered(pair.a(), a), remembered(pair.b(), b), other ? 0 : ratio, config);
      done.add(1);
      return edge;
    }

    private SceneLandmarks landmarks(int chunk) throws IOException {
      return SceneLandmarks.of(store.readMemory(storeKeys.value().get(chunk)));
    }

    private RememberedChunk remembered(int chunk, SceneLandmarks scene) throws IOException {
      List<SceneCamera> cameras = store.readCameras(storeKeys.value().get(chunk));
      return new RememberedChunk(
          new ChunkId(chunk),
          scene.landmarks(),
          cameras.stream().map(camera -> camera.cameraFromChunk().center()).toList());
    }
  }

  /** The chunks that accepted edges join have one group, which is the number of one of them. */
  private Map<Integer, Integer> groups(Collection<Border> joined) {
    Map<Integer, Integer> parent = new HashMap<>();
    storeKeys.keySet().forEach(chunk -> parent.put(chunk, chunk));
    for (Border border : joined) {
      if (parent.containsKey(border.a().value()) && parent.containsKey(border.b().value())) {
        parent.put(root(parent, border.a().value()), root(parent, border.b().value()));
      }
    }
    Map<Integer, Integer> groups = new HashMap<>();
    parent.keySet().forEach(chunk -> groups.put(chunk, root(parent, chunk)));
    return groups;
  }

  private static int root(Map<Integer, Integer> parent, int chunk) {
    int root = chunk;
    while (parent.get(root) != root) {
      parent.put(root, parent.get(parent.get(root)));
      root = parent.get(root);
    }
    return root;
  }

  /** Chunks of different groups that look alike. All ask but those of the largest group. */
  private Set<Border> alike(Map<Integer, Integer> groupOf) throws IOException {
    Map<Integer, Integer> known = new TreeMap<>(groupOf);
    known.keySet().retainAll(storeKeys.keySet());
    Map<Integer, Long> sizes =
        known.values().stream()
            .collect(Collectors.groupingBy(g -> g, TreeMap::new, Collectors.counting()));
    if (sizes.size() < 2) {
      return Set.of();
    }
    int largest =
        sizes.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    List<Integer> asking = known.keySet().stream().filter(c -> known.get(c) != largest).toList();
    Broadcast<PlaceIndex> index =
        run.sc().broadcast(PlaceIndex.of(keys(List.copyOf(known.keySet())), INDEX_BYTES));
    Broadcast<Map<Integer, Integer>> groups = run.sc().broadcast(new HashMap<>(known));
    Broadcast<Map<Integer, String>> names = run.sc().broadcast(storeKeys);
    ChunkStore store = run.store();
    Set<Border> alike =
        new HashSet<>(
            run.sc()
                .parallelize(asking, Math.max(run.slots(), asking.size() / PAIRS_PER_TASK))
                .flatMap(
                    chunk -> {
                      byte[] own = ownKeys(store, names.value().get(chunk));
                      return alike(chunk, own, index.value(), groups.value()).iterator();
                    })
                .collect());
    index.destroy();
    return alike;
  }

  private static byte[] ownKeys(ChunkStore store, String storeKey) throws IOException {
    return store.readMemory(storeKey).tensor(SceneMemory.KEYS).bytes();
  }

  private static List<Border> alike(
      int chunk, byte[] keys, PlaceIndex index, Map<Integer, Integer> groupOf) {
    int group = groupOf.get(chunk);
    return index.search(keys, CANDIDATES, other -> groupOf.get(other.value()) != group).stream()
        .map(candidate -> Border.between(new ChunkId(chunk), candidate.chunk()))
        .toList();
  }

  /** The keys of the first landmarks of each chunk. */
  private Map<ChunkId, byte[]> keys(List<Integer> chunks) {
    int landmarks = PlaceIndex.landmarksPerChunk(chunks.size(), INDEX_BYTES);
    int bytes = PlaceIndex.bytesOfKeys(landmarks);
    ChunkStore store = run.store();
    Broadcast<Map<Integer, String>> names = run.sc().broadcast(storeKeys);
    JavaRDD<Integer> all =
        run.sc().parallelize(chunks, Math.max(run.slots(), chunks.size() / PAIRS_PER_TASK));
    Map<ChunkId, byte[]> keys = new TreeMap<>();
    all.mapToPair(
            chunk -> {
              byte[] own = ownKeys(store, names.value().get(chunk));
              return new scala.Tuple2<>(chunk, Arrays.copyOf(own, Math.min(bytes, own.length)));
            })
        .collect() // no more bytes than the bound
        .forEach(chunk -> keys.put(new ChunkId(chunk._1()), chunk._2()));
    return keys;
  }
}
