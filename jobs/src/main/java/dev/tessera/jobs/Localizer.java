package dev.tessera.jobs;

import dev.tessera.evaluate.Truth;
import dev.tessera.jobs.tables.LocalizedRows;
import dev.tessera.jobs.tables.LocalizedRows.Status;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.jobs.workspace.Workspace;
import dev.tessera.reconstruct.EngineSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Asks the published map of a workspace where photos were taken. */
public final class Localizer {
  /** Settings that the engine of a map does not depend on: they are this run's own. */
  static final Set<String> OWN_SECTIONS = Set.of("localize", "lease", "gpu", "spark");

  private final Request request;
  private final UnaryOperator<Settings> changes;
  private final Function<Settings, EngineSpec> engines;

  /**
   * What the user asked for.
   *
   * @param photos URI of the photo folder
   * @param workspace URI of a workspace with a map
   * @param out local file for the table, CSV or Parquet by its ending; null for none
   * @param page local file for a page that shows them; null for none
   * @param truth local file of true cameras to compare with; null for none
   * @param master Spark master; null for the one of the settings or of spark-submit
   * @param force ask again what was asked before
   */
  public record Request(
      String photos,
      String workspace,
      Path out,
      Path page,
      Path truth,
      String master,
      boolean force) {}

  /**
   * @param changes what the user sets otherwise than the run that made the map
   */
  public Localizer(Request request, UnaryOperator<Settings> changes) {
    this(request, changes, Engines::of);
  }

  /**
   * @param engines makes the engine that settings name
   */
  Localizer(
      Request request, UnaryOperator<Settings> changes, Function<Settings, EngineSpec> engines) {
    this.request = request;
    this.changes = changes;
    this.engines = engines;
  }

  /**
   * Localizes the photos and shows what came of it. What can be seen to be wrong is refused before
   * Spark is started.
   *
   * @return an exit code of {@link ExitCodes}
   */
  public int execute(PrintWriter out) throws IOException {
    ObjectStores.requireReachable(request.workspace());
    Configuration hadoop = SparkSessions.hadoopConfiguration(changes.apply(Settings.defaults()));
    MapManifest map = requireMap(hadoop);
    Settings settings =
        changes.apply(Settings.defaults().withRecorded(map.settings(), OWN_SECTIONS));
    SettingRanges.check(settings);
    String photos = PhotoListing.requirePhotos("localize", request.photos(), hadoop);
    requireWritable(request.out());
    requireWritable(request.page());
    Truth truth = request.truth() == null ? null : TruthFile.read(request.truth());
    EngineSpec engine = requireSameEngine(settings, map);
    Pipeline.Request asRun =
        new Pipeline.Request(
            photos,
            request.workspace(),
            request.master(),
            request.force(),
            Set.of(),
            Set.of(Stage.LOCALIZE));
    Pipeline.withRun(
        settings,
        engine,
        asRun,
        photos,
        run -> {
          requireStillThere(run, map);
          report(run, map, StageRunner.run(new LocalizeJob(map), run), truth, out);
        });
    return ExitCodes.OK;
  }

  /** Another driver may have replaced the map before this one held the workspace. */
  private void requireStillThere(Run run, MapManifest map) throws IOException {
    MapManifest now = MapManifest.read(run.workspace().fs(), run.workspace().map());
    if (!now.runId().equals(map.runId())) {
      throw cannot("its map has just been replaced; try again");
    }
  }

  private void report(Run run, MapManifest map, StageManifest result, Truth truth, PrintWriter out)
      throws IOException {
    String folder = run.workspace().folder(Stage.LOCALIZE, result.key()) + "/localized";
    Dataset<Row> table = run.spark().read().schema(LocalizedRows.SCHEMA).parquet(folder);
    LocalizedReport report = new LocalizedReport(table);
    report.print(out, result.count("photos"), LocalizeJob.counts(result.facts()));
    if (request.out() != null) {
      report.write(request.out());
    }
    if (request.page() != null) {
      new LocalizedView(run, PublishedMap.of(run, map), table)
          .write(request.page(), result.count("photos"), LocalizeJob.counts(result.facts()));
    }
    if (truth != null) {
      out.print(new LocalizedTruth(run, table).errors(truth).toTable());
      out.flush();
    }
    if (result.count(Status.LOCATED.word()) + result.count(Status.IN_MAP.word()) == 0) {
      throw new RunFailedException(
          "Cannot localize any of %d photos: %s"
              .formatted(result.count("photos"), result.facts().get(LocalizeJob.REASONS)));
    }
  }

  private MapManifest requireMap(Configuration hadoop) {
    try {
      var map = Workspace.map(request.workspace(), hadoop);
      FileSystem fs = map.getFileSystem(hadoop);
      if (!fs.exists(new org.apache.hadoop.fs.Path(map, "_SUCCESS"))) {
        throw cannot("it has no map; make one first");
      }
      MapManifest manifest = MapManifest.read(fs, map);
      if (!MemoryFiles.exist(fs, map)) {
        throw cannot(whyNoMemory(manifest.settings()));
      }
      return manifest;
    } catch (IOException | IllegalArgumentException e) {
      throw cannot(e.getMessage());
    }
  }

  private static String whyNoMemory(Map<String, String> settings) {
    return "false".equals(settings.get("map.memory"))
        ? "its map was made with map.memory=false; merge again without"
        : "its map keeps no memory; engine %s makes none, or did not then: run again"
            .formatted(settings.get("run.engine"));
  }

  private UsageException cannot(String why) {
    return new UsageException("Cannot localize in " + request.workspace() + ": " + why);
  }

  private static void requireWritable(Path file) {
    if (file == null) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    boolean isFolder =
        Files.isDirectory(file) && !file.toString().endsWith(LocalizedReport.PARQUET);
    if (isFolder || folder == null || !Files.isWritable(folder)) {
      throw new UsageException(
          "Cannot write " + file + ": name a file in a folder that can be written");
    }
  }

  /** A memory means something only to the engine that wrote it. */
  private EngineSpec requireSameEngine(Settings settings, MapManifest map) {
    EngineSpec engine = Pipeline.engine(settings, engines);
    if (!engine.fingerprint().equals(map.engine())) {
      throw cannot(
          "its map was made by another engine or model: "
              + Engines.difference(map.engine(), engine.fingerprint()));
    }
    return engine;
  }
}
