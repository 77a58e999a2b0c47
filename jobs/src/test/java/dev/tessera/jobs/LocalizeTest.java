package dev.tessera.jobs;

import static dev.tessera.jobs.SqlRows.real;
import static dev.tessera.jobs.SqlRows.rotation;
import static dev.tessera.jobs.SqlRows.row;
import static dev.tessera.jobs.SqlRows.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.synthetic.SyntheticTown;
import dev.tessera.synthetic.TownCamera;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Unseen photos posed in a map of a small town, on two local cores. */
class LocalizeTest {
  private static final TruthSpec ENGINE = new TruthSpec(1, SmallTown.SEED, SmallTown.cameras());
  private static final int MAX_VIEWS = 12;
  private static final int CHUNKS_PER_PHOTO =
      Settings.defaults().integer("localize.chunks-per-photo");

  /** Every fifth photo of the flight is kept from the map. */
  private static final List<String> KEPT_BACK =
      IntStream.range(0, SmallTown.PHOTOS)
          .filter(i -> i % 5 == 4)
          .mapToObj(SmallTown.names()::get)
          .toList();

  private static final List<String> WITHOUT_HEADER = List.of(KEPT_BACK.get(0), KEPT_BACK.get(3));
  private static final String IN_MAP = SmallTown.names().get(0);
  private static final String STRANGER = "flight/9999.jpg";
  private static final int QUERIES = KEPT_BACK.size() + 3;

  private static final LocalFrame TOWN = SyntheticTown.seeded(SmallTown.SEED).frame();

  /** Scenes are exact but for float coordinates; what is left is how far GPS bends the map. */
  private static final double SAME_FRAME_METERS = 0.001;

  /** The same over the 50 m from the middle of the map to its border. */
  private static final double SAME_FRAME_RADIANS = SAME_FRAME_METERS / 50;

  /**
   * 24 positions that err by 1 m east and north and 2 m up leave the middle of the map uncertain by
   * {@code sqrt(6 / 24) = 0.5 m}, and its rim by about twice that; three of these.
   */
  private static final double ANCHOR_METERS = 3;

  /** Doubles of some hundred metres, a few operations each. */
  private static final double ROUNDING = 1e-9;

  private static Path workspace;
  private static Path photos;

  @BeforeAll
  static void aMapAndPhotosThatItHasNotSeen() throws IOException {
    Path seen = SmallTown.newFolder("seen");
    for (TownCamera camera : mapped()) {
      copy(camera.name(), seen);
    }
    workspace = SmallTown.newFolder("map");
    map(seen, workspace);
    photos = queries();
  }

  @Test
  void unseenPhotosAreWhereTheyWereTaken() throws Exception {
    localize(photos, workspace);

    try (MapSql map = MapSql.of(workspace)) {
      List<List<Object>> located =
          map.rows(
              "select name, x, y, z, qw, qx, qy, qz, lon, lat, height_m from {localize/localized}"
                  + " where status = 'located' order by name");
      assertThat(located.stream().map(row -> row.get(0))).containsExactlyElementsOf(KEPT_BACK);
      Sim3 worldFromTown = worldFromTown(map);
      for (List<Object> row : located) {
        Rigid3 cameraFromTown = truth(row.get(0)).cameraFromWorld();
        Rigid3 expected = worldFromTown.moveCamera(cameraFromTown);
        assertThat(vector(row, 1).distanceTo(expected.center())).isLessThan(SAME_FRAME_METERS);
        assertThat(rotation(row, 4).angleRadiansTo(expected.rotation()))
            .isLessThan(SAME_FRAME_RADIANS);
        Vec3 onEarth = TOWN.toEnu(new GeoPoint(real(row, 9), real(row, 8), real(row, 10)));
        assertThat(onEarth.distanceTo(cameraFromTown.center())).isLessThan(ANCHOR_METERS);
      }
    }
  }

