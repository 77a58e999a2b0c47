package dev.tessera.jobs;

import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.imagery.View;
import dev.tessera.jobs.PhotoListing.PhotoFile;
import dev.tessera.jobs.tables.CameraRows.MapCamera;
import dev.tessera.jobs.tables.LocalizedRows;
import dev.tessera.jobs.tables.LocalizedRows.LocalizedPhoto;
import dev.tessera.jobs.tables.LocalizedRows.Status;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.jobs.workspace.Keys;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.reconstruct.PhotoPose;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.Optional;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;

/**
 * Photos to poses in a published map. Reads the photo files and the map; writes {@code localized}.
 * Shuffles headers by photo, photos by the chunk to ask, and answers back by photo; the driver sees
 * a frame, a box and a list of files per chunk, and counts. A photo that the map has is not asked
 * about: it gets the pose it has there.
 */
final class LocalizeJob implements StageJob {
  /** Fact: how many photos have no pose for each reason. */
  static final String REASONS = "reasons";

  private static final String ENGINE_ERROR = PhotoPlacement.word(PhotoPose.Reason.ENGINE_ERROR);

  /** Of whom is asked and how answers become poses: raised when other poses come of it. */
  private static final int VERSION = 2;

  private static final long PHOTOS_PER_FILE = 500_000;

  private final MapManifest map;

  LocalizeJob(MapManifest map) {
    this.map = map;
  }

  @Override
  public Stage stage() {
    return Stage.LOCALIZE;
  }

  /** The photos and this very map: one made again may differ where its engine does. */
  @Override
  public String inputKey(Run run) throws IOException {
    return Keys.of(map.key(), map.runId(), PhotoListing.key(run.sc(), run.photosUri()));
  }

  @Override
  public String dependsOn(Run run) {
    return "localize-%d %s\n%s"
        .formatted(
            VERSION, run.engine().fingerprint(), run.settings().canonical("ingest", "localize"));
  }

  /** What an engine threw may not happen again. */
  @Override
  public boolean stillValid(Run run, String key) throws IOException {
    Object reasons = run.workspace().required(stage()).facts().get(REASONS);
    return !((Map<?, ?>) reasons).containsKey(ENGINE_ERROR);
  }

  @Override
  public Map<String, Object> write(Run run, String key, Path attempt) throws IOException {
    JavaRDD<PhotoOutcome> outcomes = outcomes(run);
    PublishedMap published = PublishedMap.of(run, map);
    PhotoPlacement placement = PhotoPlacement.of(run, published);
    JavaRDD<Tuple2<View, Optional<MapCamera>>> views = views(outcomes, published).cache();
    JavaRDD<View> unseen = views.filter(view -> !view._2().isPresent()).map(Tuple2::_1);

    JavaRDD<LocalizedPhoto> photos =
        PhotoSets.quarantined(outcomes)
            .map(placement::quarantined)
            .union(
                views
                    .filter(view -> view._2().isPresent())
                    .map(view -> placement.inMap(view._1(), view._2().get())))
            .union(PhotoQuestions.of(run, published, unseen).answered(placement))
            .cache();
    Map<String, Object> facts = facts(photos);
    int files = (int) (1 + (long) facts.get("photos") / PHOTOS_PER_FILE);
    Tables.write(
        run.spark(),
        photos.sortBy(LocalizedPhoto::name, true, files).map(LocalizedRows::toRow),
        LocalizedRows.SCHEMA,
        new Path(attempt, "localized"));
    return facts;
  }

  private JavaRDD<PhotoOutcome> outcomes(Run run) throws IOException {
    JavaRDD<PhotoFile> files = PhotoListing.list(run.sc(), new Path(run.photosUri())).cache();
    long count = files.count();
    LongAccumulator read = run.spark().sparkContext().longAccumulator("photos read");
    run.progress().start(stage().word(), "photos", count, read::value);
    return IngestJob.outcomes(run, files, count, read).cache();
  }

  /** The photos, each with its camera in the map if it has one. */
  private static JavaRDD<Tuple2<View, Optional<MapCamera>>> views(
      JavaRDD<PhotoOutcome> outcomes, PublishedMap published) {
    return PhotoSets.accepted(outcomes)
        .mapToPair(view -> new Tuple2<>(view.id().value(), view))
        .leftOuterJoin(published.cameras().mapToPair(c -> new Tuple2<>(c.imageId(), c)))
        .values();
  }

  private static Map<String, Object> facts(JavaRDD<LocalizedPhoto> photos) {
    Map<Status, Long> counts = photos.map(LocalizedPhoto::status).countByValue();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("photos", counts.values().stream().mapToLong(n -> n).sum());
    for (Status status : Status.values()) {
      facts.put(status.word(), counts.getOrDefault(status, 0L));
    }
    facts.put(
        REASONS,
        new TreeMap<>(
            photos.filter(p -> p.reason() != null).map(LocalizedPhoto::reason).countByValue()));
    return facts;
  }

  @Override
  public String summary(Map<String, Object> facts) {
    return facts.get("photos") + " photos: " + counts(facts);
  }

  /** How many photos there are of each status, and of each reason for having no pose. */
  static String counts(Map<String, Object> facts) {
    return Arrays.stream(Status.values())
            .map(status -> facts.get(status.word()) + " " + status.word())
            .collect(Collectors.joining(", "))
        + " "
        + facts.get(REASONS);
  }
}
