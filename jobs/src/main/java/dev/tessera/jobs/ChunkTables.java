package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.jobs.Sources.Source;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.tables.QuarantineRows;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.merge.Edge;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * The tables of earlier stages as later ones need them. Where no stage is named, they are those
 * that go into the map: of all workspaces that it is made of, as {@link WorkspaceTables} has them,
 * with chunks numbered as in {@link Sources}. Otherwise they are those of the run's own workspace.
 */
final class ChunkTables {
  private ChunkTables() {}

  /** A photo that several workspaces have is the view that the first of them made of it. */
  static JavaRDD<RankedView> views(Run run) throws IOException {
    JavaRDD<RankedView> views = tables(run).views();
    for (Source source : run.sources().joined()) {
      JavaRDD<RankedView> others = tables(run, source).views();
      views = views.union(without(others, views));
    }
    return views;
  }

  private static JavaRDD<RankedView> without(JavaRDD<RankedView> views, JavaRDD<RankedView> those) {
    return byId(views).subtractByKey(byId(those)).values();
  }

  private static JavaPairRDD<Long, RankedView> byId(JavaRDD<RankedView> views) {
    return views.mapToPair(v -> new Tuple2<>(v.view().id().value(), v));
  }

  /** Which views are in which chunk; after a repair, only those of the chunks that it made. */
  static JavaRDD<Membership> memberships(Run run, Stage stage) throws IOException {
    return tables(run).memberships(stage);
  }

  /** Which views are in which chunk; each is owned by one. */
  static JavaRDD<Membership> memberships(Run run) throws IOException {
    JavaRDD<Membership> memberships = tables(run).memberships();
    for (Source source : run.sources().joined()) {
      int first = source.firstChunk();
      memberships =
          memberships.union(
              tables(run, source)
                  .memberships()
                  .map(m -> new Membership(m.chunk().numberedFrom(first), m.view(), m.owned())));
    }
    return run.sources().joined().isEmpty() ? memberships : ownedOnce(memberships);
  }

  /** Of several chunks that own a view the first keeps it. */
  private static JavaRDD<Membership> ownedOnce(JavaRDD<Membership> memberships) {
    JavaPairRDD<Long, Integer> owners =
        memberships
            .filter(Membership::owned)
            .mapToPair(m -> new Tuple2<>(m.view().value(), m.chunk().value()))
            .reduceByKey(Math::min);
    return memberships
        .mapToPair(m -> new Tuple2<>(m.view().value(), m))
        .join(owners)
        .values()
        .map(m -> new Membership(m._1().chunk(), m._1().view(), m._1().chunk().value() == m._2()));
  }

  /** The chunks by number: on the driver. */
  static Map<ChunkId, PlannedChunk> plan(Run run) throws IOException {
    Map<ChunkId, PlannedChunk> plan = tables(run).plan();
    for (Source source : run.sources().joined()) {
      LocalFrame there = IngestJob.world(source.workspace().required(Stage.INGEST));
      LocalFrame here = IngestJob.world(run);
      for (PlannedChunk chunk : plan(run, source).values()) {
        PlannedChunk numbered = chunk.numberedFrom(source.firstChunk(), there, here);
        plan.put(numbered.id(), numbered);
      }
    }
    return plan;
  }

  /** The chunks by number, as a stage left them: on the driver. */
  static Map<ChunkId, PlannedChunk> plan(Run run, Stage stage) throws IOException {
    return tables(run).plan(stage);
  }

  /** The chunks of a joined workspace, by the numbers that they have there: on the driver. */
  static Map<ChunkId, PlannedChunk> plan(Run run, Source source) throws IOException {
    return tables(run, source).plan();
  }

  /** What became of every chunk: one row each, on the driver. */
  static Map<ChunkId, Outcome> outcomes(Run run) throws IOException {
    Map<ChunkId, Outcome> outcomes = tables(run).outcomes();
    for (Source source : run.sources().joined()) {
      for (Outcome outcome : tables(run, source).outcomes().values()) {
        Outcome numbered = outcome.numberedFrom(source.firstChunk());
        outcomes.put(numbered.chunk(), numbered);
      }
    }
    return outcomes;
  }

  /** What had become of every chunk after a stage: one row each, on the driver. */
  static Map<ChunkId, Outcome> outcomes(Run run, Stage stage) throws IOException {
    return tables(run).outcomes(stage);
  }

  /** The edges as they were measured within each workspace: on the driver. */
  static List<Edge> edges(Run run) throws IOException {
    List<Edge> edges = new ArrayList<>(tables(run).edges());
    for (Source source : run.sources().joined()) {
      tables(run, source).edges().forEach(e -> edges.add(e.numberedFrom(source.firstChunk())));
    }
    return edges;
  }

  /** The edges as a stage left them: on the driver. */
  static List<Edge> edges(Run run, Stage stage) throws IOException {
    return tables(run).edges(stage);
  }

  /** The photos that could not be read. */
  static JavaRDD<Quarantined> quarantined(Run run) throws IOException {
    JavaRDD<Quarantined> quarantined = quarantined(tables(run));
    for (Source source : run.sources().joined()) {
      quarantined = quarantined.union(quarantined(tables(run, source)));
    }
    return quarantined;
  }

  private static JavaRDD<Quarantined> quarantined(WorkspaceTables tables) throws IOException {
    return tables
        .read(Stage.INGEST, "quarantine", QuarantineRows.SCHEMA)
        .map(QuarantineRows::fromRow);
  }

  static JavaRDD<Row> read(Run run, Stage stage, String table, StructType schema)
      throws IOException {
    return tables(run).read(stage, table, schema);
  }

  /** A table of a published result, be it the current one or not. */
  static JavaRDD<Row> read(Run run, StageManifest result, String table, StructType schema)
      throws IOException {
    Stage stage = Stage.valueOf(result.stage().toUpperCase(Locale.ROOT));
    return tables(run).read(stage, result, table, schema);
  }

  /** Those of the run's own workspace. */
  static WorkspaceTables tables(Run run) {
    return new WorkspaceTables(run.spark(), run.workspace());
  }

  private static WorkspaceTables tables(Run run, Source source) {
    return new WorkspaceTables(run.spark(), source.workspace());
  }

  /**
   * The chunks with their views, one chunk per partition.
   *
   * @param perChunk has them all
   */
  static JavaRDD<ChunkMembers> members(
      Run run, JavaRDD<Membership> memberships, ChunkPartitioner perChunk) throws IOException {
    return membersByChunk(run, memberships, perChunk)
        .map(chunk -> new ChunkMembers(new ChunkId(chunk._1()), chunk._2()));
  }

  /** The same, to be joined with what else has that partitioner without another shuffle. */
  static JavaPairRDD<Integer, List<ChunkMembers.Member>> membersByChunk(
      Run run, JavaRDD<Membership> memberships, ChunkPartitioner perChunk) throws IOException {
    return memberships
        .mapToPair(m -> new Tuple2<>(m.view().value(), m))
        .join(byId(views(run)))
        .mapToPair(
            v ->
                new Tuple2<>(
                    v._2()._1().chunk().value(),
                    new ChunkMembers.Member(v._2()._2(), v._2()._1().owned())))
        .groupByKey(perChunk)
        .mapValues(ChunkTables::toList);
  }

  private static List<ChunkMembers.Member> toList(Iterable<ChunkMembers.Member> views) {
    List<ChunkMembers.Member> members = new ArrayList<>();
    views.forEach(members::add);
    return members;
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
