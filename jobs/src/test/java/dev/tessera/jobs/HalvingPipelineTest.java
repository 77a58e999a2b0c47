package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.jobs.SmallTownEngine.Trouble;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.SceneMemory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole pipeline with an engine that has less room than it promised. */
class HalvingPipelineTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Less than a chunk of the town has, enough for a half of it. */
  private static final int ROOM = 12;

  private static final int PLENTY = 1000;

  /** Half a pixel on the ground, as of whole chunks in {@link PipelineTest}. */
  private static final double ATE_METERS = 0.09;

  private static Path workspace;
  private static CommandLineRun run;
  private static List<Integer> tried;

  @BeforeAll
  static void runWithLittleRoom() throws Exception {
    workspace = SmallTown.newFolder("halved");
    SmallTownEngine.tried();
    run = run(workspace, ROOM, Trouble.SAYS_OUT_OF_MEMORY);
    tried = SmallTownEngine.tried();
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @Test
  void whatRunsOutOfMemoryIsHalvedAndAllPhotosAreInTheMap() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      long planned = map.number("select count(*) from {partition/plan}");
      List<Object> halved =
          map.column(
              "select chunk_id from {chunks} where status = 'halved' and reason = 'out_of_memory'"
                  + " order by chunk_id");
      assertThat(halved).isNotEmpty();
      assertThat(
              map.column(
                  "select chunk_id from {partition/memberships} group by chunk_id"
                      + " having count(*) > %d order by 1".formatted(ROOM)))
          .isEqualTo(halved);
      assertThat(
              map.rows("select chunk_id, halved_from from {chunks} where chunk_id >= " + planned))
          .isEqualTo(numberedOn((int) planned, halved));
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(SmallTown.PHOTOS);
      assertThat(map.number("select count(*) from {failures}")).isZero();
    }
  }

  @Test
  void everyViewIsOwnedOnceAndHalvedChunksHaveNone() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select sum(views_owned) from {chunks}")).isEqualTo(SmallTown.PHOTOS);
      assertThat(
              map.number(
                  "select count(distinct image_id) from {reconstruct/memberships} where owned"))
          .isEqualTo(SmallTown.PHOTOS);
      assertThat(map.number("select count(*) from {reconstruct/memberships} where owned"))
          .isEqualTo(SmallTown.PHOTOS);
      assertThat(map.number("select max(views_owned + views_halo) from {chunks}"))
          .isLessThanOrEqualTo(ROOM);
      assertThat(
              map.rows(
                  "select chunk_id from {chunks} left join {reconstruct/memberships} m"
                      + " using (chunk_id) group by chunk_id having count(image_id)"
                      + " != any_value(views_owned + views_halo)"))
          .isEmpty();
    }
  }

  @Test
  void halvesHangTogetherWithEachOtherAndWithTheNeighbours() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(
              map.number(
                  "select count(*) from {chunks} a join {chunks} b"
                      + " on a.halved_from = b.halved_from and a.chunk_id < b.chunk_id"
                      + " anti join {edges} e on e.chunk_a = a.chunk_id and e.chunk_b = b.chunk_id"
                      + " and accepted"))
          .isZero();
      assertThat(map.number("select count(distinct component_id) from {cameras}")).isEqualTo(1);
    }
  }

  @Test
  void theMapIsAsTrueAsOneOfWholeChunks() throws Exception {
    CommandLineRun evaluation =
        CommandLineRun.of(
            "evaluate",
            "--workspace",
            workspace.toString(),
            "--truth",
            SmallTown.truth().toString(),
            "--json");

    JsonNode fields = JSON.readTree(evaluation.out());
    assertThat(fields.get("registered").asInt()).isEqualTo(SmallTown.PHOTOS);
    assertThat(fields.get("ate_rmse_m").asDouble()).isLessThan(ATE_METERS);
  }

  @Test
  void theRunAndTheManifestAndTheReportSaySo() throws Exception {
    JsonNode manifest = manifest();
    String fallbacks = manifest.get("fallbacks").toString();
    String report = Files.readString(workspace.resolve("map/report.html"));
    try (MapSql map = MapSql.of(workspace)) {
      List<Object> halved =
          map.column("select chunk_id from {chunks} where status = 'halved' order by chunk_id");
      long planned = map.number("select count(*) from {partition/plan}");
      String sentence =
          "Chunks that ran out of memory were halved: %s into %d and %d"
              .formatted(halved.get(0), planned, planned + 1);

      assertThat(fallbacks).contains(sentence);
      assertThat(report).contains(sentence).contains("No reprojection errors were measured.");
      assertThat(manifest.get("counts").get("chunks_halved").asInt()).isEqualTo(halved.size());
      assertThat(manifest.get("counts").get("chunks").asLong()).isEqualTo(planned + halved.size());
      assertThat(run.errLines())
          .anyMatch(line -> line.contains(halved.size() + " halved: out of memory"));
    }
  }

  @Test
  void whatIsNotMeasuredIsMissingFromTheMap() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select count(*) from {cameras} where reprojection_rms_px is null"))
          .isEqualTo(SmallTown.PHOTOS);
    }
    assertThat(manifest().get("counts").get("reprojection_median_px").isNull()).isTrue();
  }

  @Test
  void aSecondRunComputesNothing() throws Exception {
    Path copy = copyOfWorkspace();
    SmallTownEngine.tried();

    CommandLineRun second = run(copy, ROOM, Trouble.SAYS_OUT_OF_MEMORY);

    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(second.errLines()).hasSize(6).allMatch(line -> line.contains(", as before"));
    assertThat(SmallTownEngine.tried()).isEmpty();
  }

  /** What a driver leaves that was killed when all chunks were done. */
  @Test
  void aRunThatIsContinuedTriesNoWholeChunkAgain() throws Exception {
    Path copy = copyOfWorkspace();
    SmallTownEngine.tried();
    Files.delete(copy.resolve("stages/reconstruct/_current"));
    for (Path stage : SmallTown.tree(copy.resolve("stages/reconstruct"))) {
      if (stage.endsWith("_manifest.json")) {
        Files.delete(stage);
      }
    }

    CommandLineRun continued = run(copy, ROOM, Trouble.SAYS_OUT_OF_MEMORY);

    assertThat(continued.exitCode()).as(continued.err()).isZero();
    assertThat(SmallTownEngine.tried()).isEmpty();
    try (MapSql again = MapSql.of(copy);
        MapSql first = MapSql.of(workspace)) {
      assertThat(again.number("select count(*) from {reconstruct/outcomes} where not resumed"))
          .isEqualTo(again.number("select count(*) from {chunks} where status = 'halved'"));
      assertThat(again.cameras()).isEqualTo(first.cameras());
      assertThat(again.points()).isEqualTo(first.points());
    }
  }

  @Tag("slow")
  @Test
  void withMoreRoomTheWholeChunksAreTriedAgain() throws Exception {
    Path copy = copyOfWorkspace();
    SmallTownEngine.tried();

    CommandLineRun roomy = run(copy, PLENTY, Trouble.SAYS_OUT_OF_MEMORY);

    assertThat(roomy.exitCode()).as(roomy.err()).isZero();
    assertThat(SmallTownEngine.tried())
        .isEqualTo(tried.stream().filter(views -> views > ROOM).toList());
    try (MapSql map = MapSql.of(copy)) {
      assertThat(map.column("select chunk_id from {chunks} order by 1"))
          .isEqualTo(map.column("select chunk_id from {partition/plan} order by 1"));
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(SmallTown.PHOTOS);
    }
  }

  @Test
  void aChunkThatIsAskedForIsTriedAgainWithItsHalvesAndNoOthers() throws Exception {
    Path copy = copyOfWorkspace();
    int asked;
    List<Object> itself;
    try (MapSql map = MapSql.of(copy)) {
      asked = (int) map.column("select min(chunk_id) from {chunks} where status = 'halved'").get(0);
      itself =
          map.column(
              "select views from {reconstruct/outcomes} where chunk_id = %d or halved_from = %d"
                      .formatted(asked, asked)
                  + " order by views desc");
    }
    SmallTownEngine.tried();

    CommandLineRun again =
        run(
            request(copy, true, Set.of(asked), EnumSet.of(Stage.RECONSTRUCT)),
            engine(ROOM, Trouble.SAYS_OUT_OF_MEMORY));

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(SmallTownEngine.tried()).isEqualTo(itself);
  }

  /** Halves of halves of these would have fewer than eight views. */
  @Test
  void aChunkTooSmallToHalveFailsForWantOfMemory() throws Exception {
    Path small = SmallTown.newFolder("too-small");

    CommandLineRun failed = run(small, 1, Trouble.THROWS_OUT_OF_MEMORY);

    assertThat(failed.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(failed.errLines().get(failed.errLines().size() - 1))
        .startsWith("tessera: Cannot make a map: ")
        .contains("out_of_memory", "views: in a pool");
    assertThat(SmallTownEngine.tried()).contains(8).noneMatch(views -> views < 8);
  }

  @Test
  void theMapRemembersWhatEveryChunkInItSaw() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.column("select distinct chunk_id from {memory} order by 1"))
          .isEqualTo(
              map.column("select chunk_id from {chunks} where scale is not null order by 1"));
      for (List<Object> row :
          map.rows(
              "select chunk_id, shape::varchar, hex(blob) from {memory} where kind = 'fast-weights'"
                  + " and dtype = 'I64' and name = '%s'".formatted(SmallTownEngine.SEEN))) {
        List<Object> ids =
            map.column(
                "select image_id from {reconstruct/memberships} m join {ingest/views} v using"
                    + " (image_id) where chunk_id = %s order by sequence_rank"
                        .formatted(row.get(0)));
        assertThat(row.get(1)).isEqualTo("[" + ids.size() + "]");
        assertThat(littleEndian((String) row.get(2))).isEqualTo(ids);
      }
      assertThat(manifest().get("counts").get("tensors").asLong())
          .isEqualTo(map.number("select count(*) from {memory}"));
    }
  }

  /**
   * Under the lens that all chunks share, too: the key in the table is that of the second scene.
   */
  @Test
  void tensorsComeFromTheStoreIntoTheMapByteForByte() throws Exception {
    ChunkStore store =
        new ChunkStore(
            new org.apache.hadoop.fs.Path(workspace.resolve("store").toUri()), new Configuration());
    try (MapSql map = MapSql.of(workspace)) {
      for (List<Object> chunk :
          map.rows("select chunk_id, store_key from {chunks} where scale is not null")) {
        SceneMemory memory = store.readMemory((String) chunk.get(1));
        assertThat(memory.tensors()).hasSize(2);
        for (SceneMemory.Tensor tensor : memory.tensors()) {
          assertThat(
                  map.column(
                      "select hex(blob) from {memory} where chunk_id = %s and name = '%s'"
                          .formatted(chunk.get(0), tensor.name())))
              .containsExactly(hex(tensor.bytes()));
        }
      }
    }
  }

  /** In the order of the files' names, with row groups that say which chunks they hold. */
  @Test
  void aReaderFindsAChunksMemoryByItsRowGroups() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      List<List<Object>> groups =
          map.rows(
              "select stats_min_value::int, stats_max_value::int from parquet_metadata('%s')"
                      .formatted(map.files("memory"))
                  + " where path_in_schema = 'chunk_id' order by file_name, row_group_id");
      assertThat(groups).hasSize(map.column("select distinct chunk_id from {memory}").size());
      for (int i = 1; i < groups.size(); i++) {
        assertThat((int) groups.get(i).get(0))
            .isGreaterThanOrEqualTo((int) groups.get(i - 1).get(1));
      }
      assertThat(
              map.number(
                  "select count(*) from parquet_metadata('%s') where path_in_schema = 'blob'"
                          .formatted(map.files("memory"))
                      + " and (encodings like '%DICT%' or stats_max_value is not null)"))
          .isZero();
    }
  }

  @Test
  void aMapThatIsNotToRememberHasNoSuchTable() throws Exception {
    Path copy = copyOfWorkspace();

    CommandLineRun merged = run(copy, ROOM, Trouble.SAYS_OUT_OF_MEMORY, "map.memory=false");

    assertThat(merged.exitCode()).as(merged.err()).isZero();
    assertThat(merged.errLines().subList(0, 5)).allMatch(line -> line.contains(", as before"));
    assertThat(copy.resolve("map/memory")).doesNotExist();
    assertThat(copy.resolve("map/_SUCCESS")).exists();
  }

  @Test
  void whatAnEngineDoesNotExpectIsAFailureOfOneChunkThatTheNextRunTriesAgain() throws Exception {
    Path confused = SmallTown.newFolder("confused");
    int largest = tried.get(0);
    Set<Stage> stages = EnumSet.range(Stage.INGEST, Stage.RECONSTRUCT);

    for (Trouble trouble : List.of(Trouble.THROWS, Trouble.THROWS_AT_ANOTHER_LENS)) {
      CommandLineRun first = run(confused, stages, engine(largest - 1, trouble));

      assertThat(first.exitCode()).as(first.err()).isZero();
      try (MapSql map = MapSql.of(confused)) {
        assertThat(
                map.rows(
                    "select distinct views, reason, detail from {reconstruct/outcomes}"
                        + " where not reconstructed"))
            .containsExactly(
                List.of(
                    largest,
                    "ENGINE_ERROR",
                    "java.lang.IllegalStateException: %d views confuse me".formatted(largest)));
      }
    }
    CommandLineRun second = run(confused, stages, engine(PLENTY, Trouble.THROWS));

    assertThat(second.exitCode()).as(second.err()).isZero();
    try (MapSql map = MapSql.of(confused)) {
      assertThat(map.number("select count(*) from {reconstruct/outcomes} where not reconstructed"))
          .isZero();
    }
  }

  @Test
  void photosThatCannotBeFetchedEndTheRunAndAreNoFailureOfAChunk() throws Exception {
    Path away = SmallTown.newFolder("away");

    CommandLineRun failed = run(away, 1, Trouble.PHOTOS_CANNOT_BE_FETCHED);

    assertThat(failed.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(failed.err()).contains("the photos are away");
    assertThat(away.resolve("run-summary.json"))
        .content()
        .contains("\"exitCode\" : 1,", "the photos are away");
    assertThat(away.resolve("stages/reconstruct/_current")).doesNotExist();
  }

  @Test
  void anEngineThatAnExecutorCannotOpenIsWrongUsageInOneLine() throws Exception {
    CommandLineRun refused = run(SmallTown.newFolder("unopened"), PLENTY, Trouble.CANNOT_BE_OPENED);

    assertThat(refused.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(refused.errLines().get(refused.errLines().size() - 1))
        .isEqualTo("tessera: Cannot read weights town.safetensors: no such file");
  }

  @Test
  void anEngineThatTheDriverCannotMakeIsRefusedBeforeAnythingStarts() throws Exception {
    Path untouched = SmallTown.newFolder("untouched");

    CommandLineRun refused =
        run(
            untouched,
            EnumSet.allOf(Stage.class),
            settings -> {
              throw new IllegalArgumentException("Cannot read weights town.safetensors: truncated");
            });

    assertThat(refused.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(refused.errLines())
        .containsExactly("tessera: Cannot read weights town.safetensors: truncated");
    assertThat(SmallTown.tree(untouched)).containsExactly(untouched);
  }

  private static Function<Settings, EngineSpec> engine(int room, Trouble trouble) {
    return settings -> new SmallTownEngine(Engines.of(settings), room, trouble);
  }

  private static CommandLineRun run(Path folder, int room, Trouble trouble, String... further) {
    return run(folder, EnumSet.allOf(Stage.class), engine(room, trouble), further);
  }

  private static CommandLineRun run(
      Path folder, Set<Stage> stages, Function<Settings, EngineSpec> engine, String... further) {
    return run(request(folder, false, Set.of(), stages), engine, further);
  }

  private static Pipeline.Request request(
      Path folder, boolean force, Set<Integer> only, Set<Stage> stages) {
    try {
      String photos = SmallTown.photos().toString();
      return new Pipeline.Request(photos, folder.toString(), "local[2]", force, only, stages);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stages on two cores, as the command line would carry them out. */
  private static CommandLineRun run(
      Pipeline.Request request, Function<Settings, EngineSpec> engine, String... further) {
    List<String> overrides =
        new ArrayList<>(
            List.of(
                "partition.max-views-per-chunk=" + SmallTown.MAX_VIEWS,
                "sfm.max-features=1500",
                "partition.min-shared-views=5",
                "repair.seams=false", // halving alone
                "map.row-group-mb=1"));
    overrides.addAll(List.of(further));
    return CommandLineRun.captured(
        () -> {
          try {
            return Pipeline.execute(settings(overrides), request, engine);
          } catch (Exception e) {
            return Tessera.explained(e, new PrintWriter(System.err, true, StandardCharsets.UTF_8));
          }
        });
  }

  private static Settings settings(List<String> overrides) {
    Settings settings = Settings.defaults();
    for (String override : overrides) {
      settings = settings.withOverride(override);
    }
    return settings;
  }

  private static Path copyOfWorkspace() throws IOException {
    Path copy = SmallTown.newFolder("copy");
    SmallTown.copy(workspace, copy);
    return copy;
  }

  private static JsonNode manifest() throws IOException {
    return JSON.readTree(workspace.resolve("map/_manifest.json").toFile());
  }

  /** Two halves of each chunk, in order, numbered from the first number. */
  private static List<List<Object>> numberedOn(int first, List<Object> halved) {
    List<List<Object>> rows = new ArrayList<>();
    for (Object whole : halved) {
      rows.add(List.of(first + rows.size(), whole));
      rows.add(List.of(first + rows.size(), whole));
    }
    return rows;
  }

  private static List<Object> littleEndian(String hex) {
    ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex)).order(ByteOrder.LITTLE_ENDIAN);
    long[] numbers = new long[bytes.remaining() / 8];
    bytes.asLongBuffer().get(numbers);
    return Arrays.stream(numbers).<Object>mapToObj(n -> n).toList();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().withUpperCase().formatHex(bytes);
  }
}
