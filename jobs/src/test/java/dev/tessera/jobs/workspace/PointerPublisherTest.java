package dev.tessera.jobs.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.ScenePoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publication on a store that cannot rename folders: the test's one refuses to. */
class PointerPublisherTest {
  @TempDir Path temp;

  private final Configuration conf = ObjectFiles.configuration();
  private Workspace workspace;
  private ChunkStore store;

  @BeforeEach
  void aWorkspace() {
    workspace = Workspace.open(ObjectFiles.URI_PREFIX + temp, conf);
    store = new ChunkStore(workspace.store(), conf);
  }

  @Test
  void aStageIsThereOnceItsPointerIs() throws IOException {
    var attempt = workspace.newAttempt("r1", "ingest");
    workspace.writeText(new org.apache.hadoop.fs.Path(attempt, "rows"), "1");
    assertThat(workspace.published(Stage.INGEST, "k1")).isEmpty();

    workspace.publish(Stage.INGEST, attempt, manifest("k1"));

    assertThat(workspace.required(Stage.INGEST)).isEqualTo(manifest("k1"));
    assertThat(workspace.folder(Stage.INGEST, "k1")).isEqualTo(attempt);
    assertThat(temp.resolve("stages/ingest/k1-published.json"))
        .hasContent("{\"folder\":\"runs/r1/ingest\"}");
  }

  @Test
  void aMapIsReplacedByOneObjectAndReadersOfTheOldOneFinish() throws IOException {
    publishMap("first");
    Path first = local(workspace.map());

    publishMap("second");

    assertThat(local(workspace.map()).resolve("_SUCCESS")).hasContent("second");
    assertThat(first.resolve("_SUCCESS")).hasContent("first");
    assertThat(Workspace.map(ObjectFiles.URI_PREFIX + temp, conf)).isEqualTo(workspace.map());

    workspace.clearAttempts("second"); // as this run does at its end
    assertThat(first).exists();

    workspace.clearAttempts(); // as the next run does
    assertThat(first).doesNotExist();
    assertThat(local(workspace.map()).resolve("_SUCCESS")).hasContent("second");
  }

  @Test
  void whatWasNotPublishedGoesWithTheNextRunAndWhatWasStays() throws IOException {
    var published = workspace.newAttempt("r1", "ingest");
    workspace.publish(Stage.INGEST, published, manifest("k1"));
    workspace.writeText(new org.apache.hadoop.fs.Path(workspace.root(), "origin.json"), "{}");
    Path killed = local(workspace.newAttempt("r2", "ingest"));
    Path killedChunk = Files.createDirectories(attempt("k9", 1));
    store.publish("k2", scene(4));

    workspace.clearAttempts();

    assertThat(killed).doesNotExist();
    assertThat(killedChunk).doesNotExist();
    assertThat(workspace.required(Stage.INGEST)).isEqualTo(manifest("k1"));
    assertThat(store.read("k2", new ChunkId(0)).points().count()).isEqualTo(4);
  }

  @Test
  void summariesOfRunsBesideTheirAttemptsStay() throws IOException {
    workspace.writeText(new org.apache.hadoop.fs.Path(workspace.root(), "runs/r1.json"), "{}");
    Path killed = local(workspace.newAttempt("r2", "ingest"));

    workspace.clearAttempts();

    assertThat(temp.resolve("runs/r1.json")).hasContent("{}");
    assertThat(killed).doesNotExist();
  }

  @Test
  void anAttemptThatWasSlowerThanAnotherGoes() throws IOException {
    store.publish("k1", scene(4));
    Path slower = Files.createDirectories(attempt("k1", 2));

    workspace.clearAttempts();

    assertThat(slower).doesNotExist();
    assertThat(store.read("k1", new ChunkId(0)).points().count()).isEqualTo(4);
  }

  @Test
  void aChunkThatIsThereStaysAndTheLaterAttemptGoes() throws IOException {
    store.publish("k1", scene(4));
    store.publish("k1", scene(9));

    assertThat(store.read("k1", new ChunkId(0)).points().count()).isEqualTo(4);
    assertThat(entries(temp.resolve("store"))).hasSize(2);
  }

  @Test
  void aRemovedChunkLeavesNothing() throws IOException {
    store.publish("k1", scene(4));

    store.remove("k1");

    assertThat(store.contains("k1")).isFalse();
    assertThat(entries(temp.resolve("store"))).isEmpty();
  }

  @Test
  void tasksThatPublishOneChunkTogetherLeaveOneWholeOne() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        tasks.add(
            pool.submit(
                () -> {
                  store.publish("k1", scene(5));
                  return null;
                }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    } finally {
      pool.shutdownNow();
    }
    workspace.clearAttempts();

    assertThat(store.read("k1", new ChunkId(0)).points().count()).isEqualTo(5);
    assertThat(entries(temp.resolve("store"))).hasSize(2);
  }

  /** A driver that took the workspace over removed it under the hands of a task it knows not of. */
  @Test
  void anAttemptThatLostFilesIsNotPublished() throws IOException {
    Path whole = Files.createDirectories(attempt("k1", 1));
    Files.writeString(whole.resolve("scene.json"), "{}");

    assertThatThrownBy(
            () ->
                dev.tessera.jobs.tables.SceneFiles.requireWhole(
                    conf, new org.apache.hadoop.fs.Path(ObjectFiles.URI_PREFIX + whole)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("it has only [scene.json]");
  }

  private Path attempt(String key, int number) {
    String uuid = "00000000-0000-0000-0000-%012d".formatted(number);
    return temp.resolve("store/" + Publisher.ATTEMPT + key + "-" + uuid);
  }

  private void publishMap(String run) throws IOException {
    var attempt = workspace.newAttempt(run, "map");
    workspace.writeText(new org.apache.hadoop.fs.Path(attempt, "_SUCCESS"), run);
    workspace.publishMap(attempt);
  }

  private static Path local(org.apache.hadoop.fs.Path path) {
    return Path.of(path.toUri().getPath());
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  /** A scene of so many points that nobody saw. */
  private static ChunkScene scene(int points) {
    ScenePoints cloud =
        new ScenePoints(
            new float[3 * points],
            new byte[3 * points],
            new float[points],
            new int[points + 1],
            new int[0],
            new float[0]);
    return new ChunkScene(
        new ChunkId(0), List.of(), cloud, List.of(), ResidualHistogram.empty(), SceneMemory.NONE);
  }

  private static StageManifest manifest(String key) {
    return new StageManifest(
        "ingest", key, "input", "r1", "2026-01-02T03:04:05Z", 1.5, Map.of("rows", 1));
  }
}
