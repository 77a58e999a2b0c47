package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.jobs.FaultyEngine.Trouble;
import dev.tessera.jobs.workspace.Stage;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A run over the small town with an engine that meets trouble, and what came of it. */
record FaultyRun(CommandLineRun run, Path workspace, FaultyEngine engine) {
  /** The chunk that meets it. */
  static final int CHUNK = 1;

  private static final List<String> TOWN =
      List.of(
          "partition.max-views-per-chunk=" + SmallTown.MAX_VIEWS,
          "sfm.max-features=1500",
          "partition.min-shared-views=5");

  static FaultyRun of(Trouble trouble, String master, List<String> settings) throws Exception {
    Path folder = SmallTown.newFolder("notes");
    Path workspace = SmallTown.newFolder("faulty");
    List<String> all = Stream.of(TOWN, settings).flatMap(List::stream).toList();
    FaultyEngine engine = engine(Settings.defaults(), all, folder, trouble);
    return new FaultyRun(run(workspace, master, all, engine), workspace, engine);
  }

  private static FaultyEngine engine(
      Settings defaults, List<String> settings, Path folder, Trouble trouble) {
    return new FaultyEngine(Engines.of(with(defaults, settings)), folder.toFile(), trouble, CHUNK);
  }

  private static CommandLineRun run(
      Path workspace, String master, List<String> settings, FaultyEngine engine) throws Exception {
    Pipeline.Request request =
        new Pipeline.Request(
            SmallTown.photos().toString(),
            workspace.toString(),
            master,
            false,
            Set.of(),
            Stage.OF_A_RUN);
    return CommandLineRun.captured(
        () -> {
          try {
            return Pipeline.execute(with(Settings.defaults(), settings), request, unused -> engine);
          } catch (Exception e) {
            return Tessera.explained(e, new PrintWriter(System.err, true, StandardCharsets.UTF_8));
          }
        });
  }

  private static Settings with(Settings settings, List<String> overrides) {
    Settings all = settings;
    for (String override : overrides) {
      all = all.withOverride(override);
    }
    return all;
  }

  /** The settings among the arguments of a command. */
  static List<String> settings(List<String> arguments) {
    return IntStream.range(1, arguments.size())
        .filter(i -> arguments.get(i - 1).equals("--set"))
        .mapToObj(arguments::get)
        .toList();
  }

  /** What executors take with them is no work on chunks that others do, or have done. */
  void assertOthersWereBegunOnce() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(engine.othersBegun())
          .isEqualTo(map.number("select count(*) from {reconstruct/outcomes}") - 1);
    }
  }

  /** The same map as without any trouble, number by number. */
  void assertMapIsUndisturbed() throws Exception {
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertUndisturbed(workspace);
  }

  static void assertUndisturbed(Path workspace) throws Exception {
    try (MapSql disturbed = MapSql.of(workspace);
        MapSql undisturbed = MapSql.of(SmallTown.published())) {
      assertThat(disturbed.cameras()).isEqualTo(undisturbed.cameras());
      assertThat(disturbed.points()).isEqualTo(undisturbed.points());
    }
  }

  /** Reason and detail of the one chunk that is not in the map, while all others are. */
  List<Object> onlyFailure() throws Exception {
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(workspace.resolve("map/_SUCCESS")).exists();
    try (MapSql map = MapSql.of(workspace)) {
      List<List<Object>> failed =
          map.rows(
              "select chunk_id, reason, detail from {reconstruct/outcomes} where not reconstructed");
      assertThat(failed).hasSize(1);
      assertThat(failed.get(0).get(0)).isEqualTo(CHUNK);
      assertThat(map.number("select count(distinct image_id) from {cameras}"))
          .isEqualTo(map.number("select count(*) from {cameras}"))
          .isPositive();
      assertThat(map.number("select count(*) from {cameras} where chunk_id = " + CHUNK)).isZero();
      return failed.get(0).subList(1, 3);
    }
  }
}
