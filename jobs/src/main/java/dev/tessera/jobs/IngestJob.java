package dev.tessera.jobs;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.imagery.NaturalOrder;
import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PhotoReader;
import dev.tessera.imagery.PositionChecks;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.PositionSummary;
import dev.tessera.imagery.View;
import dev.tessera.jobs.PhotoListing.PhotoFile;
import dev.tessera.jobs.tables.QuarantineRows;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.jobs.tables.ViewRows;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.jobs.workspace.Workspace;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;

/**
 * Photos to views. Reads the photo files; writes {@code views}, in sequence order, and {@code
 * quarantine}. Shuffles headers by digest and by folder; the driver sees folders and counts.
 */
final class IngestJob implements StageJob {
  /** Files per task: enough to be worth a task, few enough to see progress. */
  private static final int FILES_PER_TASK = 64;

  private static final long VIEWS_PER_FILE = 500_000;

  @Override
  public Stage stage() {
    return Stage.INGEST;
  }

  @Override
  public String inputKey(Run run) throws IOException {
    return PhotoListing.key(run.sc(), run.photosUri());
  }

  @Override
  public String dependsOn(Run run) {
    return run.settings().canonical("ingest");
  }

  @Override
  public Map<String, Object> write(Run run, String key, Path attempt) throws IOException {
    JavaRDD<PhotoFile> files = PhotoListing.list(run.sc(), new Path(run.photosUri())).cache();
    long count = files.count();
    LongAccumulator done = run.spark().sparkContext().longAccumulator("photos read");
    run.progress().start(stage().word(), "photos", count, done::value);

    return tables(run, attempt, count, outcomes(run, files, count, done));
  }

  /**
   * Writes the tables.
   *
   * @param photos how many files there are
   * @param outcomes what became of them; of equal files one stays
   */
  static Map<String, Object> tables(
      Run run, Path attempt, long photos, JavaRDD<PhotoOutcome> outcomes) throws IOException {
    outcomes.persist(StorageLevel.MEMORY_AND_DISK());
    JavaRDD<View> views = PhotoSets.accepted(outcomes);
    PositionSummary positions =
        views.map(PositionSummary::of).fold(PositionSummary.EMPTY, PositionSummary::merge);
    JavaRDD<RankedView> ranked = PhotoSets.ranked(views, checks(run), positions);
    ranked.persist(StorageLevel.MEMORY_AND_DISK());
    JavaRDD<Quarantined> quarantined = PhotoSets.quarantined(outcomes);

    int parts = (int) (1 + photos / VIEWS_PER_FILE);
    Tables.write(
        run.spark(),
        ranked.sortBy(RankedView::rank, true, parts).map(ViewRows::toRow),
        ViewRows.SCHEMA,
        new Path(attempt, "views"));
    Tables.write(
        run.spark(),
        quarantined.coalesce(parts).map(QuarantineRows::toRow),
        QuarantineRows.SCHEMA,
        new Path(attempt, "quarantine"));
    return facts(run, photos, outcomes, ranked);
  }

  /** What the photos' headers say; of equal files one stays. */
  static JavaRDD<PhotoOutcome> outcomes(
      Run run, JavaRDD<PhotoFile> files, long count, LongAccumulator done) {
    PhotoTask task = PhotoTask.of(run, new PhotoReader(readerConfig(run.settings())), done);
    int tasks = (int) Math.max(run.slots(), count / FILES_PER_TASK);
    JavaRDD<PhotoOutcome> outcomes = files.repartition(tasks).map(task::read);
    return PhotoSets.withoutDuplicates(outcomes);
  }

  static PhotoReader.Config readerConfig(Settings settings) {
    PhotoReader.Config d = PhotoReader.Config.defaults();
    return new PhotoReader.Config(
        d.smallestSidePixels(),
        d.mostPixels(),
        d.mostBytes(),
        settings.number("ingest.gps-horizontal-sigma-m"),
        settings.number("ingest.gps-vertical-sigma-m"),
        d.unknownHeightSigmaMeters(),
        d.metersPerDop(),
        d.smallestSigmaMeters());
  }

