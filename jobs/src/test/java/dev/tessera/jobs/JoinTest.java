package dev.tessera.jobs;

import static dev.tessera.jobs.SqlRows.row;
import static dev.tessera.jobs.SqlRows.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.reconstruct.EngineSpec;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Chunks that share no photo become one map by what they remember: those of two workspaces, of
 * which one has positions, and those of one without halos.
 */
class JoinTest {
  /** Landmarks have 16 bits over some 150 m. */
  private static final double EXACT_METERS = 0.02;

  private static final String[] NO_HALO = {
    "partition.max-views-per-chunk=16",
    "partition.halo-share=0.0",
    "partition.min-shared-views=0",
    "repair.seams=false"
  };

  private static Path here; // every other photo, with positions
  private static Path there; // the rest, without
  private static Path joint; // the first with the second
  private static EngineSpec engine;

  @BeforeAll
  static void twoTeamsWithACameraEach() throws Exception {
    List<TownCamera> cameras = new ArrayList<>();
    Path photos = SmallTown.newFolder("two teams");
    int next = 0;
    for (TownCamera camera : SmallTown.cameras()) {
      String team = next++ % 2 == 0 ? "here" : "there";
      String name = Path.of(camera.name()).getFileName().toString();
      Path copy = Files.createDirectories(photos.resolve(team)).resolve(name);
      Files.copy(SmallTown.photos().resolve(camera.name()), copy);
      if (team.equals("there")) {
        SmallTown.stripExif(copy);
      }
      cameras.add(
          new TownCamera(
              name, camera.intrinsics(), camera.cameraFromWorld(), camera.captureMillis()));
    }
    engine = new RememberingTruthSpec(new TruthSpec(1, SmallTown.SEED, cameras));
    here = SmallTown.newFolder("here");
    there = SmallTown.newFolder("there");
    assertThat(run(photos.resolve("here"), here).err()).contains("1 component(s)");
    assertThat(run(photos.resolve("there"), there).err()).contains("1 component(s)");
    joint = copy(here);
    CommandLineRun merge = merge(joint, List.of(there));
    assertThat(merge.exitCode()).as(merge.err()).isZero();
  }

  @Test
  void twoWorkspacesWithoutAPhotoInCommonBecomeOneMap() throws Exception {
    try (MapSql map = MapSql.of(joint)) {
      assertThat(
              map.rows(
                  "select chunk_a, chunk_b, kind, accepted, verdict, shared_views,"
                      + " inlier_points >= 30 from {edges}"))
          .containsExactly(row(0, 1, "query", true, "accepted", 0, true));
      assertThat(
              map.rows(
                  "select chunk_id, count(*), any_value(component_id), any_value(georeferenced)"
                      + " from {cameras} group by chunk_id order by chunk_id"))
          .containsExactly(row(0, 15L, 0, true), row(1, 15L, 0, true));
      assertThat(map.number("select count(distinct chunk_id) from {memory}")).isEqualTo(2);
      assertThat(metersOff(map)).isLessThan(EXACT_METERS);
      map.requireEachPhotosPointsOnce();
    }
    assertThat(Files.readString(joint.resolve("map/_manifest.json")))
        .contains("\"workspace\" : \"" + there.getFileName() + "\"")
        .contains("\"first_chunk_id\" : 1")
        .doesNotContain("No edge joins");
  }

  @Test
  void withoutMemoryTheyStayApartAndTheMapSaysSo() throws Exception {
    Path apart = copy(here);

    CommandLineRun merge = merge(apart, List.of(there), "align.memory=never");

    assertThat(merge.exitCode()).as(merge.err()).isZero();
    try (MapSql map = MapSql.of(apart)) {
      assertThat(map.number("select count(*) from {edges}")).isZero();
      assertThat(map.number("select count(distinct component_id) from {cameras}")).isEqualTo(2);
      assertThat(map.number("select count(*) from {cameras} where georeferenced")).isEqualTo(15);
    }
    assertThat(Files.readString(apart.resolve("map/report.html")))
        .contains("No edge joins the chunks of there");
  }

