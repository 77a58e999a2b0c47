package dev.tessera.jobs.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.jobs.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceTest {
  @TempDir Path temp;

  private Path folder;
  private Workspace workspace;

  @BeforeEach
  void aWorkspace() {
    folder = temp.resolve("new/workspace");
    workspace = Workspace.open(folder.toString(), new Configuration());
  }

  @Test
  void openingMakesTheFolderAndLeavesNothingInIt() {
    assertThat(folder).isEmptyDirectory();
    assertThat(Workspace.open(folder.toString(), new Configuration()).root())
        .isEqualTo(workspace.root());
  }

  @Test
  void aFolderThatCannotBeMadeIsRefused() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));

    assertThatThrownBy(() -> Workspace.open(file + "/below", new Configuration()))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("Cannot write workspace '" + file + "/below': ");
  }

  @Test
  void aStageIsThereOnceItsAttemptIsPublished() throws IOException {
    var attempt = workspace.newAttempt("r1", "ingest");
    workspace.writeText(new org.apache.hadoop.fs.Path(attempt, "rows"), "1");
    assertThat(workspace.published(Stage.INGEST, "k1")).isEmpty();
    assertThat(workspace.current(Stage.INGEST)).isEmpty();

    workspace.publish(Stage.INGEST, attempt, manifest("k1", 7));

    assertThat(workspace.required(Stage.INGEST)).isEqualTo(manifest("k1", 7));
    assertThat(workspace.published(Stage.INGEST, "k1")).contains(manifest("k1", 7));
    assertThat(folder.resolve("stages/ingest/k1/rows")).hasContent("1");
    assertThat(folder.resolve("_attempts/r1/ingest")).doesNotExist();
  }

  @Test
  void aStageThatHasNotRunIsNamed() {
    assertThatThrownBy(() -> workspace.required(Stage.ALIGN))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("stage align has not run; run it first");
  }

  @Test
  void resultsOfOtherSettingsStayAndCanBecomeCurrentAgain() throws IOException {
    publish("k1", 1);
    publish("k2", 2);
    assertThat(workspace.required(Stage.INGEST).key()).isEqualTo("k2");

    workspace.makeCurrent(Stage.INGEST, "k1");

    assertThat(workspace.required(Stage.INGEST)).isEqualTo(manifest("k1", 1));
  }

  @Test
  void aResultReplacesTheOneOfTheSameKey() throws IOException {
    publish("k1", 1);
    publish("k1", 2);

    assertThat(workspace.required(Stage.INGEST).count("rows")).isEqualTo(2);
  }

  @Test
  void anAttemptIsInvisibleAndGoesWithTheNextRun() throws IOException {
    publish("k1", 1);
    var attempt = workspace.newAttempt("killed", "ingest");
    workspace.writeText(new org.apache.hadoop.fs.Path(attempt, "rows"), "half");
    Files.createDirectories(folder.resolve("store/_attempt-abc-1"));
    Files.createDirectories(folder.resolve("store/abc"));

    assertThat(workspace.required(Stage.INGEST)).isEqualTo(manifest("k1", 1));
    workspace.clearAttempts();

    assertThat(folder.resolve("_attempts")).doesNotExist();
    assertThat(folder.resolve("store/_attempt-abc-1")).doesNotExist();
    assertThat(folder.resolve("store/abc")).exists();
  }

  @Test
  void anAttemptOfTheSameNameStartsEmpty() throws IOException {
    var first = workspace.newAttempt("r1", "map");
    workspace.writeText(new org.apache.hadoop.fs.Path(first, "rows"), "half");

    workspace.newAttempt("r1", "map");

    assertThat(folder.resolve("_attempts/r1/map")).isEmptyDirectory();
  }

  /** Killed after the folder was renamed, before the pointer was written. */
  @Test
  void aCrashBeforeTheResultIsCurrentLosesNothing() throws IOException {
    publish("k1", 1);
    var attempt = workspace.newAttempt("r2", "ingest");
    workspace.writeJson(
        new org.apache.hadoop.fs.Path(attempt, "_manifest.json"), manifest("k2", 2));
    Files.move(folder.resolve("_attempts/r2/ingest"), folder.resolve("stages/ingest/k2"));

    assertThat(workspace.required(Stage.INGEST).key()).isEqualTo("k1");
    assertThat(workspace.published(Stage.INGEST, "k2")).contains(manifest("k2", 2));
  }

  /** Killed while a result of the same key was being replaced: the pointer leads nowhere. */
  @Test
  void aPointerToAResultThatIsGoneCountsAsNone() throws IOException {
    publish("k1", 1);
    workspace.fs().delete(workspace.folder(Stage.INGEST, "k1"), true);

    assertThat(workspace.current(Stage.INGEST)).isEmpty();
  }

  @Test
  void aMapReplacesTheOneBefore() throws IOException {
    publishMap("first");
    publishMap("second");

    assertThat(folder.resolve("map/_SUCCESS")).hasContent("second");
    assertThat(folder.resolve("_attempts/replaced-map")).doesNotExist();
  }

  /** Killed between the two renames of a replacement. */
  @Test
  void aCrashWhileTheMapIsReplacedLeavesTheOldOneToTheNextRun() throws IOException {
    publishMap("first");
    Files.move(folder.resolve("map"), folder.resolve("_attempts/replaced-map"));

    workspace.clearAttempts();
    assertThat(folder.resolve("map/_SUCCESS")).hasContent("first");
    publishMap("second");

    assertThat(folder.resolve("map/_SUCCESS")).hasContent("second");
  }

  private void publish(String key, int rows) throws IOException {
    var attempt = workspace.newAttempt("run-of-" + key, "ingest");
    workspace.publish(Stage.INGEST, attempt, manifest(key, rows));
  }

  private void publishMap(String text) throws IOException {
    var attempt = workspace.newAttempt("r-" + text, "map");
    workspace.writeText(new org.apache.hadoop.fs.Path(attempt, "_SUCCESS"), text);
    workspace.publishMap(attempt);
  }

  private static StageManifest manifest(String key, int rows) {
    return new StageManifest(
        "ingest", key, "input", "r1", "2026-01-02T03:04:05Z", 1.5, Map.of("rows", rows));
  }
}