  private static PositionChecks checks(Run run) {
    return new PositionChecks(
        new PositionChecks.Config(
            run.settings().number("ingest.max-speed-m-per-s"),
            PositionChecks.Config.defaults().clockMillis(),
            run.settings().number("ingest.suspicious-sigma-m")));
  }

  private static Map<String, Object> facts(
      Run run, long files, JavaRDD<PhotoOutcome> outcomes, JavaRDD<RankedView> ranked)
      throws IOException {
    Map<String, Long> reasons = new TreeMap<>();
    Map<String, Long> notes = new TreeMap<>();
    PhotoSets.codes(outcomes)
        .countByValue()
        .forEach((code, n) -> (code.isReason() ? reasons : notes).put(code.word(), n));
    ViewTally tally = ranked.aggregate(ViewTally.NONE, ViewTally::add, ViewTally::plus);
    if (tally.views() == 0) {
      throw new UsageException(
          "Cannot ingest %s: none of %d photos can be read (%s)"
              .formatted(run.photosUri(), files, reasons));
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("photos", files);
    facts.put("views", tally.views());
    facts.put("quarantined", files - tally.views());
    facts.put("quarantined_by_reason", reasons);
    facts.put("notes", notes);
    facts.put("positioned", tally.positioned());
    facts.put("suspicious_positions", tally.suspicious());
    facts.put("max_pixels", tally.maxPixels());
    GeoPoint origin = WorldOrigin.of(run, ranked);
    if (origin != null) {
      facts.put("origin_lat", origin.latitudeDegrees());
      facts.put("origin_lon", origin.longitudeDegrees());
      facts.put("origin_height_m", origin.heightMeters());
    }
    return facts;
  }

  /** Counts of views, mergeable. */
  private record ViewTally(long views, long positioned, long suspicious, long maxPixels)
      implements Serializable {
    static final ViewTally NONE = new ViewTally(0, 0, 0, 0);

    ViewTally add(RankedView ranked) {
      View view = ranked.view();
      boolean doubted =
          view.hasPosition() && view.position().suspicion() != PositionPrior.Suspicion.NONE;
      return plus(
          new ViewTally(
              1, view.hasPosition() ? 1 : 0, doubted ? 1 : 0, (long) view.width() * view.height()));
    }

    ViewTally plus(ViewTally o) {
      return new ViewTally(
          views + o.views,
          positioned + o.positioned,
          suspicious + o.suspicious,
          Math.max(maxPixels, o.maxPixels));
    }
  }

  /** The ENU frame of a run's map: that of the first of its workspaces that has one; or null. */
  static LocalFrame world(Run run) throws IOException {
    for (Workspace workspace : run.sources().workspaces()) {
      LocalFrame world = world(workspace.required(Stage.INGEST));
      if (world != null) {
        return world;
      }
    }
    return null;
  }

  /** The ENU frame that ingest chose for the workspace, or null if no photo has a position. */
  static LocalFrame world(StageManifest ingest) {
    if (!ingest.facts().containsKey("origin_lat")) {
      return null;
    }
    return new LocalFrame(
        new GeoPoint(
            ingest.number("origin_lat"),
            ingest.number("origin_lon"),
            ingest.number("origin_height_m")));
  }

  /** Folders of a photo set in the order people expect. */
  static int inNaturalOrder(Tuple2<String, Integer> a, Tuple2<String, Integer> b) {
    return NaturalOrder.INSTANCE.compare(a._1(), b._1());
  }

  @Override
  public String summary(Map<String, Object> facts) {
    return "%s photos: %s views, %s with position; %s quarantined %s"
        .formatted(
            facts.get("photos"),
            facts.get("views"),
            facts.get("positioned"),
            facts.get("quarantined"),
            facts.get("quarantined_by_reason"));
  }
}
