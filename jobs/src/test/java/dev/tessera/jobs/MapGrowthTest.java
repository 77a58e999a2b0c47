package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.SfmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Photos that are added to a workspace: only the chunks they touch are computed, and the map is the
 * one that a run over all photos gives in an empty workspace.
 */
class MapGrowthTest {
  /** The two runs may choose other origins, and so other voxels; cameras do not depend on them. */
  private static final double SAME_CAMERA_METERS = 0.01;

  private static final double SAME_POINTS_SHARE = 0.01;

  /** Of chunks. */
  private record Size(int maxViews, int minSharedViews) {}

  /** In chunks so small that one of them does not see the photo. */
  @Test
  void aTownThatGrowsByAPhotoIsTheTownOfAllPhotos() throws Exception {
    EngineSpec engine = new TruthSpec(1, SmallTown.SEED, SmallTown.cameras());
    Path all = SmallTown.photos();
    Size small = new Size(10, 3);

    Path grown = grown(SmallTown.somePhotos(SmallTown.PHOTOS - 1), all, small, engine);
    Path fresh = SmallTown.newFolder("fresh");
    run(all, fresh, small, engine);

    assertSameMap(grown, fresh);
    try (MapSql map = MapSql.of(grown)) {
      assertThat(map.column("select resumed from {reconstruct/outcomes}")).contains(true, false);
    }
  }

  /** 167 photos of fields from a drone: five from the middle of the flight come later. */
  @Test
  @Tag("slow")
  void aFieldThatGrowsByFivePhotosIsTheFieldOfAllPhotos() throws Exception {
    Path all = seneca();
    Path some = SmallTown.newFolder("seneca");
    try (Stream<Path> photos = Files.list(all)) {
      for (Path photo : photos.filter(p -> !isLater(p)).toList()) {
        Files.createSymbolicLink(some.resolve(photo.getFileName()), photo);
      }
    }

    Path grown = grown(some, all, new Size(60, 5), SfmSpec.defaults());
    Path fresh = SmallTown.newFolder("fresh");
    run(all, fresh, new Size(60, 5), SfmSpec.defaults());

    assertSameMap(grown, fresh);
    assertOneComponentNearItsPositions(grown);
  }

  private static boolean isLater(Path photo) {
    return photo.getFileName().toString().matches("IMG_052[0-4]\\.jpg");
  }

  private static Path seneca() {
    String named = System.getenv("TESSERA_SHARED");
    Path shared = named != null ? Path.of(named) : Path.of("..", "..", "shared");
    Path photos = shared.resolve("data").resolve("seneca").resolve("images").toAbsolutePath();
    assumeTrue(Files.isDirectory(photos), () -> photos + " is not there; set TESSERA_SHARED");
    return photos;
  }

  /** A workspace with a map of some photos first, then of all. */
  private static Path grown(Path some, Path all, Size size, EngineSpec engine) throws Exception {
    Path workspace = SmallTown.newFolder("grown");
    run(some, workspace, size, engine);
    List<Object> before = photosOfChunks(workspace);
    run(all, workspace, size, engine);

    List<Object> unchanged =
        photosOfChunks(workspace).stream().<Object>map(before::contains).toList();
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.column("select resumed from {reconstruct/outcomes} order by chunk_id"))
          .as("chunks from the store")
          .isEqualTo(unchanged);
    }
    return workspace;
  }

  private static void run(Path photos, Path workspace, Size size, EngineSpec engine)
      throws IOException {
    Settings settings =
        Settings.defaults()
            .withOverride("partition.max-views-per-chunk=" + size.maxViews())
            .withOverride("partition.min-shared-views=" + size.minSharedViews());
    Pipeline.Request request =
        new Pipeline.Request(
            photos.toString(), workspace.toString(), "local[2]", false, Set.of(), Stage.OF_A_RUN);
    assertThat(Pipeline.execute(settings, request, s -> engine)).isZero();
  }

  /** The photos of each chunk, by its number. */
  private static List<Object> photosOfChunks(Path workspace) throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      return map.column(
          "select list(image_id order by image_id)::varchar from {partition/memberships}"
              + " group by chunk_id order by chunk_id");
    }
  }

  private static void assertSameMap(Path grown, Path fresh) throws Exception {
    Map<String, GeoPoint> one = places(grown);
    Map<String, GeoPoint> other = places(fresh);
    assertThat(one.keySet()).isEqualTo(other.keySet()).isNotEmpty();
    for (Map.Entry<String, GeoPoint> camera : one.entrySet()) {
      Vec3 off = new LocalFrame(camera.getValue()).toEnu(other.get(camera.getKey()));
      assertThat(off.norm()).as(camera.getKey()).isLessThan(SAME_CAMERA_METERS);
    }
    try (MapSql a = MapSql.of(grown);
        MapSql b = MapSql.of(fresh)) {
      double points = b.number("select count(*) from {points}");
      assertThat((double) a.number("select count(*) from {points}"))
          .isCloseTo(points, within(SAME_POINTS_SHARE * points));
      a.requireEachPhotosPointsOnce();
    }
  }

  private static Map<String, GeoPoint> places(Path workspace) throws Exception {
    Map<String, GeoPoint> places = new TreeMap<>();
    try (MapSql map = MapSql.of(workspace)) {
      for (List<Object> row : map.rows("select name, lat, lon, height_m from {cameras}")) {
        places.put(
            (String) row.get(0),
            new GeoPoint((double) row.get(1), (double) row.get(2), (double) row.get(3)));
      }
    }
    return places;
  }

  /** The residual is that of the positions themselves: a hand-held receiver's 2 m. */
  private static void assertOneComponentNearItsPositions(Path workspace) throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      long cameras = map.number("select count(*) from {cameras}");
      assertThat(cameras).isGreaterThanOrEqualTo(160);
      assertThat((double) map.number("select count(*) from {cameras} where component_id = 0"))
          .isGreaterThanOrEqualTo(0.95 * cameras);
      assertThat(
              map.real(
                  "select median(sqrt(gps_residual_east_m^2 + gps_residual_north_m^2))"
                      + " from {cameras}"))
          .isLessThan(2.2);
    }
  }
}
