package dev.tessera.jobs;

import dev.tessera.jobs.metrics.DriverMetrics;
import dev.tessera.jobs.metrics.RunEvent;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.jobs.workspace.Workspace;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** Runs a stage unless its result is there: key, attempt, work, publish. */
final class StageRunner {
  private StageRunner() {}

  static StageManifest run(StageJob job, Run run) throws IOException {
    Stage stage = job.stage();
    run.group(stage.word());
    if (Stage.OF_A_RUN.contains(stage)) {
      for (Workspace workspace : run.sources().workspaces()) {
        requireChain(workspace, stage);
      }
    }
    String inputKey = job.inputKey(run);
    String key = job.key(run, inputKey);
    Optional<StageManifest> before = run.workspace().published(stage, key);
    if (before.isPresent() && !run.force() && isCurrent(job, run, key)) {
      release(run);
      run.progress().finish(stage.word(), job.summary(before.get().facts()) + ", as before", 0);
      return ended(run, stage, before.get(), true);
    }
    RunEvent.of("stage-start").with("run", run.runId()).with("stage", stage.word()).log();
    try {
      return ended(run, stage, carriedOut(job, run, key, inputKey), false);
    } catch (Exception e) { // Spark's are checked, whatever it declares
      DriverMetrics.ofThisJvm().stageFailed();
      event(run, stage, "failed").with("error", RunSummary.reason(e)).log();
      throw e;
    }
  }

  private static StageManifest carriedOut(StageJob job, Run run, String key, String inputKey)
      throws IOException {
    Stage stage = job.stage();
    long start = System.nanoTime();
    Path attempt = run.workspace().newAttempt(run.runId(), stage.word());
    Map<String, Object> facts = job.write(run, key, attempt);
    double seconds = (System.nanoTime() - start) / 1e9;
    StageManifest manifest =
        new StageManifest(
            stage.word(), key, inputKey, run.runId(), Instant.now().toString(), seconds, facts);
    release(run);
    run.lease().check();
    run.workspace().publish(stage, attempt, manifest);
    run.progress().finish(stage.word(), job.summary(facts), seconds);
    return manifest;
  }

  /** Says that the result of a stage is there. */
  private static StageManifest ended(Run run, Stage stage, StageManifest manifest, boolean resumed)
      throws IOException {
    RunEvent event = event(run, stage, "ok");
    event.with("resumed", resumed).with("seconds", resumed ? 0.0 : manifest.seconds());
    manifest
        .facts()
        .forEach((name, value) -> event.with(name, value instanceof Number ? value : null));
    event.log();
    if (resumed) {
      DriverMetrics.ofThisJvm().stageResumed();
    } else {
      DriverMetrics.ofThisJvm().stageDone(manifest.seconds(), manifest.facts());
    }
    run.summary().stage(manifest, resumed);
    return manifest;
  }

  private static RunEvent event(Run run, Stage stage, String result) {
    return RunEvent.of("stage-end")
        .with("run", run.runId())
        .with("stage", stage.word())
        .with("result", result);
  }

  /** Makes a published result the one that later stages read, and asks whether it still holds. */
  private static boolean isCurrent(StageJob job, Run run, String key) throws IOException {
    run.lease().check();
    run.workspace().makeCurrent(job.stage(), key);
    return job.stillValid(run, key);
  }

  /** Frees what the stage cached: stages share no memory. */
  private static void release(Run run) {
    run.sc().getPersistentRDDs().values().forEach(rdd -> rdd.unpersist());
  }

  /** The results that a stage reads must come from one another, not from different runs. */
  private static void requireChain(Workspace workspace, Stage stage) throws IOException {
    for (int i = 1; i < stage.ordinal(); i++) {
      Stage before = Stage.values()[i - 1];
      Stage after = Stage.values()[i];
      String key = workspace.required(before).key();
      if (!workspace.required(after).inputKey().equals(key)) {
        throw new UsageException(
            "Cannot %s: %s is newer than %s; run %s first in %s"
                .formatted(
                    stage.word(), before.word(), after.word(), after.word(), workspace.root()));
      }
    }
  }
}
