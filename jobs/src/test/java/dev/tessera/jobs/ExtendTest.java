package dev.tessera.jobs;

import static dev.tessera.jobs.SqlRows.row;
import static dev.tessera.jobs.SqlRows.vector;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.synthetic.Flight;
import dev.tessera.synthetic.SyntheticTown;
import dev.tessera.synthetic.TownCamera;
import dev.tessera.synthetic.TownPhotos;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A map of a small town, and photos that come later: {@code run --extend}. */
class ExtendTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<Stage> PLANNING = EnumSet.of(Stage.INGEST, Stage.PARTITION);
  private static final int MAX_VIEWS = 12;

  /** So that chunks of {@link #MAX_VIEWS} have room for a few more. */
  private static final int MORE_VIEWS = 16;

  /** Of the flight, one after the other, over the same place. */
  private static final List<String> LATER = SmallTown.names().subList(12, 15);

  private static final int BEFORE = SmallTown.PHOTOS - LATER.size();

  /** Photos of another place, this far from the town. */
  private static final Vec3 FAR = new Vec3(3000, 0, 0);

  private static final int ELSEWHERE = 8;

  /** Scenes are exact but for float coordinates; what is left is how far GPS bends the map. */
  private static final double SAME_SHAPE_METERS = 0.002;

  /** Positions err by 1 m east and north and 2 m up; as in {@link LocalizeTest}, three sigmas. */
  private static final double SAME_ANCHOR_METERS = 3;

  private static final TruthSpec ENGINE = engine();

  private static Path base;
  private static Path all;
  private static Path extended;
  private static String said;

  @BeforeAll
  static void aMapOfAllButSomePhotos() throws IOException {
    Path some = SmallTown.newFolder("some");
    all = SmallTown.newFolder("all");
    for (String name : SmallTown.names()) {
      if (!LATER.contains(name)) {
        copy(name, some);
      }
    }
    base = SmallTown.newFolder("base");
    assertThat(run(some, base, MAX_VIEWS, false, Stage.OF_A_RUN).exitCode()).isZero();
    SmallTown.copy(some, all);
    for (String name : LATER) {
      copy(name, all);
    }
    extended = copyOfBase();
    CommandLineRun run = run(all, extended, MORE_VIEWS, true, Stage.OF_A_RUN);
    assertThat(run.exitCode()).as(run.err()).isZero();
    said = run.err();
  }

  @Test
  void onlyTheChunksThatNewPhotosAreFoundInAreMadeAgain() throws Exception {
    JsonNode facts = planned(extended);
    assertThat(facts.get("new_views").asInt()).isEqualTo(LATER.size());
    assertThat(facts.get("found").asInt()).isEqualTo(LATER.size());
    assertThat(facts.get("not_found").asInt()).isZero();
    assertThat(facts.get("new_chunks").asInt()).isZero();
    int larger = facts.get("extended_chunks").asInt();
    assertThat(said)
        .contains("; 3 new views, 3 found: %d chunks extended, 0 new".formatted(larger));
    try (MapSql map = MapSql.of(extended);
        MapSql before = MapSql.of(base)) {
      List<Object> touched =
          map.column(
              "select distinct chunk_id from {partition/memberships} join {ingest/views}"
                  + " using (image_id) where name in ('%s')".formatted(String.join("','", LATER)));
      assertThat(touched).hasSize(larger).hasSizeBetween(1, LATER.size());
      assertThat(map.column("select chunk_id from {reconstruct/outcomes} where not resumed"))
          .containsExactlyInAnyOrderElementsOf(touched);
      assertThat(map.column("select chunk_id from {reconstruct/outcomes} where resumed"))
          .isNotEmpty();
      assertThat(memberships(map)).containsAll(memberships(before));
      assertThat(memberships(map)).hasSize(memberships(before).size() + LATER.size());
      assertThat(borders(map)).isEqualTo(borders(before));
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(SmallTown.PHOTOS);
      assertCamerasAreWhereTheyWere(before, map);
    }
    assertThat(Files.readString(extended.resolve("map/_manifest.json")))
        .contains("The plan of the map before was kept: of 3 new views 3 were found in it");
  }

  @Test
  void withoutNewPhotosNothingIsDone() throws Exception {
    CommandLineRun again = run(all, extended, MORE_VIEWS, true, Stage.OF_A_RUN);

    assertThat(again.errLines()).hasSize(6).allMatch(line -> line.contains(", as before"));
  }

  @Test
  void thePlanCountsWhatTheChunksHave() throws Exception {
    try (MapSql map = MapSql.of(extended)) {
      assertThat(
              map.rows(
                  "select p.chunk_id from {partition/plan} p join (select chunk_id,"
                      + " count(*) filter (owned) own, count(*) filter (not owned) lent,"
                      + " min(sequence_rank) filter (owned) lowest,"
                      + " max(sequence_rank) filter (owned) highest"
                      + " from {partition/memberships} join {ingest/views} using (image_id)"
                      + " group by chunk_id) m using (chunk_id)"
                      + " where owned = own and halo = lent and first_rank = lowest"
                      + " and last_rank = highest and kind = 'SPATIAL' and min_east_m < max_east_m"
                      + " order by p.chunk_id"))
          .hasSize(planned(extended).get("chunks").asInt());
      assertThat(map.number("select count(*) filter (owned) from {partition/memberships}"))
          .isEqualTo(SmallTown.PHOTOS);
    }
  }

  @Tag("slow")
  @Test
  void whereAChunkIsFullTheyAreAChunkBesideIt() throws Exception {
    Path workspace = copyOfBase();
    int full = largestChunk();

    run(all, workspace, full, true, Stage.OF_A_RUN);

    try (MapSql map = MapSql.of(workspace);
        MapSql before = MapSql.of(base)) {
      int chunks = (int) before.number("select count(*) from {partition/plan}");
      JsonNode facts = planned(workspace);
      assertThat(facts.get("found").asInt()).isEqualTo(LATER.size());
      assertThat(facts.get("new_chunks").asInt()).isPositive();
      assertThat(facts.get("chunks").asInt()).isEqualTo(chunks + facts.get("new_chunks").asInt());
      List<List<Object>> ties =
          map.rows(
              "select chunk_a, chunk_b from {partition/borders} where chunk_b >= %d"
                  .formatted(chunks));
      assertThat(ties).hasSize(facts.get("new_chunks").asInt());
      for (List<Object> tie : ties) {
        assertThat(
                map.number(
                    "select count(*) from {partition/memberships} m where chunk_id = %s"
                            .formatted(tie.get(1))
                        + " and not owned and image_id in (select image_id from"
                        + " {partition/memberships} where chunk_id = %s)".formatted(tie.get(0))))
            .isGreaterThanOrEqualTo(5);
      }
      assertThat(map.real("select max(owned + halo) from {partition/plan}"))
          .isLessThanOrEqualTo(full);
      assertThat(memberships(map)).containsAll(memberships(before));
      assertThat(
              map.number(
                  "select count(*) from {reconstruct/outcomes} where resumed and chunk_id < "
                      + chunks))
          .isEqualTo(chunks - facts.get("extended_chunks").asInt());
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(SmallTown.PHOTOS);
      assertThat(map.number("select count(distinct component_id) from {cameras}")).isEqualTo(1);
      assertCamerasAreWhereTheyWere(before, map);
    }
  }

  @Test
  void photosOfAnotherPlaceAreAChunkOfTheirOwn() throws Exception {
    Path workspace = copyOfBase();
    Path photos = SmallTown.newFolder("with-elsewhere");
    SmallTown.copy(all, photos);
    TownPhotos.write(
        photos,
        SyntheticTown.seeded(SmallTown.SEED),
        new Flight(elsewhere()),
        TownPhotos.Config.defaults(SmallTown.SEED),
        done -> {});

    run(photos, workspace, MORE_VIEWS, true, PLANNING);

    JsonNode facts = planned(workspace);
    assertThat(facts.get("new_views").asInt()).isEqualTo(LATER.size() + ELSEWHERE);
    assertThat(facts.get("found").asInt()).isEqualTo(LATER.size());
    assertThat(facts.get("not_found").asInt()).isEqualTo(ELSEWHERE);
    assertThat(facts.get("new_chunks").asInt()).isEqualTo(1);
    try (MapSql map = MapSql.of(workspace);
        MapSql before = MapSql.of(base)) {
      long chunk = before.number("select count(*) from {partition/plan}");
      assertThat(
              map.rows("select kind, owned, halo from {partition/plan} where chunk_id = " + chunk))
          .containsExactly(row("SPATIAL", ELSEWHERE, 0));
      assertThat(borders(map)).isEqualTo(borders(before));
    }
  }

  @Test
  void aMapWithoutMemoryBelievesPositionsAndSaysSo() throws Exception {
    Path workspace = copyOfBase();
    assertThat(
            run(all, workspace, MAX_VIEWS, false, EnumSet.of(Stage.MERGE), "map.memory=false")
                .exitCode())
        .isZero();

    run(all, workspace, MORE_VIEWS, true, PLANNING);

    JsonNode facts = planned(workspace);
    assertThat(facts.get("found_by_gps").asInt()).isEqualTo(LATER.size());
    assertThat(facts.get("extended_chunks").asInt() + facts.get("new_chunks").asInt()).isPositive();
  }

  /** The plan to extend is the map's, not what a run left that did not come so far. */
  @Test
  void aRunWithoutTheOptionPlansAnewAndDoesNotMatterToTheNextWithIt() throws Exception {
    Path workspace = copyOfBase();
    run(all, workspace, MORE_VIEWS, true, PLANNING);
    String first = Files.readString(workspace.resolve("stages/partition/_current"));

    run(all, workspace, MAX_VIEWS, false, PLANNING);
    String anew = Files.readString(workspace.resolve("stages/partition/_current"));
    assertThat(planned(workspace).has("extends")).isFalse();
    CommandLineRun again = run(all, workspace, MORE_VIEWS, true, PLANNING);

    assertThat(anew).isNotEqualTo(first);
    assertThat(Files.readString(workspace.resolve("stages/partition/_current"))).isEqualTo(first);
    assertThat(again.errLines()).allMatch(line -> line.contains(", as before"));
  }

  @Test
  void photosThatAreGoneAreRefusedByName() throws Exception {
    Path workspace = copyOfBase();
    Path fewer = SmallTown.newFolder("fewer");
    SmallTown.copy(all, fewer);
    Files.delete(fewer.resolve(SmallTown.names().get(3)));

    CommandLineRun run = run(fewer, workspace, MORE_VIEWS, true, PLANNING);

    refused(
        run,
        "1 of its photos are gone, such as %s; put them back, or run without --extend"
            .formatted(SmallTown.names().get(3)));
  }

  @Test
  void withoutAMapThereIsNothingToExtend() throws Exception {
    Path nowhere = SmallTown.newFolder("empty").resolve("workspace");

    CommandLineRun run = run(all, nowhere, MORE_VIEWS, true, Stage.OF_A_RUN);

    refused(run, "it has none; run without --extend first");
    assertThat(nowhere).doesNotExist();
  }

  @Test
  void anotherEngineIsRefused() throws Exception {
    EngineSpec other = new TruthSpec(2, SmallTown.SEED, ENGINE.cameras());

    CommandLineRun run = run(all, base, MORE_VIEWS, true, PLANNING, other);

    refused(run, "it was made by another engine or model: truth-1, now truth-2; give the same");
  }

  @Test
  void aMapWhosePlanIsGoneIsRefused() throws Exception {
    Path workspace = copyOfBase();
    String key = Files.readString(workspace.resolve("stages/partition/_current"));
    Files.delete(workspace.resolve("stages/partition").resolve(key).resolve("_manifest.json"));

    CommandLineRun run = run(all, workspace, MORE_VIEWS, true, PLANNING);

    refused(run, "what stage partition made for it is gone; run without --extend");
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "partition"})
  void whatIsKeptIsNotComputedAgain(String command) throws Exception {
    List<String> photos = command.equals("run") ? List.of("--photos", all.toString()) : List.of();
    List<String> arguments = new ArrayList<>(List.of(command, "--workspace", base.toString()));
    arguments.addAll(photos);

    CommandLineRun run = CommandLineRun.of(arguments, "--extend", "--force");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines())
        .singleElement()
        .asString()
        .contains("Cannot extend a map by --force: what is there is kept");
  }

  private static void refused(CommandLineRun run, String why) {
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    String last = run.errLines().get(run.errLines().size() - 1);
    assertThat(last).contains("Cannot extend the map of ").contains(why);
  }

  private static TruthSpec engine() {
    List<TownCamera> cameras = new ArrayList<>(SmallTown.cameras());
    cameras.addAll(elsewhere());
    return new TruthSpec(1, SmallTown.SEED, cameras);
  }

  private static List<TownCamera> elsewhere() {
    List<TownCamera> cameras = new ArrayList<>();
    for (TownCamera here : SmallTown.cameras().subList(0, ELSEWHERE)) {
      Rigid3 pose = here.cameraFromWorld();
      cameras.add(
          new TownCamera(
              here.name().replace("flight", "elsewhere"),
              here.intrinsics(),
              Rigid3.cameraFromWorld(pose.rotation(), pose.center().plus(FAR)),
              here.captureMillis() + 86_400_000));
    }
    return cameras;
  }

  private static void copy(String name, Path folder) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.copy(SmallTown.photos().resolve(name), folder.resolve(name));
  }

  private static Path copyOfBase() throws IOException {
    Path copy = SmallTown.newFolder("copy");
    SmallTown.copy(base, copy);
    return copy;
  }

  private static JsonNode planned(Path workspace) throws IOException {
    Path stage = workspace.resolve("stages/partition");
    String key = Files.readString(stage.resolve("_current"));
    return JSON.readTree(stage.resolve(key).resolve("_manifest.json").toFile()).get("facts");
  }

  private static int largestChunk() throws IOException {
    return planned(base).get("largest").asInt();
  }

  private static List<List<Object>> memberships(MapSql map) throws Exception {
    return map.rows("select * from {partition/memberships} order by all");
  }

  private static List<List<Object>> borders(MapSql map) throws Exception {
    return map.rows("select * from {partition/borders} order by all");
  }

  private static void assertCamerasAreWhereTheyWere(MapSql before, MapSql now) throws Exception {
    Map<Object, Vec3> places = new HashMap<>();
    for (List<Object> camera : now.rows("select name, x, y, z from {cameras}")) {
      places.put(camera.get(0), vector(camera, 1));
    }
    List<Vec3> then = new ArrayList<>();
    List<Vec3> since = new ArrayList<>();
    for (List<Object> camera : before.rows("select name, x, y, z from {cameras}")) {
      then.add(vector(camera, 1));
      since.add(places.get(camera.get(0)));
    }
    assertThat(then).hasSize(BEFORE);
    Sim3 sinceFromThen = Umeyama.fit(then, since);
    for (int i = 0; i < BEFORE; i++) {
      assertThat(then.get(i).distanceTo(since.get(i))).isLessThan(SAME_ANCHOR_METERS);
      assertThat(sinceFromThen.apply(then.get(i)).distanceTo(since.get(i)))
          .isLessThan(SAME_SHAPE_METERS);
    }
  }

  private static CommandLineRun run(
      Path photos,
      Path workspace,
      int maxViews,
      boolean extend,
      Set<Stage> stages,
      String... overrides) {
    return run(photos, workspace, maxViews, extend, stages, ENGINE, overrides);
  }

  private static CommandLineRun run(
      Path photos,
      Path workspace,
      int maxViews,
      boolean extend,
      Set<Stage> stages,
      EngineSpec engine,
      String... overrides) {
    Pipeline.Request request =
        new Pipeline.Request(
            photos.toString(),
            workspace.toString(),
            "local[2]",
            false,
            Set.of(),
            stages,
            null,
            extend,
            List.of());
    return CommandLineRun.captured(
        () -> {
          Settings settings =
              Settings.defaults()
                  .withOverride("partition.min-shared-views=5")
                  .withOverride("partition.max-views-per-chunk=" + maxViews);
          for (String override : overrides) {
            settings = settings.withOverride(override);
          }
          try {
            return Pipeline.execute(settings, request, s -> engine);
          } catch (Exception e) {
            return Tessera.explained(e, new PrintWriter(System.err, true, StandardCharsets.UTF_8));
          }
        });
  }
}
