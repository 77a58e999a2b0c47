package dev.tessera.jobs;

import dev.tessera.jobs.tables.EdgeRows;
import dev.tessera.jobs.tables.MembershipRows;
import dev.tessera.jobs.tables.OutcomeRows;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.tables.PlanRows;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.jobs.workspace.Stage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/**
 * Chunks and edges to better ones. Reads all tables before it and the store. Chunks that the others
 * contradict are made again in halves, once; where neighbours have no edge that holds, a seam chunk
 * of views of both sides is made. Writes {@code outcomes}, {@code plan} and {@code edges} as they
 * are then, and the {@code memberships} of the new chunks alone; nothing at all where nothing was
 * to be done. Shuffles the views of all reconstructed chunks once, to solve the pose graph; the
 * driver sees chunks and edges.
 */
final class RepairJob implements StageJob {
  /** Changes whenever other chunks may be made, or other edges measured. */
  private static final String VERSION = "contradicted by the pose graph\n";

  /** Name of the fact that counts the chunks that were made. */
  static final String ADDED = "added";

  @Override
  public Stage stage() {
    return Stage.REPAIR;
  }

  @Override
  public String inputKey(Run run) throws IOException {
    return run.workspace().required(Stage.ALIGN).key();
  }

  @Override
  public String dependsOn(Run run) throws IOException {
    ReconstructJob.requireEngineOfScenes(run);
    return VERSION + run.settings().canonical("repair") + solving(run.settings());
  }

  /** The settings of the merge that say how the pose graph is solved, as far as they matter. */
  private static String solving(Settings settings) {
    List<String> matter = new ArrayList<>(List.of("gps-sigma-m", "scale-prior", "gps-bias"));
    if (settings.text("merge.gps-bias").equals("sequence")) {
      matter.addAll(List.of("gps-bias-sigma-m", "gps-bias-vertical-sigma-m"));
    }
    return matter.stream()
        .map(name -> "merge.%s=%s\n".formatted(name, settings.text("merge." + name)))
        .collect(Collectors.joining());
  }

  /** As of {@link ReconstructJob}: a new chunk that failed may not fail again. */
  @Override
  public boolean stillValid(Run run, String key) throws IOException {
    int planned = ChunkTables.outcomes(run, Stage.RECONSTRUCT).size();
    List<Outcome> added =
        ChunkTables.outcomes(run).values().stream()
            .filter(outcome -> outcome.chunk().value() >= planned)
            .toList();
    return !ReconstructJob.mayEndOtherwise(run, added);
  }

  @Override
  public Map<String, Object> write(Run run, String key, Path attempt) throws IOException {
    boolean rechunk = run.settings().flag("repair.rechunk");
    boolean seams = run.settings().flag("repair.seams");
    Repairs repairs = Repairs.of(run, rechunk || seams ? Suspects.of(run) : Suspects.none());
    if (rechunk) {
      repairs.rechunk();
    }
    if (seams) {
      repairs.joinBorders(run.settings().integer("repair.seam-views"));
    }
    if (repairs.added() > 0) {
      write(run, repairs, attempt);
    }
    return repairs.facts();
  }

  private static void write(Run run, Repairs repairs, Path attempt) {
    ReconstructJob.write(
        run,
        repairs.outcomes(),
        OutcomeRows::toRow,
        OutcomeRows.SCHEMA,
        new Path(attempt, "outcomes"));
    ReconstructJob.write(
        run, repairs.plan(), PlanRows::toRow, PlanRows.SCHEMA, new Path(attempt, "plan"));
    ReconstructJob.write(
        run,
        repairs.edges(),
        edge -> EdgeRows.toRow(edge, 0),
        EdgeRows.SCHEMA,
        new Path(attempt, "edges"));
    Tables.write(
        run.spark(),
        repairs.addedMemberships().coalesce(1).map(MembershipRows::toRow),
        MembershipRows.SCHEMA,
        new Path(attempt, "memberships"));
  }

  @Override
  public String summary(Map<String, Object> facts) {
    return "%s chunks made again; %s of %s seams join; %s of %s borders without an edge"
        .formatted(
            facts.get("rechunked"),
            facts.get("seams_joining"),
            facts.get("seams"),
            facts.get("borders_open"),
            facts.get("borders"));
  }
}
