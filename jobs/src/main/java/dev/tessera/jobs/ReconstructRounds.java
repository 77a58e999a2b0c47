package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.jobs.ChunkMembers.PlannedHalf;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.Halving;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.SharedCalibration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Reconstructs chunks, then the halves of those that ran out of memory, then their halves, until
 * all that is left fits or is too small to be halved. Seams are not halved: each half would lie on
 * one side.
 *
 * <p>Halves are numbered on from the plan, in the order of the chunks they come from. A halved
 * chunk keeps its number and has no views any more: its halves have them. The driver sees one row
 * per chunk; only the views of halved chunks are shuffled again. The engine's tasks read no shuffle
 * but {@link ChunkFiles}.
 */
final class ReconstructRounds {
  private static final Logger LOG = LoggerFactory.getLogger(ReconstructRounds.class);

  private final Run run;
  private final Stage stage;
  private final LocalFrame world;
  private final int minSharedViews;
  private final JavaRDD<Membership> planned;
  private final Map<ChunkId, PlannedChunk> plan;

  /** The chunks that were asked for, and their halves; empty for all. */
  private final Set<Integer> selected;

  private final Map<ChunkId, ChunkId> halvedFrom;
  private final Map<ChunkId, Outcome> outcomes = new TreeMap<>();
  private final List<SharedCalibration.Estimate> lenses = new ArrayList<>();
  private final List<JavaRDD<ChunkMembers>> rounds = new ArrayList<>();

  private ReconstructRounds(
      Run run,
      Stage stage,
      Set<Integer> selected,
      JavaRDD<Membership> planned,
      Map<ChunkId, PlannedChunk> plan,
      Map<ChunkId, ChunkId> halvedFrom)
      throws IOException {
    StageManifest partition = run.workspace().required(Stage.PARTITION);
    this.run = run;
    this.stage = stage;
    this.world = IngestJob.world(run.workspace().required(Stage.INGEST));
    this.minSharedViews = (int) partition.count("min_shared_views");
    this.selected = new HashSet<>(selected);
    this.planned = planned;
    this.plan = plan;
    this.halvedFrom = new HashMap<>(halvedFrom);
  }

  /** Carries out all rounds for the chunks of the partition that are asked for. */
  static ReconstructRounds of(Run run) throws IOException {
    JavaRDD<Membership> planned = ChunkTables.memberships(run, Stage.PARTITION);
    Map<ChunkId, PlannedChunk> plan = ChunkTables.plan(run, Stage.PARTITION);
    ChunkPartitioner perChunk = ChunkPartitioner.longestFirst(plan.values());
    ReconstructRounds all =
        new ReconstructRounds(run, Stage.RECONSTRUCT, run.onlyChunks(), planned, plan, Map.of());
    all.carryOut(ChunkFiles.written(run, ChunkTables.members(run, planned, perChunk)), plan.size());
    return all;
  }

  /**
   * Carries out all rounds for chunks beyond the partition.
   *
   * @param chunks one per partition
   * @param plan of all chunks there are, these among them: theirs are the highest numbers. Grows by
   *     halves
   * @param halvedFrom of those of these chunks that are halves, which chunk
   */
  static ReconstructRounds of(
      Run run,
      Stage stage,
      JavaRDD<ChunkMembers> chunks,
      Map<ChunkId, PlannedChunk> plan,
      Map<ChunkId, ChunkId> halvedFrom)
      throws IOException {
    JavaRDD<ChunkMembers> stored = ChunkFiles.written(run, chunks);
    JavaRDD<Membership> planned = stored.flatMap(chunk -> chunk.memberships().iterator());
    ReconstructRounds all = new ReconstructRounds(run, stage, Set.of(), planned, plan, halvedFrom);
    all.carryOut(stored, chunks.getNumPartitions());
    return all;
  }

  private void carryOut(JavaRDD<ChunkMembers> first, int chunks) throws IOException {
    JavaRDD<ChunkMembers> round = first;
    List<Outcome> tooLarge = reconstruct(round, chunks);
    while (!tooLarge.isEmpty()) {
      round = ChunkFiles.written(run, halves(round, numberHalves(tooLarge)));
      tooLarge = reconstruct(round, 2 * tooLarge.size());
    }
  }

  /** What became of these chunks, halved ones and halves among them, by number. */
  Collection<Outcome> outcomes() {
    return outcomes.values();
  }

  /** The plan as it was carried out: with the halves, and no views in halved chunks. */
  Collection<PlannedChunk> plan() {
    return plan.values();
  }

  /** What the scenes say about the lenses. */
  List<SharedCalibration.Estimate> lenses() {
    return lenses;
  }

