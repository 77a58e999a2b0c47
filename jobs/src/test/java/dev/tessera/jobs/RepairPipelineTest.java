package dev.tessera.jobs;

import static dev.tessera.jobs.SqlRows.row;
import static dev.tessera.jobs.SqlRows.vector;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.synthetic.TownCamera;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Maps of a small town that would fall apart, or have a wrong chunk, and what becomes of them. */
class RepairPipelineTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Scenes are exact but for float coordinates; what is left is how far GPS bends the map. */
  private static final double EXACT_METERS = 0.002;

  /** Two chunks that share one photo: an edge needs three. */
  private static final String[] APART = {
    "partition.max-views-per-chunk=16", "partition.min-shared-views=1", "partition.halo-share=0.0"
  };

  /** Four chunks, two by two. */
  private static final String[] FOUR = {
    "partition.max-views-per-chunk=14", "partition.min-shared-views=5"
  };

  /** The chunk that goes wrong: it has edges to the three others. */
  private static final int WRONG = 1;

  private static final int WRONG_VIEWS = 14;

  private static Path apart;
  private static Path joined;
  private static Set<String> wrongPhotos;

  @BeforeAll
  static void townsThatAreNotWhole() throws Exception {
    apart = SmallTown.newFolder("apart");
    run(apart, truth(Set.of(), 0), with(APART, "repair.seams=false"));
    joined = SmallTown.newFolder("joined");
    SmallTown.copy(apart, joined);
    run(joined, truth(Set.of(), 0), APART);
    wrongPhotos = photosOfTheWrongChunk();
  }

  @Test
  void neighboursThatShareTooLittleAreTwoComponentsWithoutASeam() throws Exception {
    try (MapSql map = MapSql.of(apart)) {
      assertThat(map.number("select count(*) from {partition/borders}")).isEqualTo(1);
      assertThat(map.number("select count(*) from {edges}")).isZero();
      assertThat(map.number("select count(distinct component_id) from {cameras}")).isEqualTo(2);
    }
    assertThat(manifest(apart).get("fallbacks").toString())
        .contains("Neighbouring chunks that no edge joins: 0-1.");
  }

  @Test
  void aSeamJoinsThem() throws Exception {
    try (MapSql map = MapSql.of(joined)) {
      assertThat(
              map.rows(
                  "select chunk_id, kind, status, views_owned, views_halo, views_registered"
                      + " from {chunks} where chunk_id > 1"))
          .containsExactly(row(2, "seam", "anchored", 0, 16, 16));
      assertThat(
              map.rows(
                  "select chunk_a, chunk_b, kind, accepted, shared_views >= 8,"
                      + " log_scale_spread is not null and round_trip_sigmas is not null"
                      + " from {edges} order by chunk_a"))
          .containsExactly(
              row(0, 2, "seam", true, true, true), row(1, 2, "seam", true, true, true));
      assertThat(map.number("select count(distinct component_id) from {cameras}")).isEqualTo(1);
      assertThat(map.number("select count(*) from {failures}")).isZero();
      assertThat(metersOff(map)).isLessThan(EXACT_METERS);
    }
    JsonNode manifest = manifest(joined);
    String sentence =
        "Neighbouring chunks had no edge in 1 places: of as many seam chunks made there, 1 join them.";
    assertThat(manifest.get("fallbacks").toString()).contains(sentence).doesNotContain("no edge j");
    assertThat(Files.readString(joined.resolve("map/report.html"))).contains(sentence);
    assertThat(manifest.get("counts").get("chunks_seam").asInt()).isEqualTo(1);
  }

  @Test
  void everyPhotoIsStillTakenFromItsOwner() throws Exception {
    try (MapSql map = MapSql.of(joined)) {
      assertThat(
              map.number(
                  "select count(*) from {cameras} c join {partition/memberships} m"
                      + " using (image_id) where owned and c.chunk_id = m.chunk_id"))
          .isEqualTo(SmallTown.PHOTOS);
      assertThat(map.number("select count(*) from {points} where chunk_id = 2")).isZero();
    }
  }

  @Test
  void theSeamIsOfThePhotosNearestToTheBorder() throws Exception {
    try (MapSql map = MapSql.of(joined)) {
      String side =
          "select max(abs(x - (select avg(x) from {cameras}))) from {cameras} c"
              + " where chunk_id = %d and image_id %s in (select image_id from {repair/memberships})";
      String otherAxis = side.replace("(x", "(y").replace("avg(x)", "avg(y)");
      boolean eastWest =
          map.real(
                  "select abs(avg(x) filter (chunk_id = 0) - avg(x) filter (chunk_id = 1))"
                      + " - abs(avg(y) filter (chunk_id = 0) - avg(y) filter (chunk_id = 1))"
                      + " from {cameras}")
              > 0;
      String far = eastWest ? side : otherAxis;
      for (int chunk = 0; chunk < 2; chunk++) {
        assertThat(map.real(far.formatted(chunk, "")))
            .isLessThan(map.real(far.formatted(chunk, "not")));
      }
    }
  }

  @Test
  void aSecondRunComputesNothing() throws Exception {
    Path copy = copy(joined);
    ShatteredTruthSpec.tried();

    CommandLineRun second = run(copy, truth(Set.of(), 0), APART);

    assertThat(second.errLines()).hasSize(6).allMatch(line -> line.contains(", as before"));
    assertThat(ShatteredTruthSpec.tried()).isZero();
  }

  /** What a driver leaves that was killed when the seam was reconstructed, and not yet written. */
  @Test
  void aRunThatIsContinuedTakesTheSeamFromTheStore() throws Exception {
    Path copy = copy(joined);
    ShatteredTruthSpec.tried();
    Files.delete(copy.resolve("stages/repair/_current"));
    for (Path file : SmallTown.tree(copy.resolve("stages/repair"))) {
      if (file.endsWith("_manifest.json")) {
        Files.delete(file);
      }
    }

    run(copy, truth(Set.of(), 0), APART);

    assertThat(ShatteredTruthSpec.tried()).isZero();
    try (MapSql again = MapSql.of(copy);
        MapSql first = MapSql.of(joined)) {
      assertThat(again.column("select resumed from {repair/outcomes} where chunk_id = 2"))
          .containsExactly(true);
      assertThat(again.cameras()).isEqualTo(first.cameras());
    }
  }

  @Test
  void aWrongChunkIsMadeAgainInHalvesAndItsPhotosAreInTheMap() throws Exception {
    Path workspace = SmallTown.newFolder("made-again");

    CommandLineRun run = run(workspace, truth(wrongPhotos, WRONG_VIEWS - 1), FOUR);

    assertThat(run.err()).contains("1 chunks made again");
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.column("select distinct verdict from {align/edges} where chunk_a = 1"))
          .containsExactly("no_consensus");
      assertThat(
              map.rows(
                  "select chunk_id, status, reason, halved_from, views_owned > 0 from {chunks}"
                      + " where chunk_id = %d or halved_from = %d order by chunk_id"
                          .formatted(WRONG, WRONG)))
          .containsExactly(
              row(WRONG, "rechunked", "contradicted", null, false),
              row(4, "anchored", null, WRONG, true),
              row(5, "anchored", null, WRONG, true));
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(SmallTown.PHOTOS);
      assertThat(map.number("select count(distinct component_id) from {cameras}")).isEqualTo(1);
      assertThat(map.number("select count(*) from {failures}")).isZero();
      assertThat(metersOff(map)).isLessThan(EXACT_METERS);
    }
    JsonNode manifest = manifest(workspace);
    assertThat(manifest.get("counts").get("chunks_rechunked").asInt()).isEqualTo(1);
    assertThat(manifest.get("fallbacks").toString())
        .contains("Chunks that the others contradict were made again in halves: 1 into 4 and 5.");
  }

  @Test
  void aChunkWhoseHalvesAreWrongTooIsTriedOnceAndHarmsNoOther() throws Exception {
    Path workspace = SmallTown.newFolder("hopeless");

    run(workspace, truth(wrongPhotos, 0), FOUR);

    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.column("select chunk_id from {chunks} where halved_from is not null"))
          .containsExactlyInAnyOrder(4, 5);
      assertThat(
              map.column(
                  "select distinct kind from {cameras} c join {chunks} using (chunk_id)"
                      + " where c.component_id = 0 and chunk_id not in (0, 2, 3)"))
          .as("what else the map took photos from")
          .isSubsetOf("seam");
      assertThat(metersOff(map, "where component_id = 0")).isLessThan(EXACT_METERS);
    }
    assertThat(manifest(workspace).get("fallbacks").toString())
        .containsPattern("Neighbouring chunks that no edge joins: .*-[45]");
  }

  private static Set<String> photosOfTheWrongChunk() throws IOException, SQLException {
    Path planned = SmallTown.newFolder("planned");
    run(planned, EnumSet.of(Stage.INGEST, Stage.PARTITION), truth(Set.of(), 0), FOUR);
    try (MapSql map = MapSql.of(planned)) {
      List<Object> names =
          map.column(
              "select name from {partition/memberships} join {ingest/views} using (image_id)"
                  + " where chunk_id = "
                  + WRONG);
      assertThat(names).hasSize(WRONG_VIEWS);
      return names.stream().map(Object::toString).collect(Collectors.toSet());
    }
  }

  private static double metersOff(MapSql map) throws SQLException {
    return metersOff(map, "");
  }

  /** How far the farthest camera is from its place, after the best similarity. */
  private static double metersOff(MapSql map, String where) throws SQLException {
    Map<String, TownCamera> truth =
        SmallTown.cameras().stream().collect(Collectors.toMap(TownCamera::name, c -> c));
    List<Vec3> found = new ArrayList<>();
    List<Vec3> wanted = new ArrayList<>();
    for (List<Object> camera : map.rows("select name, x, y, z from {cameras} " + where)) {
      found.add(vector(camera, 1));
      wanted.add(truth.get((String) camera.get(0)).cameraFromWorld().center());
    }
    Sim3 truthFromMap = Umeyama.fit(found, wanted);
    double farthest = 0;
    for (int i = 0; i < found.size(); i++) {
      farthest = Math.max(farthest, truthFromMap.apply(found.get(i)).distanceTo(wanted.get(i)));
    }
    return farthest;
  }

  private static ShatteredTruthSpec truth(Set<String> photos, int room) {
    return new ShatteredTruthSpec(
        new TruthSpec(1, SmallTown.SEED, SmallTown.cameras()), photos, room);
  }

  private static String[] with(String[] overrides, String another) {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add(another);
    return all.toArray(String[]::new);
  }

  private static Path copy(Path workspace) throws IOException {
    Path copy = SmallTown.newFolder("copy");
    SmallTown.copy(workspace, copy);
    return copy;
  }

  private static JsonNode manifest(Path workspace) throws IOException {
    return JSON.readTree(workspace.resolve("map/_manifest.json").toFile());
  }

  private static CommandLineRun run(Path workspace, ShatteredTruthSpec engine, String... overrides)
      throws IOException {
    return run(workspace, Stage.OF_A_RUN, engine, overrides);
  }

  private static CommandLineRun run(
      Path workspace, Set<Stage> stages, ShatteredTruthSpec engine, String... overrides)
      throws IOException {
    String photos = SmallTown.photos().toString();
    Pipeline.Request request =
        new Pipeline.Request(photos, workspace.toString(), "local[2]", false, Set.of(), stages);
    CommandLineRun run =
        CommandLineRun.captured(
            () -> {
              Settings settings = Settings.defaults();
              for (String override : overrides) {
                settings = settings.withOverride(override);
              }
              try {
                return Pipeline.execute(settings, request, s -> engine);
              } catch (Exception e) {
                return Tessera.explained(
                    e, new PrintWriter(System.err, true, StandardCharsets.UTF_8));
              }
            });
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }
}
