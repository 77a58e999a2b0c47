package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.synthetic.Flight;
import dev.tessera.synthetic.SyntheticTown;
import dev.tessera.synthetic.TownCamera;
import dev.tessera.synthetic.TownPhotos;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The default engine's map asked about photos that it does not have. */
class SfmLocalizeTest {
  private static final String WITH_HEADER = "flight/9001.jpg";
  private static final String WITHOUT_HEADER = "flight/9002.jpg";

  /** A hundredth of the flying height: photos of so few pixels see no better. */
  private static final double METERS = 1;

  private static Path photos;
  private static Path truth;

  /** Two photos from between the places where those of the map were taken. */
  @BeforeAll
  static void unseenPhotos() throws IOException {
    photos = SmallTown.newFolder("unseen");
    List<TownCamera> flown = SmallTown.flight().cameras();
    Flight flight =
        new Flight(
            List.of(beside(flown.get(4), WITH_HEADER), beside(flown.get(5), WITHOUT_HEADER)));
    SyntheticTown town = SyntheticTown.seeded(SmallTown.SEED);
    TownPhotos.write(
        photos, town, flight, TownPhotos.Config.defaults(SmallTown.SEED + 7), done -> {});
    SmallTown.stripExif(photos.resolve(WITHOUT_HEADER));
    List<String> rows = new ArrayList<>(Files.readAllLines(SmallTown.truth()));
    List<String> more = Files.readAllLines(photos.resolve("truth.csv"));
    rows.addAll(more.subList(1, more.size()));
    truth = SmallTown.newFolder("truth").resolve("all.csv");
    Files.write(truth, rows);
    Files.delete(photos.resolve("truth.csv"));
  }

  private static TownCamera beside(TownCamera camera, String name) {
    Rigid3 pose = camera.cameraFromWorld();
    Vec3 center = pose.center().plus(new Vec3(2, -1.5, 0.5));
    return new TownCamera(
        name,
        camera.intrinsics(),
        Rigid3.cameraFromWorld(pose.rotation(), center),
        camera.captureMillis() + 500);
  }

  @Test
  void unseenPhotosAreWhereTheyWereTakenWithAndWithoutAHeader() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Path table = SmallTown.newFolder("answers").resolve("poses.parquet");

    CommandLineRun run =
        localize(workspace, "--truth", truth.toString(), "--out", table.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("2 of 2 photos located, 0 uncertain");
    assertThat(table.resolve("_SUCCESS")).exists();
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(
              map.number(
                  "select count(*) from {localize/localized} where status = 'located'"
                      + " and inliers >= 40 and position_sigma_m between 0.001 and 5"
                      + " and rotation_sigma_deg > 0 and len(covariance) = 36"))
          .isEqualTo(2);
      for (TownCamera camera : List.of(flown(4, WITH_HEADER), flown(5, WITHOUT_HEADER))) {
        List<Object> x =
            map.rows(
                    "select x, y, z from {localize/localized} where name = '" + camera.name() + "'")
                .get(0);
        Vec3 found = new Vec3((double) x.get(0), (double) x.get(1), (double) x.get(2));
        assertThat(found.distanceTo(mapped(map, camera))).isLessThan(METERS);
      }
    }
  }

  /** With one chunk allowed, a photo without GPS asks the one that looks most like it. */
  @Test
  void aPhotoWithoutAHeaderFindsItsChunkByItsLooks() throws Exception {
    Path workspace = SmallTown.copyOfPublished();

    CommandLineRun run =
        localize(workspace, "--set", "localize.max-chunks=1", "--set", "localize.candidates=1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select count(*) from {chunks}")).isGreaterThan(1);
      assertThat(
              map.rows(
                  "select status, chunks_asked from {localize/localized} where name = '"
                      + WITHOUT_HEADER
                      + "'"))
          .containsExactly(List.of("located", 1));
    }
  }

  @Test
  void whatItCostsToAskIsMeasuredOnTheMapAsItIs() throws Exception {
    Path workspace = SmallTown.copyOfPublished();

    CommandLineRun run =
        CommandLineRun.of(
            List.of("bench", "localize", "--workspace", workspace.toString()),
            "--photos",
            photos.toString(),
            "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode numbers = new ObjectMapper().readTree(run.out());
    assertThat(numbers.get("photos").asInt()).isEqualTo(2);
    assertThat(numbers.get("located").asInt()).isBetween(2, numbers.get("answers").asInt());
    assertThat(numbers.get("read_and_pose_cpu_ms_located_median").asDouble()).isPositive();
    assertThat(numbers.get("memory_bytes_max").asInt()).isBetween(1000, 330_000);
    assertThat(workspace.resolve("localize")).doesNotExist();
  }

  private static CommandLineRun localize(Path workspace, String... further) {
    return CommandLineRun.of(
        List.of(
            "localize",
            "--workspace",
            workspace.toString(),
            "--photos",
            photos.toString(),
            "--master",
            "local[2]"),
        further);
  }

  private static TownCamera flown(int index, String name) throws IOException {
    return beside(SmallTown.flight().cameras().get(index), name);
  }

  /** Where the map would have the camera: its own neighbour in the map, moved as the truth says. */
  private static Vec3 mapped(MapSql map, TownCamera camera) throws Exception {
    int index = camera.name().equals(WITH_HEADER) ? 4 : 5;
    TownCamera neighbor = SmallTown.flight().cameras().get(index);
    List<Object> x =
        map.rows("select x, y, z from {cameras} where name = '" + neighbor.name() + "'").get(0);
    return new Vec3((double) x.get(0), (double) x.get(1), (double) x.get(2))
        .plus(camera.cameraFromWorld().center())
        .minus(neighbor.cameraFromWorld().center());
  }
}
