package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole way from photos to a map, through the command line, on two local cores. */
class PipelineTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A pixel covers {@code flight height / focal length = 60 m / 330 px = 0.18 m} of ground. Bundle
   * adjustment places cameras to a fraction of that; half of it says that all are in their place.
   */
  private static final double ATE_METERS = 0.09;

  @Test
  void aFolderOfPhotosBecomesAMapAsTrueAsItsPixels() throws Exception {
    CommandLineRun evaluation = evaluated(SmallTown.published());

    assertThat(evaluation.exitCode()).isZero();
    Map<String, Object> fields = JSON.readValue(evaluation.out(), new TypeReference<>() {});
    assertThat(fields.keySet())
        .containsExactly(
            "photos",
            "registered",
            "components",
            "chunks",
            "ate_rmse_m",
            "ate_median_m",
            "rotation_mean_deg",
            "auc5",
            "auc30",
            "gps_residual_median_m",
            "points",
            "truth_photos",
            "truth_compared",
            "auc_pairs",
            "auc_pairs_sampled",
            "no_alignment_reason");
    assertThat(fields)
        .containsEntry("photos", SmallTown.PHOTOS)
        .containsEntry("registered", SmallTown.PHOTOS)
        .containsEntry("components", 1);
    assertThat((int) fields.get("chunks")).isGreaterThan(1);
    assertThat((double) fields.get("ate_rmse_m")).isLessThan(ATE_METERS);
  }

  @Test
  void evaluationIsATableForPeopleUnlessJsonIsAskedFor() throws Exception {
    CommandLineRun run =
        CommandLineRun.of(
            "evaluate",
            "--workspace",
            SmallTown.published().toString(),
            "--truth",
            SmallTown.truth().toString());

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines().findFirst())
        .hasValueSatisfying(line -> assertThat(line).matches("photos +30"));
  }

  @Test
  void everyPhotoIsExactlyOnceACameraOrAFailure() throws Exception {
    try (MapSql map = MapSql.of(SmallTown.published())) {
      assertThat(
              map.column(
                  "select name from {cameras} union all"
                      + " select name from {failures} where kind = 'photo' order by name"))
          .isEqualTo(SmallTown.names().stream().sorted().map(Object.class::cast).toList());
    }
  }

  @Test
  void everyPointBelongsToACameraAndItsChunk() throws Exception {
    try (MapSql map = MapSql.of(SmallTown.published())) {
      assertThat(map.number("select count(*) from {points}")).isGreaterThan(1000);
      assertThat(
              map.number(
                  "select count(*) from {points} p anti join {cameras} c"
                      + " on p.image_id = c.image_id and p.chunk_id = c.chunk_id"
                      + " and p.component_id = c.component_id"))
          .isZero();
      assertThat(
              map.number(
                  "select count(*) from {points} where n_obs < 2 or level < 0"
                      + " or n_chunks < 1 or n_obs < 2 * n_chunks"
                      + " or not confidence between 0 and 1 or least(r, g, b) < 0"
                      + " or greatest(r, g, b) > 255 or not isfinite(x + y + z)"))
          .isZero();
    }
  }

  @Test
  void chunksAndEdgesAgreeWithThePlanAndTheCameras() throws Exception {
    try (MapSql map = MapSql.of(SmallTown.published())) {
      assertThat(map.number("select sum(views_owned) from {chunks}")).isEqualTo(SmallTown.PHOTOS);
      assertThat(map.number("select max(views_owned + views_halo) from {chunks}"))
          .isLessThanOrEqualTo(SmallTown.MAX_VIEWS);
      assertThat(map.number("select count(*) from {cameras} anti join {chunks} using (chunk_id)"))
          .isZero();
      assertThat(
              map.rows(
                  "select c.chunk_id from {chunks} c join {partition/memberships} m"
                      + " using (chunk_id) group by all"
                      + " having count(*) != any_value(views_owned + views_halo)"
                      + " or count(*) filter (owned) != any_value(views_owned)"))
          .isEmpty();
      assertThat(
              map.number(
                  "select count(*) from {edges} where chunk_a >= chunk_b"
                      + " or chunk_a not in (select chunk_id from {chunks})"
                      + " or chunk_b not in (select chunk_id from {chunks})"
                      + " or not weight between 0 and 1 or inlier_views > shared_views"))
          .isZero();
    }
  }

  @Test
  void tilesCountAndBoundTheirPoints() throws Exception {
    try (MapSql map = MapSql.of(SmallTown.published())) {
      assertThat(
              map.rows(
                  "select tile, points, min_x, min_y, min_z, max_x, max_y, max_z, min_morton,"
                      + " max_morton from {tiles} order by tile"))
          .isEqualTo(
              map.rows(
                  "select tile, count(*), min(x), min(y), min(z), max(x), max(y), max(z),"
                      + " min(morton), max(morton) from {points} group by tile order by tile"));
    }
  }

  @Test
  void cameraColumnsAgreeWithOneAnother() throws Exception {
    double roundingMeters = 1e-9; // doubles of some hundred metres, a few operations each
    try (MapSql map = MapSql.of(SmallTown.published())) {
      for (List<Object> c :
          map.rows(
              "select x, y, z, qw, qx, qy, qz, tx, ty, tz, world_qw, world_qx, world_qy, world_qz"
                  + " from {cameras}")) {
        double[] v = c.stream().mapToDouble(o -> (double) o).toArray();
        var worldFromCamera =
            new Rigid3(new Quaternion(v[3], v[4], v[5], v[6]), new Vec3(v[7], v[8], v[9]))
                .inverse();
        assertThat(worldFromCamera.translation().distanceTo(new Vec3(v[0], v[1], v[2])))
            .isLessThan(roundingMeters);
        assertThat(v[3] * v[10] - v[4] * v[11] - v[5] * v[12] - v[6] * v[13])
            .isCloseTo(1, within(roundingMeters));
      }
    }
  }

  @Test
  void theManifestListsEveryFileWithSizeAndDigest() throws Exception {
    Path map = SmallTown.published().resolve("map");
    JsonNode manifest = JSON.readTree(map.resolve("_manifest.json").toFile());

    Map<String, String> listed = new TreeMap<>();
    for (JsonNode file : manifest.get("files")) {
      listed.put(
          file.get("path").asText(), file.get("size").asLong() + " " + file.get("sha256").asText());
    }
    Map<String, String> found = new TreeMap<>();
    for (Path path : SmallTown.tree(map)) {
      String name = path.getFileName().toString();
      if (Files.isRegularFile(path) && !name.startsWith(".") && !name.startsWith("_")) {
        found.put(map.relativize(path).toString(), Files.size(path) + " " + sha256(path));
      }
    }
    assertThat(listed).isEqualTo(found);
    assertThat(new TreeSet<>(listed.keySet().stream().map(p -> p.split("/", 2)[0]).toList()))
        .containsExactly(
            "cameras", "chunks", "edges", "failures", "memory", "points", "report.html", "tiles");
    assertThat(map.resolve("_SUCCESS")).exists();
    assertThat(manifest.get("counts").get("registered").asInt()).isEqualTo(SmallTown.PHOTOS);
    assertThat(manifest.get("origin").get("lat").isNumber()).isTrue();
  }

  @Test
  void geometryColumnsAreDescribedAsGeoParquet() throws Exception {
    try (MapSql map = MapSql.of(SmallTown.published())) {
      for (String table : List.of("cameras", "chunks", "tiles")) {
        String geo =
            (String)
                map.column(
                        "select decode(value) from parquet_kv_metadata('%s') where key = 'geo'"
                            .formatted(map.files(table)))
                    .get(0);
        JsonNode metadata = JSON.readTree(geo);
        assertThat(metadata.get("primary_column").asText()).isEqualTo("geometry");
        assertThat(metadata.get("columns").get("geometry").get("encoding").asText())
            .isEqualTo("WKB");
        assertThat(map.number("select count(*) from {%s} where geometry is null".formatted(table)))
            .isZero();
      }
    }
  }

  @Test
  void nothingIsLeftBehindBesideTheResults() throws Exception {
    List<String> left = new ArrayList<>();
    for (Path path : SmallTown.tree(SmallTown.published())) {
      String name = path.getFileName().toString();
      if (name.startsWith("_attempt") || name.equals("_lease.json") || name.equals("_probe")) {
        left.add(path.toString());
      }
    }
    assertThat(left).isEmpty();
  }

  @Test
  void aSecondRunComputesNothing() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Map<String, String> before = digests(workspace);

    CommandLineRun second = SmallTown.run(SmallTown.photos(), workspace);

    assertThat(second.exitCode()).isZero();
    assertThat(second.errLines()).hasSize(6).allMatch(line -> line.contains(", as before"));
    assertThat(digests(workspace)).isEqualTo(before);
  }

  @Tag("slow")
  @Test
  void forceComputesEverythingAgainToTheSameMap() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Map<String, String> before = finishTimes(workspace);

    CommandLineRun forced = SmallTown.run(SmallTown.photos(), workspace, "--force");

    assertThat(forced.exitCode()).isZero();
    assertThat(forced.err()).doesNotContain("as before");
    finishTimes(workspace)
        .forEach((stage, time) -> assertThat(time).as(stage).isNotEqualTo(before.get(stage)));
    try (MapSql again = MapSql.of(workspace);
        MapSql first = MapSql.of(SmallTown.published())) {
      assertThat(again.number("select count(*) from {reconstruct/outcomes} where resumed"))
          .isZero();
      assertThat(again.cameras()).isEqualTo(first.cameras());
      assertThat(again.points()).isEqualTo(first.points());
    }
  }

  /** One core is a new engine, too: a smaller cache is not the one that is kept in this JVM. */
  @Test
  void stagesOneByOneOnOneCoreGiveTheSameMapBitForBit() throws Exception {
    Path workspace = SmallTown.newFolder("one-core");
    List<String> shared =
        SmallTown.arguments(SmallTown.photos(), workspace, "local[1]").stream().skip(3).toList();

    for (String stage : List.of("ingest", "partition", "reconstruct", "align", "repair", "merge")) {
      List<String> args = new ArrayList<>(List.of(stage));
      if (stage.equals("ingest")) {
        args.addAll(List.of("--photos", SmallTown.photos().toString()));
      }
      args.addAll(shared);
      CommandLineRun run = CommandLineRun.of(args, "--set", "reconstruct.cache-mb=512");
      assertThat(run.exitCode()).as(stage + ": " + run.err()).isZero();
    }

    try (MapSql single = MapSql.of(workspace);
        MapSql twin = MapSql.of(SmallTown.published())) {
      assertThat(single.cameras()).isEqualTo(twin.cameras());
      assertThat(single.points()).isEqualTo(twin.points());
      assertThat(single.rows("select * exclude (covariance) from {edges} order by all"))
          .isEqualTo(twin.rows("select * exclude (covariance) from {edges} order by all"));
    }
  }

  @Test
  void forceOnOneChunkLeavesTheOthersInTheStore() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    List<String> reconstruct = new ArrayList<>(List.of("reconstruct"));
    reconstruct.addAll(
        SmallTown.arguments(SmallTown.photos(), workspace, "local[2]").stream().skip(3).toList());

    CommandLineRun run = CommandLineRun.of(reconstruct, "--force", "--only", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.column("select chunk_id from {reconstruct/outcomes} where not resumed"))
          .containsExactly(1);
      assertThat(map.number("select count(*) from {reconstruct/outcomes} where not reconstructed"))
          .isZero();
    }
  }

  @Test
  void aChunkThatIsNotAskedForIsLeftOut() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Files.move(workspace.resolve("store"), workspace.resolve("store-of-before"));
    List<String> reconstruct = new ArrayList<>(List.of("reconstruct"));
    reconstruct.addAll(
        SmallTown.arguments(SmallTown.photos(), workspace, "local[2]").stream().skip(3).toList());

    CommandLineRun run = CommandLineRun.of(reconstruct, "--only", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.rows("select chunk_id, reason from {reconstruct/outcomes} order by chunk_id"))
          .isEqualTo(
              map.rows(
                  "select chunk_id, case when chunk_id != 1 then 'NOT_SELECTED' end from {chunks}"
                      + " order by chunk_id"));
    }
  }

  @Test
  void aChangedPhotoComputesOnlyTheChunksThatHaveIt() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Path photos = SmallTown.somePhotos(SmallTown.PHOTOS);
    Path changed = photos.resolve(SmallTown.names().get(0));
    Files.write(changed, new byte[] {0}, StandardOpenOption.APPEND); // other bytes, same picture

    CommandLineRun run = SmallTown.run(photos, workspace);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(resumedChunks(workspace))
        .isEqualTo(unchangedChunks(workspace))
        .contains(true, false);
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(SmallTown.PHOTOS);
    }
  }

  @Test
  void aPhotoMoreGrowsTheMapInTheSameFrame() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Path photos = SmallTown.somePhotos(SmallTown.PHOTOS);
    SmallTown.addOnePhoto(photos);

    CommandLineRun run = SmallTown.run(photos, workspace);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(resumedChunks(workspace)).isEqualTo(unchangedChunks(workspace));
    assertThat(origin(workspace)).isEqualTo(origin(SmallTown.published()));
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(SmallTown.PHOTOS + 1);
    }
  }

  @Tag("slow")
  @Test
  void photosWithoutAnyHeaderBecomeAMapThatIsNotGeoreferenced() throws Exception {
    Path photos = SmallTown.somePhotos(24);
    for (String name : SmallTown.names().subList(0, 24)) {
      SmallTown.stripExif(photos.resolve(name));
    }
    Path workspace = SmallTown.newFolder("no-header");

    CommandLineRun run = SmallTown.run(photos, workspace);

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode manifest = JSON.readTree(workspace.resolve("map/_manifest.json").toFile());
    assertThat(manifest.get("crs").asText()).isEqualTo("not georeferenced");
    assertThat(manifest.get("origin").isNull()).isTrue();
    assertThat(manifest.get("fallbacks").toString()).contains("24 views have no position");
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select count(*) from {chunks}")).isGreaterThan(1);
      assertThat(map.number("select count(*) from {cameras}")).isGreaterThanOrEqualTo(21);
      assertThat(
              map.number(
                  "select count(*) from {cameras} where georeferenced or lon is not null"
                      + " or gps_residual_east_m is not null or geometry is not null"))
          .isZero();
    }
    CommandLineRun evaluation = evaluated(workspace);
    assertThat(evaluation.exitCode()).as(evaluation.err()).isZero();
    assertThat(JSON.readTree(evaluation.out()).get("gps_residual_median_m").isNull()).isTrue();
  }

  @Test
  void photosWithoutPositionAreGeoreferencedByTheirNeighbours() throws Exception {
    Path photos = SmallTown.somePhotos(20);
    List<String> names = SmallTown.names().subList(0, 20);
    for (int i = 0; i < names.size(); i += 4) {
      SmallTown.stripExif(photos.resolve(names.get(i)));
    }
    Path workspace = SmallTown.newFolder("mixed");

    CommandLineRun run = SmallTown.run(photos, workspace);

    assertThat(run.exitCode()).as(run.err()).isZero();
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select count(*) from {ingest/views} where lat is null")).isEqualTo(5);
      assertThat(map.number("select count(*) from {cameras} where georeferenced"))
          .isGreaterThanOrEqualTo(18);
      assertThat(map.number("select count(*) from {cameras} where gps_residual_east_m is null"))
          .isGreaterThan(0);
    }
  }

  private static CommandLineRun evaluated(Path workspace) throws IOException {
    return CommandLineRun.of(
        "evaluate",
        "--workspace",
        workspace.toString(),
        "--truth",
        SmallTown.truth().toString(),
        "--json");
  }

  /** Whether each chunk came from the store, by its number. */
  private static List<Object> resumedChunks(Path workspace) throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      return map.column("select resumed from {reconstruct/outcomes} order by chunk_id");
    }
  }

  /** Whether each chunk has the photos of a chunk of the published map, by its number. */
  private static List<Object> unchangedChunks(Path workspace) throws Exception {
    String photosOfChunks =
        "select list(image_id order by image_id)::varchar from {partition/memberships}"
            + " group by chunk_id order by chunk_id";
    try (MapSql now = MapSql.of(workspace);
        MapSql first = MapSql.of(SmallTown.published())) {
      List<Object> known = first.column(photosOfChunks);
      return now.column(photosOfChunks).stream().<Object>map(known::contains).toList();
    }
  }

  private static String origin(Path workspace) throws IOException {
    return JSON.readTree(workspace.resolve("map/_manifest.json").toFile()).get("origin").toString();
  }

  private static Map<String, String> finishTimes(Path workspace) throws IOException {
    Map<String, String> times = new TreeMap<>();
    for (String stage : List.of("ingest", "partition", "reconstruct", "align", "repair", "merge")) {
      Path folder = workspace.resolve("stages").resolve(stage);
      Path current = folder.resolve(Files.readString(folder.resolve("_current")));
      times.put(
          stage,
          JSON.readTree(current.resolve("_manifest.json").toFile()).get("finishedAt").asText());
    }
    return times;
  }

  private static Map<String, String> digests(Path folder) throws Exception {
    Map<String, String> digests = new TreeMap<>();
    for (Path path : SmallTown.tree(folder)) {
      String name = folder.relativize(path).toString();
      if (Files.isRegularFile(path) && !name.startsWith("run")) { // summaries of runs
        digests.put(folder.relativize(path).toString(), sha256(path));
      }
    }
    return digests;
  }

  private static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