  /**
   * What became of these chunks with their scenes adjusted to the same lenses, if there are any.
   */
  List<Outcome> under(SharedCalibration shared) throws IOException {
    Map<ChunkId, Outcome> rows = new TreeMap<>(outcomes);
    Map<ChunkId, Outcome> scenes = new HashMap<>(outcomes);
    scenes.values().removeIf(row -> !row.reconstructed());
    if (!shared.lenses().isEmpty()) {
      ChunkTask task = ChunkTask.of(run, selected);
      run.describe(stage, "one lens for all chunks");
      Broadcast<Map<ChunkId, Outcome>> found = run.sc().broadcast(scenes);
      run.progress().start("calibrate", "chunks", scenes.size(), task.done()::value);
      run.engineTasks()
          .of(
              chunkViews()
                  .filter(chunk -> found.value().containsKey(chunk.chunk()))
                  .map(chunk -> task.recalibrate(chunk, found.value().get(chunk.chunk()), shared)))
          .collect()
          .forEach(row -> rows.put(row.chunk(), row));
    }
    return List.copyOf(rows.values());
  }

  /** Every chunk as the engine was given it. */
  private JavaRDD<ChunkViews> chunkViews() {
    return rounds.stream().reduce(JavaRDD::union).orElseThrow().map(chunk -> chunk.views(null));
  }

  /** Which views are in which chunk, halves in the place of what was halved. */
  JavaRDD<Membership> memberships() {
    Set<ChunkId> halved = new HashSet<>(halvedFrom.values());
    JavaRDD<Membership> memberships = planned.filter(m -> !halved.contains(m.chunk()));
    for (JavaRDD<ChunkMembers> halves : rounds.subList(1, rounds.size())) {
      memberships =
          memberships.union(
              halves
                  .filter(chunk -> !halved.contains(chunk.chunk()))
                  .flatMap(chunk -> chunk.memberships().iterator()));
    }
    return memberships;
  }

  /** Reconstructs a round and returns the chunks that are to be halved, by number. */
  private List<Outcome> reconstruct(JavaRDD<ChunkMembers> round, int chunks) throws IOException {
    rounds.add(round);
    ChunkTask task = ChunkTask.of(run, selected);
    run.progress().start(stage.word(), "chunks", chunks, task.done()::value);
    run.describe(stage, "round %d, %d chunks".formatted(rounds.size(), chunks));
    List<Outcome> tooLarge = new ArrayList<>();
    List<ChunkResult> results =
        new ArrayList<>(
            run.engineTasks().of(round.map(c -> task.reconstruct(c.views(null)))).collect());
    results.sort(Comparator.comparing(result -> result.outcome().chunk()));
    for (ChunkResult result : results) {
      Outcome outcome = result.outcome().halfOf(halvedFrom.get(result.outcome().chunk()));
      outcomes.put(outcome.chunk(), outcome);
      lenses.addAll(result.lenses());
      if (outcome.outOfMemory() && canBeHalved(outcome)) {
        tooLarge.add(outcome);
      }
    }
    return tooLarge;
  }

  private boolean canBeHalved(Outcome outcome) {
    return plan.get(outcome.chunk()).kind() != PlannedChunk.Kind.SEAM
        && Halving.possible(outcome.views(), minSharedViews);
  }

  /** Gives the halves of the chunks their numbers, and returns that of the first half of each. */
  private Map<ChunkId, Integer> numberHalves(List<Outcome> tooLarge) {
    Map<ChunkId, Integer> firstHalves = new HashMap<>();
    int next = plan.size();
    for (Outcome whole : tooLarge) {
      LOG.warn(
          "Chunk {} ran out of memory with {} views: halved into chunks {} and {} ({})",
          whole.chunk(),
          whole.views(),
          next,
          next + 1,
          whole.detail());
      firstHalves.put(whole.chunk(), next);
      halvedFrom.put(new ChunkId(next), whole.chunk());
      halvedFrom.put(new ChunkId(next + 1), whole.chunk());
      outcomes.put(whole.chunk(), whole.asHalved());
      plan.put(whole.chunk(), plan.get(whole.chunk()).withoutViews());
      if (selected.contains(whole.chunk().value())) {
        selected.addAll(List.of(next, next + 1));
      }
      next += 2;
    }
    return firstHalves;
  }

  private JavaRDD<ChunkMembers> halves(
      JavaRDD<ChunkMembers> round, Map<ChunkId, Integer> firstHalves) {
    LocalFrame frame = world;
    int shared = minSharedViews;
    JavaRDD<PlannedHalf> halves =
        round
            .filter(chunk -> firstHalves.containsKey(chunk.chunk()))
            .flatMap(c -> c.halves(firstHalves.get(c.chunk()), frame, shared).iterator());
    List<PlannedChunk> planned = halves.map(PlannedHalf::planned).collect();
    planned.forEach(half -> plan.put(half.id(), half));
    return halves
        .mapToPair(half -> new Tuple2<>(half.planned().id().value(), half.members()))
        .partitionBy(ChunkPartitioner.longestFirst(planned))
        .values();
  }
}
