package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.jobs.workspace.Lease;
import dev.tessera.reconstruct.SfmSpec;
import dev.tessera.sfm.StructureFromMotion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines that cannot be carried out: one line, an exit code, nothing published. */
class UsageTest {
  private static final String SFM = "{\"run.engine\": \"sfm\"}";

  @TempDir Path temp;

  private Path photos;
  private Path workspace;

  @BeforeEach
  void aFolderWithAPhoto() throws IOException {
    photos = Files.createDirectory(temp.resolve("photos"));
    Files.writeString(photos.resolve("a.jpg"), "not a photo, but its name says so");
    workspace = temp.resolve("workspace");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "run",
        "ingest",
        "partition",
        "reconstruct",
        "align",
        "repair",
        "merge",
        "localize",
        "evaluate",
        "synthesize"
      })
  void helpOfEveryCommandGoesToStandardOutput(String command) {
    CommandLineRun help =
        command.isEmpty() ? CommandLineRun.of("--help") : CommandLineRun.of(command, "--help");

    assertThat(help.exitCode()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out()).contains("Usage: tessera " + command);
  }

  @Test
  void noCommandAtAllShowsTheUsage() {
    CommandLineRun run = CommandLineRun.of();

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("Usage: tessera");
  }

  @Test
  void theVersionIsOneLine() {
    CommandLineRun run = CommandLineRun.of("--version");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).matches("Tessera [0-9.]+(-SNAPSHOT)?\\R");
  }

  @Test
  void anUnknownOptionIsNamed() {
    refused(ExitCodes.USAGE, "Unknown option: '--hallo=3'", "--hallo=3");
  }

  @Test
  void anUnknownCommandIsNamed() {
    CommandLineRun run = CommandLineRun.of("rnu");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines()).singleElement().asString().contains("rnu");
  }

  @Test
  void anOptionThatIsMissingIsNamed() {
    CommandLineRun run = CommandLineRun.of("run", "--photos", photos.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines()).singleElement().asString().contains("--workspace");
  }

  @Test
  void aPhotoFolderThatIsNotThereIsRefused() {
    photos = temp.resolve("nowhere");

    refused(ExitCodes.USAGE, "no such folder");
  }

  @Test
  void aPhotoFolderThatIsAFileIsRefused() {
    photos = photos.resolve("a.jpg");

    refused(ExitCodes.USAGE, "it is not a folder");
  }

  @Test
  void anEmptyPhotoFolderIsRefused() throws IOException {
    photos = Files.createDirectory(temp.resolve("empty"));

    refused(ExitCodes.USAGE, "no photo in it (.jpg, .jpeg, .png, .tif, .tiff)");
  }

  @Test
  void aFolderWithoutPhotosIsRefused() throws IOException {
    photos = Files.createDirectories(temp.resolve("texts/below")).getParent();
    Files.writeString(photos.resolve("below/readme.txt"), "no photo");

    refused(ExitCodes.USAGE, "no photo in it");
  }

  @Test
  void theProcessEndsWithTheExitCodeAndTheOneLine() throws Exception {
    Path empty = Files.createDirectory(temp.resolve("empty"));
    try (ChildDriver driver =
        ChildDriver.start(SmallTown.arguments(empty, workspace, "local[1]"))) {
      CommandLineRun run = driver.finished();

      assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
      assertThat(run.out()).isEmpty();
      assertThat(run.errLines())
          .containsExactly(
              "tessera: Cannot ingest "
                  + empty
                  + ": no photo in it (.jpg, .jpeg, .png, .tif, .tiff)");
    }
  }

  @Test
  void aFolderOfUnreadablePhotosIsRefusedWithTheReasons() throws IOException {
    Files.createFile(photos.resolve("b.jpg"));

    CommandLineRun run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines().get(run.errLines().size() - 1))
        .startsWith("tessera: Cannot ingest")
        .contains("none of 2 photos can be read", "empty_file=1", "not_an_image=1");
    assertThat(workspace.resolve("map")).doesNotExist();
    assertThat(workspace.resolve("stages/ingest")).doesNotExist();
    assertThat(workspace.resolve("_lease.json")).doesNotExist();
  }

  @Test
  void aWorkspaceThatCannotBeWrittenIsRefused() throws IOException {
    workspace = Files.createFile(temp.resolve("file")).resolve("workspace");

    refused(ExitCodes.USAGE, "Cannot write workspace '" + workspace);
  }

  @Test
  void aWorkspaceOnAnUnknownFileSystemIsRefused() {
    CommandLineRun run =
        CommandLineRun.of("run", "--photos", photos.toString(), "--workspace", "nofs://host/w");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines()).singleElement().asString().contains("nofs");
  }

  @Test
  void emptyPlacesAreRefused() {
    for (String empty : List.of("--photos=", "--workspace=")) {
      CommandLineRun run =
          CommandLineRun.of(
              "run",
              empty.startsWith("--photos") ? empty : "--photos=" + photos,
              empty.startsWith("--workspace") ? empty : "--workspace=" + workspace);

      assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
      assertThat(run.errLines()).singleElement().asString().contains("''");
    }
  }

  @Test
  void photosThatDoNotHangTogetherFailWithTheReasonAndPublishNothing() throws IOException {
    Files.copy(SmallTown.photos().resolve(SmallTown.names().get(0)), photos.resolve("only.jpg"));

    CommandLineRun run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(run.errLines().get(run.errLines().size() - 1))
        .startsWith("tessera: Cannot make a map: 1 of 1 chunks failed")
        .contains("too_few_views");
    assertThat(workspace.resolve("map")).doesNotExist();
  }

  @Test
  void anUnknownEngineIsRefusedWithTheKnownOnes() {
    refused(ExitCodes.USAGE, "Cannot use engine 'magic': the engines are sfm", "--engine", "magic");
  }

  @ParameterizedTest
  @CsvSource({
    "merge.voxel_m=3, the nearest is merge.voxel-m",
    "partition.max-view-per-chunk=9, the nearest is partition.max-views-per-chunk",
    "nonsense, write it as key=value",
    "=3, write it as key=value",
    "merge..voxel-m=3, Cannot set 'merge..voxel-m'",
    "sfm=3, no such key",
    "sfm.max-features=many, sfm.max-features=many: a number is needed",
    "sfm.max-features=99.5, sfm.max-features=99.5: a whole number is needed",
    "partition.max-views-per-chunk=3, partition.max-views-per-chunk=3: at least 8 is needed",
    "partition.halo-share=2, partition.halo-share=2: at most 0.5 is possible",
    "lease.expires-s=0, lease.expires-s=0: at least 6 is needed",
    "merge.voxel-m=fine, merge.voxel-m=fine: a number is needed",
    "merge.scale-prior=loose, 'merge.scale-prior=loose: one of free, soft, fixed is needed'",
    "align.memory=on, 'align.memory=on: one of open, always, never is needed'",
    "merge.gps-bias=on, 'merge.gps-bias=on: one of off, sequence is needed'",
    "merge.voxel-m=-1, merge.voxel-m=-1: at least",
    "partition.cell-m=wide, partition.cell-m=wide: a number is needed",
  })
  void aSettingThatCannotBeIsRefused(String assignment, String message) {
    refused(ExitCodes.USAGE, message, "--set", assignment);
  }

  @Test
  void aSettingsFileThatIsNotThereIsRefused() {
    refused(ExitCodes.USAGE, "nowhere.conf: no such file", "--config", "nowhere.conf");
  }

  @Test
  void aSettingsFileThatIsNotHoconIsRefused() throws IOException {
    Path file = Files.writeString(temp.resolve("bad.conf"), "merge { voxel-m = ");

    refused(ExitCodes.USAGE, "Cannot read settings " + file, "--config", file.toString());
  }

  @Test
  void anUnknownKeyInASettingsFileIsRefused() throws IOException {
    Path file = Files.writeString(temp.resolve("slip.conf"), "merge { voxels-m = 1 }");

    refused(
        ExitCodes.USAGE, "no such key; the nearest is merge.voxel-m", "--config", file.toString());
  }

  @Test
  void aWorkspaceThatAnotherDriverHoldsIsRefused() throws IOException {
    Files.createDirectory(workspace);
    Configuration conf = new Configuration();
    org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path(workspace.toUri());
    try (FileSystem fs = FileSystem.newInstance(root.toUri(), conf);
        Lease lease = Lease.acquire(fs, root, "other-run", Duration.ofMinutes(5))) {
      lease.check();

      refused(ExitCodes.HELD, "run other-run on");

      lease.check();
    }
  }

  @Test
  void resultsOfDifferentRunsAreNotMixed() throws Exception {
    Path copy = SmallTown.copyOfPublished();
    assertThat(
            CommandLineRun.of(
                    "partition",
                    "--workspace",
                    copy.toString(),
                    "--master",
                    "local[1]",
                    "--max-views-per-chunk",
                    "20")
                .exitCode())
        .isZero();

    CommandLineRun run =
        CommandLineRun.of("merge", "--workspace", copy.toString(), "--master", "local[1]");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines())
        .singleElement()
        .asString()
        .contains("Cannot merge: partition is newer than reconstruct; run reconstruct first");
  }

  @Test
  void aStageBeforeItsInputIsRefused() {
    CommandLineRun run =
        CommandLineRun.of("merge", "--workspace", workspace.toString(), "--master", "local[1]");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines())
        .singleElement()
        .asString()
        .contains("Cannot go on", "stage ingest has not run; run it first");
  }

  @Test
  void thereIsNothingToEvaluateWithoutAMap() throws IOException {
    Path truth = truth("image,qw,qx,qy,qz,Cx,Cy,Cz\na.jpg,1,0,0,0,0,0,0\n");

    evaluationRefused("it has no map; run it first", truth);
  }

  @Test
  void photosAreNotLocalizedInAWorkspaceWithoutAMap() {
    localizationRefused("Cannot localize in " + workspace + ": it has no map; make one first");
    assertThat(workspace).doesNotExist();
  }

  @Test
  void photosAreNotLocalizedInAMapThatKeepsNoMemory() throws IOException {
    mapOf(SFM);

    localizationRefused(
        "Cannot localize in "
            + workspace
            + ": its map keeps no memory; engine sfm makes none, or did not then: run again");
  }

  @Test
  void photosAreNotLocalizedInAMapWhoseMemoryWasLeftOut() throws IOException {
    mapOf(
        """
        {"run.engine": "sfm", "map.memory": "false"}\
        """);

    localizationRefused(
        "Cannot localize in "
            + workspace
            + ": its map was made with map.memory=false; merge again without");
  }

  @Test
  void photosToBeLocalizedMustBeThere() throws IOException {
    mapOf(SFM);
    rememberSomething();
    photos = Files.createDirectory(temp.resolve("empty"));

    localizationRefused(
        "Cannot localize " + photos + ": no photo in it (.jpg, .jpeg, .png, .tif, .tiff)");
    photos = temp.resolve("nowhere");
    localizationRefused("Cannot localize " + photos + ": no such folder");
  }

  @Test
  void aTableCannotBeWrittenWhereThereIsNoFolder() throws IOException {
    mapOf(SFM);
    rememberSomething();
    Path csv = temp.resolve("nowhere/poses.csv");

    localizationRefused(
        "Cannot write " + csv + ": name a file in a folder that can be written",
        "--out",
        csv.toString());
  }

  @Test
  void aMapOfAnotherEngineIsNotAsked() throws IOException {
    mapOf(SFM);
    rememberSomething();

    localizationRefused(
        "Cannot localize in "
            + workspace
            + ": its map was made by another engine or model: perfect-1 maxSide=1, now "
            + new SfmSpec(StructureFromMotion.Config.defaults()).fingerprint());
  }

  @Test
  void limitsOfLocalizingAreChecked() throws IOException {
    mapOf(SFM);
    rememberSomething();

    localizationRefused(
        "Cannot use setting localize.max-chunks=0: at least 1 is needed",
        "--set",
        "localize.max-chunks=0");
  }

  /** All that is looked at of a map before Spark is started. */
  private void mapOf(String settings) throws IOException {
    Path map = Files.createDirectories(workspace.resolve("map"));
    Files.writeString(
        map.resolve("_manifest.json"),
        """
        {"key": "k", "runId": "r", "engine": "perfect-1 maxSide=1", "settings": %s}
        """
            .formatted(settings));
    Files.createFile(map.resolve("_SUCCESS"));
  }

  private void rememberSomething() throws IOException {
    Files.createFile(
        Files.createDirectory(workspace.resolve("map/memory")).resolve("part-0.parquet"));
  }

  /** Refused in one line before Spark is started. */
  private void localizationRefused(String message, String... further) {
    int started = StartedSessions.count();

    CommandLineRun run =
        CommandLineRun.of(
            List.of(
                "localize",
                "--workspace",
                workspace.toString(),
                "--photos",
                photos.toString(),
                "--set",
                StartedSessions.SETTING),
            further);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.errLines()).containsExactly("tessera: " + message);
    assertThat(StartedSessions.count()).isEqualTo(started);
  }

  @Test
  void truthThatIsNotThereIsRefused() {
    evaluationRefused("Cannot read truth", temp.resolve("nowhere.csv"));
  }

  @Test
  void truthWithoutAColumnIsRefused() throws IOException {
    evaluationRefused("qz", truth("image,qw,qx,qy,Cx,Cy,Cz\na.jpg,1,0,0,0,0,0\n"));
  }

  @Test
  void aTownIsNotRenderedOverOtherPhotos() {
    CommandLineRun run = CommandLineRun.of("synthesize", "--out", photos.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines()).singleElement().asString().contains("the folder is not empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-3", "many", "200000"})
  void aTownOfNoPhotosIsNotRendered(String count) {
    Path out = temp.resolve("town");

    CommandLineRun run =
        CommandLineRun.of("synthesize", "--out", out.toString(), "--photos", count);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines()).singleElement().asString().contains(count);
    assertThat(out).doesNotExist();
  }

  private Path truth(String csv) throws IOException {
    return Files.writeString(temp.resolve("truth.csv"), csv);
  }

  private CommandLineRun run(String... further) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "run",
                "--photos",
                photos.toString(),
                "--workspace",
                workspace.toString(),
                "--master",
                "local[1]",
                "--set",
                StartedSessions.SETTING));
    return CommandLineRun.of(args, further);
  }

  /** Refused in one line before Spark is started. */
  private void refused(int exitCode, String message, String... further) {
    int started = StartedSessions.count();

    CommandLineRun run = run(further);

    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
    assertThat(run.errLines()).singleElement().asString().startsWith("tessera: ").contains(message);
    assertThat(StartedSessions.count()).isEqualTo(started);
    assertThat(Files.exists(workspace.resolve("map"))).isFalse();
    assertThat(Files.exists(workspace.resolve("stages"))).isFalse();
  }

  private void evaluationRefused(String message, Path truth) {
    CommandLineRun run =
        CommandLineRun.of(
            "evaluate", "--workspace", workspace.toString(), "--truth", truth.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.errLines()).singleElement().asString().contains(message);
  }
}