  @Test
  void theWorldPoseIsTheChunkPoseInTheFrameOfTheChunk() throws Exception {
    localize(photos, workspace);

    try (MapSql map = MapSql.of(workspace)) {
      List<List<Object>> rows =
          map.rows(
              "select l.x, l.y, l.z, l.qw, l.qx, l.qy, l.qz, chunk_qw, chunk_qx, chunk_qy,"
                  + " chunk_qz, chunk_tx, chunk_ty, chunk_tz, scale, c.qw, c.qx, c.qy, c.qz,"
                  + " c.tx, c.ty, c.tz from {localize/localized} l join {chunks} c"
                  + " using (chunk_id) where l.component_id = c.component_id");
      assertThat(rows).hasSize(KEPT_BACK.size() + 1);
      for (List<Object> row : rows) {
        Sim3 worldFromChunk = new Sim3(real(row, 14), rotation(row, 15), vector(row, 19));
        Rigid3 moved = worldFromChunk.moveCamera(new Rigid3(rotation(row, 7), vector(row, 11)));
        assertThat(moved.center().distanceTo(vector(row, 0))).isLessThan(ROUNDING);
        assertThat(moved.rotation().angleRadiansTo(rotation(row, 3))).isLessThan(ROUNDING);
      }
    }
  }

  @Test
  void everyPhotoIsARowWithAPoseOrAReason() throws Exception {
    localize(photos, workspace);

    try (MapSql map = MapSql.of(workspace)) {
      assertThat(
              map.rows(
                  "select name, status, reason, chunk_id is null, x is null, image_id is null"
                      + " from {localize/localized} where status != 'located' order by name"))
          .containsExactly(
              row("broken.jpg", "quarantined", "not_an_image", true, true, true),
              row(IN_MAP, "in_map", null, false, false, false),
              row(STRANGER, "not_located", "pose_not_found", true, true, false));
      assertThat(map.number("select count(*) from {localize/localized}")).isEqualTo(QUERIES);
      assertThat(
              map.number(
                  "select count(*) from {localize/localized}"
                      + " where (x is null) = (reason is null) or (x is null) != (lon is null)"))
          .isZero();
    }
  }

  @Test
  void thePositionSaysWhichChunksAreAskedAndTheSurestIsBelieved() throws Exception {
    localize(photos, workspace);

    try (MapSql map = MapSql.of(workspace)) {
      long chunks = map.number("select count(distinct chunk_id) from {cameras}");
      assertThat(chunks).isGreaterThan(CHUNKS_PER_PHOTO);
      for (List<Object> row :
          map.rows(
              "select name, chunks_asked, gps_distance_m is null, confidence"
                  + " from {localize/localized} where status = 'located'")) {
        boolean blind = WITHOUT_HEADER.contains(row.get(0));
        double metersFromNearestCamera =
            mapped().stream()
                .mapToDouble(c -> center(c).distanceTo(center(truth(row.get(0)))))
                .min()
                .orElseThrow();

        assertThat(row.get(1)).isEqualTo(blind ? (int) chunks : CHUNKS_PER_PHOTO);
        assertThat(row.get(2)).isEqualTo(blind);
        assertThat(real(row, 3))
            .isCloseTo(TruthSpec.confidence(metersFromNearestCamera), within(ROUNDING));
      }
    }
  }

  @Test
  void aPhotoOfTheMapHasThePoseItHasThere() throws Exception {
    localize(photos, workspace);

    String columns =
        "select image_id, chunk_id, component_id, x, y, z, qw, qx, qy, qz, lon, lat, height_m,"
            + " width, height, focal_px, cx, cy, k1, k2, ";
    try (MapSql map = MapSql.of(workspace)) {
      List<Object> here =
          map.rows(columns + "gps_distance_m from {localize/localized} where status = 'in_map'")
              .get(0);
      List<Object> there =
          map.rows(
                  columns
                      + "sqrt(gps_residual_east_m ** 2 + gps_residual_north_m ** 2) from {cameras}"
                      + " where name = '%s'".formatted(IN_MAP))
              .get(0);

      assertThat(here).usingElementComparator(LocalizeTest::compareToRounding).isEqualTo(there);
      assertThat(
              map.rows(
                  "select confidence, chunks_asked from {localize/localized}"
                      + " where status = 'in_map'"))
          .containsExactly(row(null, 0));
    }
  }

