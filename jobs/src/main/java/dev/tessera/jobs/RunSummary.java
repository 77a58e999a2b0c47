package dev.tessera.jobs;

import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.jobs.workspace.Workspace;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/**
 * What a run has done so far, kept in the workspace for whoever comes after it, also if it fails or
 * is killed: {@code runs/RUN.json}, and {@code run-summary.json} of the last run that held the
 * workspace. Described in format.md. Names no settings, so no secrets.
 */
final class RunSummary {
  static final String FILE = "run-summary.json";

  /** User and password in a URI. */
  private static final Pattern CREDENTIALS = Pattern.compile("://[^/\\s@]+@");

  private final Workspace workspace;
  private final Map<String, Object> fields = new LinkedHashMap<>();
  private final List<Map<String, Object>> stages = new ArrayList<>();
  private final Map<String, Object> failures = new TreeMap<>();
  private final Instant started;
  private boolean holding;

  private RunSummary(Workspace workspace, Instant started) {
    this.workspace = workspace;
    this.started = started;
  }

  /** A run begins. */
  static RunSummary of(
      Workspace workspace, String runId, Instant started, Pipeline.Request request) {
    RunSummary summary = new RunSummary(workspace, started);
    Map<String, Object> fields = summary.fields;
    fields.put("runId", runId);
    fields.put("runName", request.runName());
    fields.put("software", "Tessera " + Tessera.VERSION);
    fields.put("startedAt", started.toString());
    fields.put("finishedAt", null);
    fields.put("seconds", null);
    fields.put("exitCode", null);
    fields.put("error", null);
    fields.put("sparkApplication", null);
    fields.put("stages", summary.stages);
    fields.put("failuresByReason", summary.failures);
    fields.put("counts", null);
    fields.put("fallbacks", List.of());
    fields.put("manifest", null);
    return summary;
  }

  /** The run holds the workspace: from now on its summary is that of the workspace. */
  void holding(String sparkApplication) throws IOException {
    holding = true;
    fields.put("sparkApplication", sparkApplication);
    write();
  }

  /** The result of a stage is there. */
  void stage(StageManifest manifest, boolean resumed) throws IOException {
    Map<String, Object> stage = new LinkedHashMap<>();
    stage.put("stage", manifest.stage());
    stage.put("key", manifest.key());
    stage.put("resumed", resumed);
    stage.put("seconds", resumed ? 0 : manifest.seconds());
    stage.put("facts", manifest.facts());
    stages.add(stage);
    manifest
        .facts()
        .forEach(
            (name, value) -> {
              if (name.endsWith("_by_reason")) {
                failures.put(manifest.stage(), value);
              }
            });
    if (manifest.stage().equals(Stage.MERGE.word())) {
      MapManifest map = MapManifest.read(workspace.fs(), workspace.map());
      fields.put("counts", map.counts());
      fields.put("fallbacks", map.fallbacks());
      fields.put("manifest", new Path(workspace.map(), MapManifest.FILE).toString());
    }
    write();
  }

  /** All was done. */
  void done() throws IOException {
    ended(ExitCodes.OK, null);
  }

  /** As {@link #failed}, unless that has been said: another run may hold the workspace now. */
  void failedWithoutWorkspace(Exception failure) {
    Object said = fields.get("exitCode");
    if (said == null || said.equals(ExitCodes.OK)) {
      holding = false;
      failed(failure);
    }
  }

  /** The run ends with an exception; what cannot be written now does not hide it. */
  void failed(Exception failure) {
    int exitCode = Tessera.exitCode(failure);
    holding &= exitCode != ExitCodes.LOST;
    try {
      ended(exitCode, reason(failure));
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private void ended(int exitCode, String error) throws IOException {
    Instant now = Instant.now();
    fields.put("finishedAt", now.toString());
    fields.put("seconds", Duration.between(started, now).toMillis() / 1e3);
    fields.put("exitCode", exitCode);
    fields.put("error", error);
    write();
  }

  private void write() throws IOException {
    workspace.writeJson(
        new Path(workspace.root(), "runs/" + fields.get("runId") + ".json"), fields);
    if (holding) {
      workspace.writeJson(new Path(workspace.root(), FILE), fields);
    }
  }

  /** Why something failed, in one line without secrets. */
  static String reason(Exception failure) {
    return withoutCredentials(Tessera.firstLine(failure));
  }

  static String withoutCredentials(String text) {
    return CREDENTIALS.matcher(text).replaceAll("://***@");
  }
}
