package dev.tessera.jobs;

import dev.tessera.jobs.tables.EdgeRows;
import dev.tessera.jobs.tables.MembershipRows;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.tables.PlanRows;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.jobs.tables.ViewRows;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.merge.Edge;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * The tables of earlier stages as later ones need them. Where no stage is named, they are those
 * that go into the map: of a repair that changed something, else as reconstructed and aligned.
 */
final class ChunkTables {
  private ChunkTables() {}

  static JavaRDD<RankedView> views(Run run) throws IOException {
    return read(run, Stage.INGEST, "views", ViewRows.SCHEMA).map(ViewRows::fromRow);
  }

  /** Which views are in which chunk; after a repair, only those of the chunks that it made. */
  static JavaRDD<Membership> memberships(Run run, Stage stage) throws IOException {
    return read(run, stage, "memberships", MembershipRows.SCHEMA).map(MembershipRows::fromRow);
  }

  /** Which views are in which chunk: what a repair did not touch stays where it was written. */
  static JavaRDD<Membership> memberships(Run run) throws IOException {
    if (!repaired(run)) {
      return memberships(run, Stage.RECONSTRUCT);
    }
    Set<ChunkId> replaced = new HashSet<>();
    outcomes(run).values().stream()
        .filter(Outcome::halved)
        .forEach(whole -> replaced.add(whole.chunk()));
    return memberships(run, Stage.RECONSTRUCT)
        .filter(m -> !replaced.contains(m.chunk()))
        .union(memberships(run, Stage.REPAIR));
  }

  private static boolean repaired(Run run) throws IOException {
    return run.workspace().required(Stage.REPAIR).count(RepairJob.ADDED) > 0;
  }

  /** The chunks by number: on the driver. */
  static Map<ChunkId, PlannedChunk> plan(Run run) throws IOException {
    return plan(run, repaired(run) ? Stage.REPAIR : Stage.RECONSTRUCT);
  }

  /** The chunks by number, as a stage left them: on the driver. */
  static Map<ChunkId, PlannedChunk> plan(Run run, Stage stage) throws IOException {
    Map<ChunkId, PlannedChunk> plan = new TreeMap<>();
    read(run, stage, "plan", PlanRows.SCHEMA)
        .map(PlanRows::fromRow)
        .collect()
        .forEach(chunk -> plan.put(chunk.id(), chunk));
    return plan;
  }

  /** What became of every chunk: one row each, on the driver. */
  static Map<ChunkId, Outcome> outcomes(Run run) throws IOException {
    return outcomes(run, repaired(run) ? Stage.REPAIR : Stage.RECONSTRUCT);
  }

  /** What had become of every chunk after a stage: one row each, on the driver. */
  static Map<ChunkId, Outcome> outcomes(Run run, Stage stage) throws IOException {
    Map<ChunkId, Outcome> outcomes = new TreeMap<>();
    read(run, stage, "outcomes", OutcomeRows.SCHEMA)
        .map(OutcomeRows::fromRow)
        .collect()
        .forEach(outcome -> outcomes.put(outcome.chunk(), outcome));
    return outcomes;
  }

  /** The edges as they were measured: on the driver. */
  static List<Edge> edges(Run run) throws IOException {
    return edges(run, repaired(run) ? Stage.REPAIR : Stage.ALIGN);
  }

  /** The edges as a stage left them: on the driver. */
  static List<Edge> edges(Run run, Stage stage) throws IOException {
    return read(run, stage, "edges", EdgeRows.SCHEMA).map(EdgeRows::fromRow).collect();
  }

  static JavaRDD<Row> read(Run run, Stage stage, String table, StructType schema)
      throws IOException {
    return read(run, run.workspace().required(stage), table, schema);
  }

  /** A table of a published result, be it the current one or not. */
  static JavaRDD<Row> read(Run run, StageManifest result, String table, StructType schema)
      throws IOException {
    Stage stage = Stage.valueOf(result.stage().toUpperCase(Locale.ROOT));
    Path folder = run.workspace().folder(stage, result.key());
    return Tables.read(run.spark(), schema, new Path(folder, table));
  }

  /**
   * The chunks with their views, one chunk per partition.
   *
   * @param perChunk has them all
   */
  static JavaRDD<ChunkMembers> members(
      Run run, JavaRDD<Membership> memberships, ChunkPartitioner perChunk) throws IOException {
    JavaPairRDD<Long, RankedView> views =
        views(run).mapToPair(v -> new Tuple2<>(v.view().id().value(), v));
    return memberships
        .mapToPair(m -> new Tuple2<>(m.view().value(), m))
        .join(views)
        .mapToPair(
            v ->
                new Tuple2<>(
                    v._2()._1().chunk().value(),
                    new ChunkMembers.Member(v._2()._2(), v._2()._1().owned())))
        .groupByKey(perChunk)
        .map(chunk -> members(chunk._1(), chunk._2()));
  }

  private static ChunkMembers members(int chunk, Iterable<ChunkMembers.Member> views) {
    List<ChunkMembers.Member> members = new ArrayList<>();
    views.forEach(members::add);
    return new ChunkMembers(new ChunkId(chunk), members);
  }

  /** For each chunk, in how many chunks each of its views is. */
  static JavaPairRDD<Integer, Map<Long, Integer>> chunksPerView(
      JavaRDD<Membership> memberships, ChunkPartitioner perChunk) {
    return memberships
        .mapToPair(m -> new Tuple2<>(m.view().value(), m.chunk().value()))
        .groupByKey()
        .flatMapToPair(view -> withCount(view._1(), view._2()))
        .groupByKey(perChunk)
        .mapValues(ChunkTables::toMap);
  }

  private static Iterator<Tuple2<Integer, Tuple2<Long, Integer>>> withCount(
      long view, Iterable<Integer> chunks) {
    List<Integer> all = new ArrayList<>();
    chunks.forEach(all::add);
    return all.stream()
        .map(chunk -> new Tuple2<>(chunk, new Tuple2<>(view, all.size())))
        .iterator();
  }

  private static Map<Long, Integer> toMap(Iterable<Tuple2<Long, Integer>> entries) {
    Map<Long, Integer> map = new HashMap<>();
    entries.forEach(entry -> map.put(entry._1(), entry._2()));
    return map;
  }
}