  @Test
  void theCsvHasTheRowsOfTheTable() throws Exception {
    Path csv = SmallTown.newFolder("csv").resolve("poses.csv");
    Files.writeString(csv, "of another day");

    localize(request(photos, workspace, csv), UnaryOperator.identity(), ENGINE);

    try (MapSql map = MapSql.of(workspace);
        Stream<Path> files = Files.list(csv.getParent())) {
      List<List<Object>> table = map.rows("select columns(*)::varchar from {localize/localized}");
      assertThat(
              map.rows(
                  "select columns(*)::varchar from read_csv('%s', header = true)".formatted(csv)))
          .hasSize(QUERIES)
          .isEqualTo(table);
      assertThat(map.column("select name from {localize/localized}"))
          .isSortedAccordingTo((a, b) -> a.toString().compareTo(b.toString()));
      assertThat(files).containsExactly(csv);
    }
    assertThat(Files.readAllLines(csv).get(0)).startsWith("name,image_id,status,reason,");
  }

  @Test
  void aPageShowsThePhotosInThePictureOfTheMap() throws Exception {
    Path page = SmallTown.newFolder("page").resolve("photos.html");
    Localizer.Request request =
        new Localizer.Request(
            photos.toString(), workspace.toString(), null, page, null, "local[2]", false);

    localize(request, UnaryOperator.identity(), ENGINE);

    String html = Files.readString(page);
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(html.split("class=\"photo\"", -1))
          .hasSize(
              1
                  + (int)
                      map.number("select count(*) from {localize/localized} where x is not null"));
      for (Object name : map.column("select name from {localize/localized}")) {
        assertThat(html).contains(name.toString());
      }
    }
    assertThat(html).contains("Where they were taken", "1 quarantined");
  }

  @Test
  void theFirstPhotosAreShown() throws Exception {
    List<String> lines = localize(photos, workspace).lines().toList();

    assertThat(lines).hasSize(1 + QUERIES + 1);
    assertThat(lines.get(0)).matches("name +status +chunk +confidence +GPS distance +position");
    assertThat(lines.get(1)).matches("broken.jpg +quarantined +not_an_image");
    assertThat(lines.get(2))
        .matches(IN_MAP + " +in_map +\\d+ +[\\d.]+ m +lon 11\\.\\d+ lat 48\\.\\d+ height .+ m");
    assertThat(lines.get(3)).matches(KEPT_BACK.get(0) + " +located +\\d +0\\.\\d\\d +lon .+");
    assertThat(lines.get(1 + QUERIES))
        .isEqualTo(
            "6 located, 0 uncertain, 1 in_map, 1 not_located, 1 quarantined"
                + " {not_an_image=1, pose_not_found=1}");
  }

  @Test
  void askedAgainNothingIsComputedAndOtherPhotosAreKeptBeside() throws Exception {
    Path copy = SmallTown.newFolder("copy");
    SmallTown.copy(workspace, copy);
    Path some = SmallTown.newFolder("some");
    copy(KEPT_BACK.get(1), some);

    localize(photos, copy);
    String first = result(copy);
    FileTime written = Files.getLastModifiedTime(manifest(copy, first));
    localize(some, copy);
    String other = result(copy);
    localize(photos, copy);

    assertThat(result(copy)).isEqualTo(first).isNotEqualTo(other);
    assertThat(Files.getLastModifiedTime(manifest(copy, first))).isEqualTo(written);
    assertThat(manifest(copy, other)).exists();
    try (MapSql map = MapSql.of(copy)) {
      assertThat(map.number("select count(*) from {localize/localized}")).isEqualTo(QUERIES);
    }
  }

  @Test
  void photosWithoutAPositionAreNotAskedAboutWhenThereAreTooManyChunks() throws Exception {
    localize(
        request(photos, workspace, null),
        settings -> settings.withOverride("localize.max-chunks=2"),
        ENGINE);

    try (MapSql map = MapSql.of(workspace)) {
      assertThat(
              map.rows(
                  "select name, chunks_asked from {localize/localized}"
                      + " where reason = 'too_many_chunks' order by name"))
          .containsExactlyElementsOf(WITHOUT_HEADER.stream().map(name -> row(name, 0)).toList());
    }
  }

  @Test
  void whereNoPhotoHasAPoseTheCommandFailsAndSaysWhy() throws Exception {
    Path strangers = SmallTown.newFolder("strangers");
    Files.createDirectory(strangers.resolve("flight"));
    SmallTown.addOnePhoto(strangers);
    Files.writeString(strangers.resolve("empty.jpg"), "");

    assertThatThrownBy(() -> localize(strangers, workspace))
        .isInstanceOf(RunFailedException.class)
        .hasMessage("Cannot localize any of 2 photos: {empty_file=1, pose_not_found=1}");
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.column("select name from {localize/localized} order by name"))
          .containsExactly("empty.jpg", STRANGER);
    }
  }

  @Test
  void whatAnEngineThrowsIsAReasonAndIsTriedAgain() throws Exception {
    Path some = SmallTown.newFolder("puzzle");
    copy(KEPT_BACK.get(1), some);
    SmallTown.addOnePhoto(some);
    Files.move(some.resolve(STRANGER), some.resolve(TruthSpec.PUZZLE));

    localize(some, workspace);
    FileTime first = Files.getLastModifiedTime(manifest(workspace, result(workspace)));
    localize(some, workspace);

    assertThat(Files.getLastModifiedTime(manifest(workspace, result(workspace))))
        .isGreaterThan(first);
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.rows("select name, reason, detail from {localize/localized} order by name"))
          .containsExactly(
              row(KEPT_BACK.get(1), null, null),
              row(
                  TruthSpec.PUZZLE,
                  "engine_error",
                  "java.lang.IllegalStateException: This puzzles me"));
    }
  }

  @Test
  void ofEqualPhotosOneIsAskedAbout() throws Exception {
    Path some = SmallTown.newFolder("twins");
    copy(KEPT_BACK.get(1), some);
    Files.copy(some.resolve(KEPT_BACK.get(1)), some.resolve("twin.jpg"));

    localize(some, workspace);

    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.rows("select name, status, reason from {localize/localized} order by name"))
          .containsExactly(
              row(KEPT_BACK.get(1), "located", null), row("twin.jpg", "quarantined", "duplicate"));
    }
  }

  @Tag("slow")
  @Test
  void inAMapWithoutGpsPosesAreInTheFrameOfTheirComponent() throws Exception {
    Path withoutHeader = SmallTown.newFolder("without-header");
    for (TownCamera camera : mapped()) {
      copy(camera.name(), withoutHeader);
      SmallTown.stripExif(withoutHeader.resolve(camera.name()));
    }
    Path floating = SmallTown.newFolder("floating");
    map(withoutHeader, floating);

    localize(photos, floating);

    try (MapSql map = MapSql.of(floating)) {
      Sim3 worldFromTown = worldFromTown(map);
      List<List<Object>> rows =
          map.rows(
              "select name, x, y, z, georeferenced, lon, lat, height_m, gps_distance_m"
                  + " from {localize/localized} where status = 'located'");
      assertThat(rows).hasSize(KEPT_BACK.size() + 1); // the map's photo has other bytes now
      for (List<Object> row : rows) {
        Vec3 expected = worldFromTown.apply(center(truth(row.get(0))));
        assertThat(vector(row, 1).distanceTo(expected) / worldFromTown.scale())
            .isLessThan(SAME_FRAME_METERS);
        assertThat(row.subList(4, 9)).isEqualTo(row(false, null, null, null, null));
      }
    }
  }

  @Test
  void anotherEngineThanTheOneThatMadeTheMapIsRefusedBeforeSparkStarts() {
    int started = StartedSessions.count();
    TruthSpec newer = new TruthSpec(2, SmallTown.SEED, SmallTown.cameras());

    assertThatThrownBy(
            () ->
                localize(
                    request(photos, workspace, null),
                    settings -> settings.withOverride(StartedSessions.SETTING),
                    newer))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "Cannot localize in %s: its map was made by another engine or model: truth-1, now"
                + " truth-2",
            workspace);
    assertThat(StartedSessions.count()).isEqualTo(started);
  }

  @Test
  void theEngineIsThatOfTheMapsSettingsUnlessOthersAreGiven() throws Exception {
    List<Settings> seen = new ArrayList<>();
    Function<Settings, EngineSpec> engines =
        settings -> {
          seen.add(settings);
          return ENGINE;
        };

    new Localizer(
            request(photos, workspace, null),
            settings -> settings.withOverride("sfm.max-features=77"),
            engines)
        .execute(new PrintWriter(new StringWriter()));

    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).changed())
        .isEqualTo(
            Map.of(
                "partition.max-views-per-chunk", Integer.toString(MAX_VIEWS),
                "partition.min-shared-views", "5",
                "sfm.max-features", "77"));
  }

  /** Makes a map of several chunks with the engine that knows the truth. */
  private static void map(Path photoFolder, Path into) throws IOException {
    Settings settings =
        Settings.defaults()
            .withOverride("partition.max-views-per-chunk=" + MAX_VIEWS)
            .withOverride("partition.min-shared-views=5")
            .withOverride("localize.max-chunks=1"); // of another time: not to be taken over
    Pipeline.Request request =
        new Pipeline.Request(
            photoFolder.toString(), into.toString(), "local[2]", false, Set.of(), Stage.OF_A_RUN);
    assertThat(Pipeline.execute(settings, request, s -> ENGINE)).isZero();
  }

  private static String localize(Path photoFolder, Path in) throws IOException {
    return localize(request(photoFolder, in, null), UnaryOperator.identity(), ENGINE);
  }

  private static String localize(
      Localizer.Request request, UnaryOperator<Settings> changes, EngineSpec engine)
      throws IOException {
    StringWriter out = new StringWriter();
    new Localizer(request, changes, settings -> engine).execute(new PrintWriter(out));
    return out.toString();
  }

  private static Localizer.Request request(Path photoFolder, Path in, Path csv) {
    return new Localizer.Request(
        photoFolder.toString(), in.toString(), csv, null, null, "local[2]", false);
  }

  /** The similarity from the town to the map, by all cameras of the map. */
  private static Sim3 worldFromTown(MapSql map) throws SQLException {
    List<Vec3> inTown = new ArrayList<>();
    List<Vec3> inWorld = new ArrayList<>();
    for (List<Object> row : map.rows("select name, x, y, z from {cameras} order by name")) {
      inTown.add(center(truth(row.get(0))));
      inWorld.add(vector(row, 1));
    }
    return Umeyama.fit(inTown, inWorld);
  }

  private static TownCamera truth(Object name) {
    return SmallTown.cameras().stream()
        .filter(camera -> camera.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Vec3 center(TownCamera camera) {
    return camera.cameraFromWorld().center();
  }

  private static List<TownCamera> mapped() {
    return SmallTown.cameras().stream().filter(c -> !KEPT_BACK.contains(c.name())).toList();
  }

  private static int compareToRounding(Object a, Object b) {
    boolean same =
        a instanceof Double x && b instanceof Double y ? Math.abs(x - y) < ROUNDING : a.equals(b);
    return same ? 0 : 1;
  }

  private static String result(Path in) throws IOException {
    return Files.readString(in.resolve("stages/localize/_current"));
  }

  private static Path manifest(Path in, String key) {
    return in.resolve("stages/localize").resolve(key).resolve("_manifest.json");
  }

  /** What was kept back, and a photo of the map, one of nowhere, and a file that is no photo. */
  private static Path queries() throws IOException {
    Path folder = SmallTown.newFolder("queries");
    for (String name : KEPT_BACK) {
      copy(name, folder);
    }
    for (String name : WITHOUT_HEADER) {
      SmallTown.stripExif(folder.resolve(name));
    }
    copy(IN_MAP, folder);
    SmallTown.addOnePhoto(folder);
    Files.writeString(folder.resolve("broken.jpg"), "not a photo, but its name says so");
    return folder;
  }

  private static void copy(String name, Path folder) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.copy(SmallTown.photos().resolve(name), folder.resolve(name));
  }
}
