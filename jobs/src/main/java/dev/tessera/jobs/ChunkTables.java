package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.imagery.View;
import dev.tessera.jobs.tables.MembershipRows;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.jobs.tables.ViewRows;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkViews;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/** The tables of earlier stages as later ones need them. */
final class ChunkTables {
  private ChunkTables() {}

  static JavaRDD<RankedView> views(Run run) throws IOException {
    return read(run, Stage.INGEST, "views", ViewRows.SCHEMA).map(ViewRows::fromRow);
  }

  static JavaRDD<Membership> memberships(Run run) throws IOException {
    return read(run, Stage.PARTITION, "memberships", MembershipRows.SCHEMA)
        .map(MembershipRows::fromRow);
  }

  /** What became of every chunk: one row each, on the driver. */
  static Map<ChunkId, Outcome> outcomes(Run run) throws IOException {
    Map<ChunkId, Outcome> outcomes = new TreeMap<>();
    read(run, Stage.RECONSTRUCT, "outcomes", OutcomeRows.SCHEMA)
        .map(OutcomeRows::fromRow)
        .collect()
        .forEach(outcome -> outcomes.put(outcome.chunk(), outcome));
    return outcomes;
  }

  static JavaRDD<Row> read(Run run, Stage stage, String table, StructType schema)
      throws IOException {
    StageManifest manifest = run.workspace().required(stage);
    Path folder = run.workspace().folder(stage, manifest.key());
    return Tables.read(run.spark(), schema, new Path(folder, table));
  }

  /**
   * The chunks with their views in sequence order, one chunk per partition.
   *
   * @param world the frame of position priors; null for a frame of each chunk's own, its first
   *     positioned view, so that nothing but the chunk's photos matters
   */
  static JavaRDD<ChunkViews> chunkViews(Run run, LocalFrame world) throws IOException {
    int chunks = (int) run.workspace().required(Stage.PARTITION).count("chunks");
    JavaPairRDD<Long, RankedView> views =
        views(run).mapToPair(v -> new Tuple2<>(v.view().id().value(), v));
    return memberships(run)
        .mapToPair(m -> new Tuple2<>(m.view().value(), m.chunk().value()))
        .join(views)
        .mapToPair(Tuple2::_2)
        .groupByKey(new ChunkPartitioner(chunks))
        .map(chunk -> inSequence(chunk._1(), chunk._2(), world));
  }

  /** For each chunk, in how many chunks each of its views is. */
  static JavaPairRDD<Integer, Map<Long, Integer>> chunksPerView(Run run, ChunkPartitioner perChunk)
      throws IOException {
    return memberships(run)
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

  private static ChunkViews inSequence(int chunk, Iterable<RankedView> members, LocalFrame world) {
    List<RankedView> ranked = new ArrayList<>();
    members.forEach(ranked::add);
    ranked.sort(Comparator.comparingLong(RankedView::rank));
    List<View> views = ranked.stream().map(RankedView::view).toList();
    return new ChunkViews(new ChunkId(chunk), world == null ? ownFrame(views) : world, views);
  }

  private static LocalFrame ownFrame(List<View> views) {
    return views.stream()
        .filter(View::hasPosition)
        .findFirst()
        .map(v -> new LocalFrame(v.position().point()))
        .orElse(null);
  }
}
