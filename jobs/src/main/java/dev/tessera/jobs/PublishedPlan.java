package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.jobs.tables.BorderRows;
import dev.tessera.jobs.tables.MembershipRows;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.PlanRows;
import dev.tessera.jobs.tables.ViewRows;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.jobs.workspace.Workspace;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.reconstruct.EngineSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * The plan that a published map was made of. It is found from the map, by the keys of the stages
 * that lead to it: what a run that did not come so far left as current is not it.
 *
 * @param ingest the views that the plan is of
 */
record PublishedPlan(
    Path workspace, MapManifest map, StageManifest ingest, StageManifest partition) {
  /** The stages behind a map, from the last to the first. */
  private static final List<Stage> BACKWARDS =
      List.of(Stage.REPAIR, Stage.ALIGN, Stage.RECONSTRUCT, Stage.PARTITION);

  /**
   * The plan of the map of a workspace.
   *
   * @throws UsageException if there is no map, if the stages it was made by are gone, or if it was
   *     made by another engine
   */
  static PublishedPlan of(Workspace workspace, EngineSpec engine) throws IOException {
    FileSystem fs = workspace.fs();
    if (!fs.exists(new Path(workspace.map(), "_SUCCESS"))) {
      throw cannot(workspace.root(), "it has none; run without --extend first");
    }
    MapManifest map = MapManifest.read(fs, workspace.map());
    if (map.facts().get(MapManifest.JOINED) instanceof List<?> joined && !joined.isEmpty()) {
      throw cannot(
          workspace.root(),
          "other workspaces are joined to it; merge without --with first, and again afterwards");
    }
    if (!engine.fingerprint().equals(map.engine())) {
      String difference = Engines.difference(map.engine(), engine.fingerprint());
      throw cannot(
          workspace.root(),
          "it was made by another engine or model: "
              + difference
              + "; give the same settings, or run without --extend");
    }
    String key = (String) map.facts().get(MapManifest.REPAIR_KEY);
    StageManifest partition = null;
    for (Stage stage : BACKWARDS) {
      partition = published(workspace, stage, key);
      key = partition.inputKey();
    }
    StageManifest ingest = published(workspace, Stage.INGEST, partition.inputKey());
    return new PublishedPlan(workspace.root(), map, ingest, partition);
  }

  /** As {@link #of}, before anything is written there. */
  static void require(String workspace, Configuration hadoop, EngineSpec engine)
      throws IOException {
    ObjectStores.requireReachable(workspace);
    try {
      of(Workspace.toRead(workspace, hadoop), engine);
    } catch (IllegalArgumentException e) {
      throw new UsageException("Cannot read workspace '" + workspace + "': " + e.getMessage());
    }
  }

  private static StageManifest published(Workspace workspace, Stage stage, String key)
      throws IOException {
    Optional<StageManifest> manifest = workspace.published(stage, key);
    return manifest.orElseThrow(
        () ->
            cannot(
                workspace.root(),
                "what stage %s made for it is gone; run without --extend".formatted(stage.word())));
  }

  private static UsageException cannot(Path workspace, String why) {
    return new UsageException("Cannot extend the map of " + workspace + ": " + why);
  }

  /**
   * Refuses views of which some that the plan has are missing: their chunks would change, too, or
   * have none left.
   *
   * @param views all there are, by id
   */
  void requireAllOf(Run run, JavaPairRDD<Long, View> views) throws IOException {
    JavaRDD<String> gone =
        ChunkTables.read(run, ingest, "views", ViewRows.SCHEMA)
            .map(row -> ViewRows.fromRow(row).view())
            .mapToPair(view -> new Tuple2<>(view.id().value(), view.name()))
            .subtractByKey(views)
            .values()
            .cache();
    long count = gone.count();
    if (count > 0) {
      throw cannot(
          workspace,
          "%d of its photos are gone, such as %s; put them back, or run without --extend"
              .formatted(count, gone.takeOrdered(1).get(0)));
    }
  }

  /** The chunks by number: on the driver. */
  Map<ChunkId, PlannedChunk> chunks(Run run) throws IOException {
    Map<ChunkId, PlannedChunk> chunks = new TreeMap<>();
    ChunkTables.read(run, partition, "plan", PlanRows.SCHEMA)
        .map(PlanRows::fromRow)
        .collect()
        .forEach(chunk -> chunks.put(chunk.id(), chunk));
    return chunks;
  }

  /** On the driver. */
  List<Border> borders(Run run) throws IOException {
    return ChunkTables.read(run, partition, "borders", BorderRows.SCHEMA)
        .map(BorderRows::fromRow)
        .collect();
  }

  JavaRDD<Membership> memberships(Run run) throws IOException {
    return ChunkTables.read(run, partition, "memberships", MembershipRows.SCHEMA)
        .map(MembershipRows::fromRow);
  }
}
