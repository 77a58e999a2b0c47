package dev.tessera.jobs;

import dev.tessera.jobs.metrics.RunEvent;
import dev.tessera.jobs.workspace.Lease;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.Workspace;
import dev.tessera.reconstruct.EngineSpec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.sql.SparkSession;

/** Carries out the stages of one request under one lease. */
public final class Pipeline {
  private static final Map<Stage, StageJob> JOBS =
      Map.of(
          Stage.INGEST, new IngestJob(),
          Stage.PARTITION, new PartitionJob(),
          Stage.RECONSTRUCT, new ReconstructJob(),
          Stage.ALIGN, new AlignJob(),
          Stage.REPAIR, new RepairJob(),
          Stage.MERGE, new MergeJob());

  private static final DateTimeFormatter RUN_ID =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private Pipeline() {}

  /**
   * What the user asked for.
   *
   * @param photos URI of the photo folder; null unless ingest is among the stages
   * @param master Spark master; null for the one of the settings or of spark-submit
   * @param runName that a scheduler has for the run that this is a part of; null for none
   * @param extend keep the plan of the published map, and add to it the photos that are new
   * @param joined URIs of workspaces whose chunks go into the map too
   */
  public record Request(
      String photos,
      String workspace,
      String master,
      boolean force,
      Set<Integer> onlyChunks,
      Set<Stage> stages,
      String runName,
      boolean extend,
      List<String> joined) {
    public Request {
      if (extend && force) {
        throw new UsageException(
            "Cannot extend a map by --force: what is there is kept; leave out --extend or --force");
      }
    }

    /** A request for one workspace, and a plan of its own. */
    public Request(
        String photos,
        String workspace,
        String master,
        boolean force,
        Set<Integer> onlyChunks,
        Set<Stage> stages,
        String runName) {
      this(photos, workspace, master, force, onlyChunks, stages, runName, false, List.of());
    }

    /** A request of nobody's. */
    public Request(
        String photos,
        String workspace,
        String master,
        boolean force,
        Set<Integer> onlyChunks,
        Set<Stage> stages) {
      this(photos, workspace, master, force, onlyChunks, stages, null);
    }
  }

  /**
   * Runs the stages in order. What can be seen to be wrong is refused before Spark is started.
   *
   * @return an exit code of {@link ExitCodes}
   */
  public static int execute(Settings settings, Request request) throws IOException {
    return execute(settings, request, Engines::of);
  }

  /**
   * As {@link #execute(Settings, Request)}, with the engine that the function makes of settings.
   */
  static int execute(Settings settings, Request request, Function<Settings, EngineSpec> engines)
      throws IOException {
    SettingRanges.check(settings);
    EngineSpec engine = engine(settings, engines);
    Configuration hadoop = SparkSessions.hadoopConfiguration(settings);
    String photos =
        request.photos() == null
            ? null
            : PhotoListing.requirePhotos("ingest", request.photos(), hadoop);
    if (request.extend()) {
      PublishedPlan.require(request.workspace(), hadoop, engine);
    }
    withRun(
        settings,
        engine,
        request,
        photos,
        run -> {
          for (Stage stage : Stage.OF_A_RUN) {
            if (request.stages().contains(stage)) {
              StageRunner.run(job(stage, request, run), run);
            }
          }
        });
    return ExitCodes.OK;
  }

  private static StageJob job(Stage stage, Request request, Run run) throws IOException {
    return stage == Stage.PARTITION && request.extend()
        ? new ExtendJob(PublishedPlan.of(run.workspace(), run.engine()))
        : JOBS.get(stage);
  }

  /** An engine that cannot be made as it is asked for is refused here, not by every executor. */
  static EngineSpec engine(Settings settings, Function<Settings, EngineSpec> engines) {
    try {
      return engines.apply(settings);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** Something to do in a workspace. */
  @FunctionalInterface
  interface Work {
    void with(Run run) throws IOException;
  }

  /**
   * Takes the lease of the workspace, starts Spark, does the work and leaves nothing unfinished but
   * a summary of what was done.
   *
   * @param engine null for work that asks none
   * @param photos full name of the photo folder; null if it is of no matter
   */
  static void withRun(
      Settings settings, EngineSpec engine, Request request, String photos, Work work)
      throws IOException {
    ObjectStores.requireReachable(request.workspace());
    request.joined().forEach(ObjectStores::requireReachable);
    EngineTasks engineTasks =
        EngineTasks.of(settings, engine, SparkSessions.conf(settings, request.master()));
    Configuration hadoop = SparkSessions.hadoopConfiguration(settings);
    Workspace workspace = Workspace.open(request.workspace(), hadoop);
    List<Workspace> others = Sources.open(workspace, request.joined(), hadoop);
    Instant started = Instant.now();
    String runId = newRunId(started);
    Duration expiry = Duration.ofSeconds(settings.integer("lease.expires-s"));
    RunSummary summary = RunSummary.of(workspace, runId, started, request);
    RunEvent.of("run-start").with("run", runId).with("name", request.runName()).log();
    try (Lease lease = Lease.acquire(workspace.fs(), workspace.root(), runId, expiry);
        SparkSession spark = SparkSessions.open(settings, request.master());
        ProgressBoard progress = ProgressBoard.open(System.err)) {
      ObjectStores.useCommitters(spark, workspace.root());
      workspace.clearAttempts();
      summary.holding(spark.sparkContext().applicationId());
      Run run =
          new Run(
              runId,
              started,
              spark,
              workspace,
              new Sources(spark, workspace, others),
              lease,
              settings,
              engine,
              engineTasks,
              photos,
              request.force(),
              request.onlyChunks(),
              progress,
              summary);
      carryOut(work, run);
    } catch (Exception e) {
      summary.failedWithoutWorkspace(e);
      throw e;
    }
  }

  /** What local disks throw when they are full is the world's, not a programmer's, error. */
  private static void withoutDiskErrors(Work work, Run run) throws IOException {
    try {
      work.with(run);
    } catch (FSError e) {
      throw new IOException(e.getCause().getMessage(), e);
    }
  }

  /** Whoever takes a workspace clears it: then a run fails on this or that file that is gone. */
  private static void whileHolding(Work work, Run run) throws IOException {
    try {
      withoutDiskErrors(work, run);
    } catch (Exception e) { // Spark's are checked, whatever it declares
      requireHolding(run, e);
      throw e;
    }
  }

  private static void requireHolding(Run run, Exception failure) {
    try {
      run.lease().check();
    } catch (RunFailedException taken) {
      taken.addSuppressed(failure);
      throw taken;
    } catch (IOException e) { // nobody can tell: the failure stands
      failure.addSuppressed(e);
    }
  }

  /** Says how it ended while the workspace is still held. */
  private static void carryOut(Work work, Run run) throws IOException {
    RunEvent end = RunEvent.of("run-end").with("run", run.runId());
    try {
      whileHolding(work, run);
      run.lease().check(); // what is unfinished would be another run's
      run.workspace().clearAttempts(run.runId());
      run.summary().done();
      end.with("exit", ExitCodes.OK).log();
    } catch (Exception e) {
      run.summary().failed(e);
      end.with("exit", Tessera.exitCode(e)).with("error", RunSummary.reason(e)).log();
      throw e;
    }
  }

  private static String newRunId(Instant started) {
    int salt = ThreadLocalRandom.current().nextInt(0x10000);
    return "%s-%04x".formatted(RUN_ID.format(started), salt);
  }
}
