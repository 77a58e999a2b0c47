package dev.tessera.jobs;

import dev.tessera.jobs.tables.BorderRows;
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
import dev.tessera.jobs.workspace.Workspace;
import dev.tessera.merge.Edge;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The tables of one workspace's stages, chunks by the numbers they have there. Where no stage is
 * named, they are those that go into the map: of a repair that changed something, else as
 * reconstructed and aligned.
 */
record WorkspaceTables(SparkSession spark, Workspace workspace) {

  JavaRDD<RankedView> views() throws IOException {
    return read(Stage.INGEST, "views", ViewRows.SCHEMA).map(ViewRows::fromRow);
  }

  /** Which views are in which chunk; after a repair, only those of the chunks that it made. */
  JavaRDD<Membership> memberships(Stage stage) throws IOException {
    return read(stage, "memberships", MembershipRows.SCHEMA).map(MembershipRows::fromRow);
  }

  /** Which views are in which chunk: what a repair did not touch stays where it was written. */
  JavaRDD<Membership> memberships() throws IOException {
    if (!repaired()) {
      return memberships(Stage.RECONSTRUCT);
    }
    Set<ChunkId> replaced = new HashSet<>();
    outcomes().values().stream()
        .filter(Outcome::halved)
        .forEach(whole -> replaced.add(whole.chunk()));
    return memberships(Stage.RECONSTRUCT)
        .filter(m -> !replaced.contains(m.chunk()))
        .union(memberships(Stage.REPAIR));
  }

  private boolean repaired() throws IOException {
    return workspace.required(Stage.REPAIR).count(RepairJob.ADDED) > 0;
  }

  /** The chunks by number: on the driver. */
  Map<ChunkId, PlannedChunk> plan() throws IOException {
    return plan(repaired() ? Stage.REPAIR : Stage.RECONSTRUCT);
  }

  /** The chunks by number, as a stage left them: on the driver. */
  Map<ChunkId, PlannedChunk> plan(Stage stage) throws IOException {
    Map<ChunkId, PlannedChunk> plan = new TreeMap<>();
    read(stage, "plan", PlanRows.SCHEMA)
        .map(PlanRows::fromRow)
        .collect()
        .forEach(chunk -> plan.put(chunk.id(), chunk));
    return plan;
  }

  /** What became of every chunk: one row each, on the driver. */
  Map<ChunkId, Outcome> outcomes() throws IOException {
    return outcomes(repaired() ? Stage.REPAIR : Stage.RECONSTRUCT);
  }

  /** What had become of every chunk after a stage: one row each, on the driver. */
  Map<ChunkId, Outcome> outcomes(Stage stage) throws IOException {
    Map<ChunkId, Outcome> outcomes = new TreeMap<>();
    read(stage, "outcomes", OutcomeRows.SCHEMA)
        .map(OutcomeRows::fromRow)
        .collect()
        .forEach(outcome -> outcomes.put(outcome.chunk(), outcome));
    return outcomes;
  }

  /** The edges as they were measured: on the driver. */
  List<Edge> edges() throws IOException {
    return edges(repaired() ? Stage.REPAIR : Stage.ALIGN);
  }

  /** The edges as a stage left them: on the driver. */
  List<Edge> edges(Stage stage) throws IOException {
    return read(stage, "edges", EdgeRows.SCHEMA).map(EdgeRows::fromRow).collect();
  }

  /** Which chunks of the plan are neighbours: on the driver. */
  List<Border> borders() throws IOException {
    return read(Stage.PARTITION, "borders", BorderRows.SCHEMA).map(BorderRows::fromRow).collect();
  }

  JavaRDD<Row> read(Stage stage, String table, StructType schema) throws IOException {
    return read(stage, workspace.required(stage), table, schema);
  }

  /** A table of a published result, be it the current one or not. */
  JavaRDD<Row> read(Stage stage, StageManifest result, String table, StructType schema)
      throws IOException {
    Path folder = workspace.folder(stage, result.key());
    return Tables.read(spark, schema, new Path(folder, table));
  }
}
