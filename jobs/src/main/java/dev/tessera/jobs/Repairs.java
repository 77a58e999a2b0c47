package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.jobs.ChunkMembers.PlannedHalf;
import dev.tessera.jobs.tables.LensRows;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.merge.Edge;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.Halving;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.partition.Seam;
import dev.tessera.reconstruct.SharedCalibration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * The chunks and edges of a run while they are repaired: chunk-level on the driver, views on
 * executors. New chunks are numbered on from those there are and reconstructed under the lenses
 * that the others have.
 */
final class Repairs {
  private static final Logger LOG = LoggerFactory.getLogger(Repairs.class);

  private static final int MOST_NAMED = 20;

  /** Reason of a seam that joins nothing. */
  private static final String NO_EDGES = "NO_EDGES";

  private final Run run;
  private final LocalFrame world;
  private final int minSharedViews;
  private final int maxViews;
  private final JavaRDD<Membership> reconstructed;
  private final Map<ChunkId, Outcome> outcomes;
  private final Map<ChunkId, PlannedChunk> plan;
  private final List<Edge> edges;
  private final Suspects suspects;
  private final List<Border> plannedBorders;
  private final SharedCalibration lenses;
  private final int planned;
  private final List<JavaRDD<Membership>> added = new ArrayList<>();
  private final Map<Border, ChunkId> seams = new TreeMap<>();

  private Repairs(Run run, Suspects suspects) throws IOException {
    StageManifest partition = run.workspace().required(Stage.PARTITION);
    this.run = run;
    this.world = IngestJob.world(run.workspace().required(Stage.INGEST));
    this.minSharedViews = (int) partition.count("min_shared_views");
    this.maxViews = (int) partition.count("max_views");
    this.reconstructed =
        ChunkTables.memberships(run, Stage.RECONSTRUCT).persist(StorageLevel.MEMORY_AND_DISK());
    this.outcomes = ChunkTables.outcomes(run, Stage.RECONSTRUCT);
    this.plan = ChunkTables.plan(run, Stage.RECONSTRUCT);
    this.edges = new ArrayList<>(ChunkTables.edges(run, Stage.ALIGN));
    this.suspects = suspects;
    this.plannedBorders = ChunkTables.tables(run).borders();
    this.lenses =
        LensRows.fromRows(
            ChunkTables.read(run, Stage.RECONSTRUCT, "lenses", LensRows.SCHEMA).collect());
    this.planned = plan.size();
  }

  static Repairs of(Run run, Suspects suspects) throws IOException {
    return new Repairs(run, suspects);
  }

  /** How many chunks were made, halves of halves among them. */
  int added() {
    return plan.size() - planned;
  }

  Collection<Outcome> outcomes() {
    return outcomes.values();
  }

  Collection<PlannedChunk> plan() {
    return plan.values();
  }

  /** As they were measured, without those of chunks that were made again. */
  List<Edge> edges() {
    return edges;
  }

  /** Which views are in the new chunks. */
  JavaRDD<Membership> addedMemberships() {
    return added.stream().reduce(JavaRDD::union).orElseThrow();
  }

  /** Puts two overlapping halves in the place of each suspect that is large enough. */
  void rechunk() throws IOException {
    Map<ChunkId, Integer> firstHalves = new TreeMap<>();
    Map<ChunkId, ChunkId> halvedFrom = new HashMap<>();
    int first = plan.size();
    int next = first;
    for (ChunkId wrong : suspects.chunks()) {
      if (Halving.possible(outcomes.get(wrong).views(), minSharedViews)) {
        LOG.warn(
            "Chunk {} is made again as chunks {} and {}: {}",
            wrong,
            next,
            next + 1,
            suspects.why(wrong));
        firstHalves.put(wrong, next);
        halvedFrom.put(new ChunkId(next++), wrong);
        halvedFrom.put(new ChunkId(next++), wrong);
      }
    }
    if (firstHalves.isEmpty()) {
      return;
    }
    JavaRDD<ChunkMembers> halves = halves(firstHalves, first, next - first);
    for (ChunkId wrong : firstHalves.keySet()) {
      outcomes.put(wrong, outcomes.get(wrong).asRechunked(suspects.why(wrong)));
      plan.put(wrong, plan.get(wrong).withoutViews());
    }
    edges.removeIf(edge -> firstHalves.containsKey(edge.a()) || firstHalves.containsKey(edge.b()));
    add(halves, halvedFrom, first);
  }