  @Test
  void aMapThatOthersAreJoinedToIsNotExtended() throws Exception {
    CommandLineRun extend =
        execute(
            new Pipeline.Request(
                SmallTown.photos().toString(),
                joint.toString(),
                "local[2]",
                false,
                Set.of(),
                Stage.OF_A_RUN,
                null,
                true,
                List.of()),
            engine);

    assertThat(extend.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(extend.errLines())
        .singleElement()
        .asString()
        .contains("other workspaces are joined to it; merge without --with first");
  }

  @Test
  void aMergeWithoutTheOtherPutsTheOwnMapBackAndChangesNothingThere() throws Exception {
    Path copy = copy(joint);
    List<Path> before = SmallTown.tree(there);

    CommandLineRun again = merge(copy, List.of());

    assertThat(again.exitCode()).as(again.err()).isZero();
    try (MapSql map = MapSql.of(copy)) {
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(15);
    }
    assertThat(SmallTown.tree(there)).isEqualTo(before);
  }

  @Tag("slow")
  @Test
  void aPhotoThatBothHaveIsInTheMapOnce() throws Exception {
    Path copyOfHere = copy(here);
    Path all = copy(here);

    CommandLineRun merge = merge(all, List.of(copyOfHere, there));

    assertThat(merge.exitCode()).as(merge.err()).isZero();
    try (MapSql map = MapSql.of(all)) {
      assertThat(map.rows("select distinct kind, accepted from {edges} where chunk_b = 1"))
          .contains(row("overlap", true));
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(SmallTown.PHOTOS);
      assertThat(map.number("select count(*) from {failures}")).isZero();
      map.requireEachPhotosPointsOnce();
    }
    assertThat(Files.readString(all.resolve("map/_manifest.json")))
        .contains("\"photos\" : 30")
        .contains("\"views\" : 30");
  }

  @Test
  void wrongUseIsOneLine() throws Exception {
    Path copy = copy(here);
    Path empty = SmallTown.newFolder("empty");

    assertThat(merge(copy, List.of(empty)).errLines())
        .containsExactly(
            "tessera: Cannot read workspace '%s': stage repair has not run; run it first"
                .formatted(empty));
    assertThat(merge(copy, List.of(copy)).errLines())
        .containsExactly("tessera: Cannot join workspace '%s' twice".formatted(copy));
    assertThat(merge(copy, List.of(SmallTown.published())).errLines().get(0))
        .startsWith("tessera: Cannot go on: the scenes in ")
        .contains("were not made by engine remembering-truth with these settings");
  }

  @Test
  void chunksWithoutHalosAreJoinedByMemory() throws Exception {
    Path joined = SmallTown.newFolder("joined by memory");
    EngineSpec whole =
        new RememberingTruthSpec(new TruthSpec(1, SmallTown.SEED, SmallTown.cameras()));

    run(SmallTown.photos(), joined, whole, NO_HALO);

    try (MapSql map = MapSql.of(joined)) {
      assertThat(map.number("select count(*) from {chunks} where views_halo > 0")).isZero();
      assertThat(map.number("select count(*) from {chunks}")).isGreaterThan(1);
      assertThat(map.rows("select distinct kind from {edges} where accepted"))
          .containsExactly(row("query"));
      assertThat(map.number("select count(distinct component_id) from {cameras}")).isEqualTo(1);
      assertThat(metersOffOf(map, SmallTown.cameras())).isLessThan(EXACT_METERS);
    }
  }

  @Tag("slow")
  @Test
  void memoryThatIsAlwaysAskedChecksTheEdgesThereAre() throws Exception {
    Path checked = SmallTown.newFolder("checked by memory");
    EngineSpec whole =
        new RememberingTruthSpec(new TruthSpec(1, SmallTown.SEED, SmallTown.cameras()));

    run(
        SmallTown.photos(),
        checked,
        whole,
        "partition.max-views-per-chunk=16",
        "partition.min-shared-views=5",
        "align.memory=always");

    try (MapSql map = MapSql.of(checked)) {
      assertThat(
              map.number(
                  "select count(*) from {edges} o join {edges} q using (chunk_a, chunk_b)"
                      + " where o.kind = 'overlap' and q.kind = 'query' and o.accepted and"
                      + " q.accepted and o.weight > 0.9 and q.weight > 0.9"))
          .isPositive();
      assertThat(metersOffOf(map, SmallTown.cameras())).isLessThan(EXACT_METERS);
    }
  }

  private static double metersOff(MapSql map) throws SQLException {
    return metersOffOf(
        map,
        SmallTown.cameras().stream()
            .map(
                c ->
                    new TownCamera(
                        Path.of(c.name()).getFileName().toString(),
                        c.intrinsics(),
                        c.cameraFromWorld(),
                        c.captureMillis()))
            .toList());
  }

  /** How far the farthest camera is from its place, after the best similarity. */
  private static double metersOffOf(MapSql map, List<TownCamera> cameras) throws SQLException {
    Map<String, TownCamera> truth =
        cameras.stream().collect(Collectors.toMap(TownCamera::name, c -> c));
    List<Vec3> found = new ArrayList<>();
    List<Vec3> wanted = new ArrayList<>();
    for (List<Object> camera : map.rows("select name, x, y, z from {cameras}")) {
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

  private static Path copy(Path workspace) throws IOException {
    Path copy = SmallTown.newFolder("copy");
    SmallTown.copy(workspace, copy);
    return copy;
  }

  private static CommandLineRun run(Path photos, Path workspace) throws IOException {
    return run(photos, workspace, engine);
  }

  private static CommandLineRun run(
      Path photos, Path workspace, EngineSpec with, String... overrides) throws IOException {
    CommandLineRun run =
        execute(
            new Pipeline.Request(
                photos.toString(),
                workspace.toString(),
                "local[2]",
                false,
                Set.of(),
                Stage.OF_A_RUN),
            with,
            overrides);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static CommandLineRun merge(Path workspace, List<Path> others, String... overrides)
      throws IOException {
    return execute(
        new Pipeline.Request(
            null,
            workspace.toString(),
            "local[2]",
            false,
            Set.of(),
            EnumSet.of(Stage.MERGE),
            null,
            false,
            others.stream().map(Path::toString).toList()),
        engine,
        overrides);
  }

  private static CommandLineRun execute(
      Pipeline.Request request, EngineSpec with, String... overrides) throws IOException {
    return CommandLineRun.captured(
        () -> {
          Settings settings = Settings.defaults();
          for (String override : overrides) {
            settings = settings.withOverride(override);
          }
          try {
            return Pipeline.execute(settings, request, s -> with);
          } catch (Exception e) {
            return Tessera.explained(e, new PrintWriter(System.err, true, StandardCharsets.UTF_8));
          }
        });
  }
}