  private JavaRDD<ChunkMembers> halves(Map<ChunkId, Integer> firstHalves, int first, int count)
      throws IOException {
    Map<ChunkId, Integer> numbers = Map.copyOf(firstHalves);
    LocalFrame frame = world;
    int shared = minSharedViews;
    JavaRDD<Membership> theirs = reconstructed.filter(m -> numbers.containsKey(m.chunk()));
    JavaRDD<PlannedHalf> halves =
        ChunkTables.members(run, theirs, new ChunkPartitioner(planned))
            .flatMap(c -> c.halves(numbers.get(c.chunk()), frame, shared).iterator())
            .persist(StorageLevel.MEMORY_AND_DISK());
    halves.map(PlannedHalf::planned).collect().forEach(half -> plan.put(half.id(), half));
    return perChunk(halves.map(PlannedHalf::members), first, count);
  }

  /**
   * Makes a seam chunk for each border between sound chunks that no edge crosses, but for edges of
   * memory: a scene of photos of both sides bends the two less.
   *
   * @param seamViews most views of a seam, if that leaves as many to share as other neighbours have
   */
  void joinBorders(int seamViews) throws IOException {
    Set<Border> crossed = crossed(edge -> edge.kind() != Edge.Kind.QUERY);
    List<Border> open = borders().stream().filter(border -> !crossed.contains(border)).toList();
    if (open.isEmpty()) {
      return;
    }
    int size = Math.min(Math.max(seamViews, 2 * minSharedViews), viewsThatFit());
    Seam.Config config = new Seam.Config(size, AlignJob.MIN_COMMON_VIEWS);
    JavaRDD<SeamViews> found =
        SeamViews.of(run, open, memberships(), outcomes, config)
            .persist(StorageLevel.MEMORY_AND_DISK());
    int first = plan.size();
    for (Border border : found.map(SeamViews::border).collect().stream().sorted().toList()) {
      seams.put(border, new ChunkId(first + seams.size()));
    }
    if (seams.isEmpty()) {
      return;
    }
    Map<Border, ChunkId> numbers = Map.copyOf(seams);
    found
        .map(seam -> seam.planned(numbers.get(seam.border())))
        .collect()
        .forEach(seam -> plan.put(seam.id(), seam));
    add(
        perChunk(found.map(seam -> seam.members(numbers.get(seam.border()))), first, seams.size()),
        Map.of(),
        first);
    dropLooseSeams();
  }

  /** What a chunk may have, or where that proved too much, what the largest scene was made of. */
  private int viewsThatFit() {
    boolean promised = outcomes.values().stream().noneMatch(Outcome::outOfMemory);
    return promised
        ? maxViews
        : outcomes.values().stream()
            .filter(Outcome::reconstructed)
            .mapToInt(Outcome::views)
            .max()
            .orElse(maxViews);
  }

  /** A seam that joins nothing is of no use to the map: it fails, and says why. */
  private void dropLooseSeams() {
    Map<ChunkId, List<Edge>> toChunks = new HashMap<>();
    edges.stream()
        .filter(edge -> isSeam(edge.b()) && !isSeam(edge.a())) // seams have the higher numbers
        .forEach(edge -> toChunks.computeIfAbsent(edge.b(), k -> new ArrayList<>()).add(edge));
    Set<ChunkId> loose = new HashSet<>();
    seams.forEach(
        (border, seam) -> {
          Outcome outcome = outcomes.get(seam);
          String where = "between chunks %s and %s: ".formatted(border.a(), border.b());
          List<Edge> own = toChunks.getOrDefault(seam, List.of());
          if (!outcome.reconstructed()) {
            outcomes.put(seam, outcome.asFailed(outcome.reason(), where + outcome.detail()));
          } else if (own.stream().filter(Edge::accepted).count() < 2) {
            outcomes.put(seam, outcome.asFailed(NO_EDGES, where + verdicts(own)));
            loose.add(seam);
          }
        });
    edges.removeIf(edge -> loose.contains(edge.a()) || loose.contains(edge.b()));
  }

  private static String verdicts(List<Edge> edgesOfASeam) {
    return edgesOfASeam.stream()
        .map(edge -> edge.verdict().name().toLowerCase(Locale.ROOT) + " with " + edge.a())
        .collect(Collectors.joining(", "));
  }

  /** Counts, and the first of the borders that are open still. */
  Map<String, Object> facts() {
    Set<Border> crossed = crossed(edge -> true);
    List<Border> open = borders().stream().filter(border -> !isJoined(border, crossed)).toList();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put(RepairJob.ADDED, added());
    facts.put("rechunked", outcomes.values().stream().filter(Outcome::rechunked).count());
    facts.put("seams", seams.size());
    facts.put(
        "seams_joining",
        seams.keySet().stream().filter(border -> isJoined(border, crossed)).count());
    facts.put("borders", borders().size());
    facts.put("borders_open", open.size());
    facts.put(
        "open",
        open.stream().limit(MOST_NAMED).map(border -> border.a() + "-" + border.b()).toList());
    return facts;
  }

  /** The borders between reconstructed chunks that are not known to be wrong. */
  private List<Border> borders() {
    return AlignJob.neighbours(plannedBorders, plan, outcomes).stream()
        .filter(border -> isSound(border.a()) && isSound(border.b()))
        .toList();
  }

  private boolean isSound(ChunkId chunk) {
    return outcomes.get(chunk).reconstructed() && !suspects.chunks().contains(chunk);
  }

  /** The pairs of chunks with an edge that holds, of those edges that count. */
  private Set<Border> crossed(Predicate<Edge> counts) {
    Set<Border> crossed = new HashSet<>();
    for (Edge edge : edges) {
      if (edge.accepted() && counts.test(edge) && !suspects.refuted(edge)) {
        crossed.add(Border.between(edge.a(), edge.b()));
      }
    }
    return crossed;
  }

  /** Whether an edge crosses the border, or its seam has one to either side. */
  private boolean isJoined(Border border, Set<Border> crossed) {
    ChunkId seam = seams.get(border);
    return crossed.contains(border)
        || (seam != null
            && crossed.contains(Border.between(border.a(), seam))
            && crossed.contains(Border.between(border.b(), seam)));
  }

  private static JavaRDD<ChunkMembers> perChunk(
      JavaRDD<ChunkMembers> chunks, int first, int count) {
    return chunks
        .mapToPair(chunk -> new Tuple2<>(chunk.chunk().value(), chunk))
        .partitionBy(new ChunkPartitioner(first, count))
        .values();
  }

  /** Reconstructs chunks that the plan has already, and measures their edges. */
  private void add(JavaRDD<ChunkMembers> chunks, Map<ChunkId, ChunkId> halvedFrom, int first)
      throws IOException {
    ReconstructRounds rounds = ReconstructRounds.of(run, Stage.REPAIR, chunks, plan, halvedFrom);
    rounds.under(lenses).forEach(outcome -> outcomes.put(outcome.chunk(), outcome));
    added.add(rounds.memberships());
    align(first);
  }

  private void align(int first) {
    List<AlignJob.ChunkPair> pairs = AlignJob.pairs(memberships(), outcomes, first);
    if (pairs.isEmpty()) {
      return;
    }
    LongAccumulator done = run.spark().sparkContext().longAccumulator("pairs aligned");
    run.progress().start(Stage.REPAIR.word(), "pairs", pairs.size(), done::value);
    AlignJob.edges(run, pairs, AlignJob.storeKeys(outcomes), done).collect().stream()
        .map(edge -> isSeam(edge.a()) || isSeam(edge.b()) ? edge.as(Edge.Kind.SEAM) : edge)
        .forEach(edges::add);
    List<Border> ofNew =
        borders().stream()
            .filter(border -> border.a().value() >= first || border.b().value() >= first)
            .toList();
    edges.addAll(MemoryEdges.of(run, Stage.REPAIR, outcomes.values()).along(ofNew, edges));
    edges.sort(AlignJob.EDGE_ORDER);
  }

  private boolean isSeam(ChunkId chunk) {
    return plan.get(chunk).kind() == PlannedChunk.Kind.SEAM;
  }

  /** Which views are in which chunk now. */
  private JavaRDD<Membership> memberships() {
    Set<ChunkId> replaced = new HashSet<>();
    outcomes.values().stream()
        .filter(Outcome::halved)
        .forEach(whole -> replaced.add(whole.chunk()));
    JavaRDD<Membership> kept = reconstructed.filter(m -> !replaced.contains(m.chunk()));
    return added.stream().reduce(kept, JavaRDD::union);
  }
}
