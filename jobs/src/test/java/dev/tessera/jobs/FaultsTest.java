package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.jobs.FaultyEngine.Trouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What may go wrong with one driver and its threads, as docs/faults.md lists it. */
@Tag("slow")
class FaultsTest {
  private static final String THREADS = "local[2]";

  @Test
  void aChunkThatHangsIsGivenUpAndTheRestGoesOn() throws Exception {
    FaultyRun run =
        FaultyRun.of(
            Trouble.HANGS,
            THREADS,
            List.of("reconstruct.timeout-s=60", "reconstruct.chunks-at-once=1"));
    run.engine().note("enough");

    assertThat(run.onlyFailure().get(0)).isEqualTo("TIMEOUT");
    assertThat(run.onlyFailure().get(1).toString())
        .contains("more than 60 s; the engine did not stop and was abandoned");
  }

  @Test
  void aChunkThatTakesTooLongIsStopped() throws Exception {
    FaultyRun run = FaultyRun.of(Trouble.WAITS, THREADS, List.of("reconstruct.timeout-s=60"));

    assertThat(run.onlyFailure().get(0)).isEqualTo("TIMEOUT");
    assertThat(run.onlyFailure().get(1).toString()).endsWith("more than 60 s");
  }

  /** Those of every shuffle, once. */
  @Test
  void lostShuffleFilesAreMadeAgain() throws Exception {
    Path workspace = SmallTown.newFolder("lost-shuffles");
    LostShuffles.forget();

    CommandLineRun run =
        CommandLineRun.of(
            SmallTown.arguments(SmallTown.photos(), workspace, "local[1,4]"),
            "--set",
            "spark.conf.\"spark.shuffle.manager\"=" + LostShuffles.class.getName(),
            "--set",
            "spark.conf.\"spark.stage.maxConsecutiveAttempts\"=20");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(LostShuffles.lost()).isGreaterThan(10);
    FaultyRun.assertUndisturbed(workspace);
  }

  @Test
  void aFullDiskEndsTheRunInOneLineAndTheNextOneGoesOn() throws Exception {
    Path workspace = SmallTown.newFolder("full");
    for (String place : List.of("/store/_attempt-", "/map/points/")) {
      CommandLineRun full;
      try (ChildDriver driver = ChildDriver.start(arguments(workspace, FullDisk.settings(place)))) {
        full = driver.finished();
      }

      assertThat(full.exitCode()).as(full.err()).isEqualTo(ExitCodes.FAILED);
      assertThat(full.errLines().get(full.errLines().size() - 1))
          .startsWith("tessera: Cannot write: No space left on device;");
      assertThat(workspace.resolve("map")).doesNotExist();
    }
    CommandLineRun next = SmallTown.run(SmallTown.photos(), workspace);

    assertThat(next.exitCode()).as(next.err()).isZero();
    FaultyRun.assertUndisturbed(workspace);
  }

  /** A driver that is stopped for longer than its lease, and comes back when another is done. */
  @Test
  void aDriverThatWasReplacedPublishesNothing() throws Exception {
    Path workspace = SmallTown.newFolder("fenced");
    List<String> shortLease = List.of("lease.expires-s=6", "reconstruct.chunks-at-once=1");
    try (ChildDriver first = ChildDriver.start(arguments(workspace, shortLease))) {
      first.until(() -> hasChunks(workspace)).signal("STOP");
      CommandLineRun refused = second(workspace);
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(ExitCodes.HELD);
      Thread.sleep(7_000); // longer than the lease

      CommandLineRun second = second(workspace);
      String manifest = Files.readString(workspace.resolve("map/_manifest.json"));
      first.signal("CONT");
      CommandLineRun late = first.finished();

      assertThat(second.exitCode()).as(second.err()).isZero();
      assertThat(late.exitCode()).as(late.err()).isEqualTo(ExitCodes.LOST);
      assertThat(late.errLines().get(late.errLines().size() - 1))
          .startsWith("tessera: Cannot publish into ")
          .contains(": another run took the workspace over");
      assertThat(workspace.resolve("map/_manifest.json")).hasContent(manifest);
      FaultyRun.assertUndisturbed(workspace);
    }
  }

  private static CommandLineRun second(Path workspace) throws Exception {
    return SmallTown.run(SmallTown.photos(), workspace, "--set", "lease.expires-s=6");
  }

  private static boolean hasChunks(Path workspace) throws Exception {
    Path store = workspace.resolve("store");
    if (!Files.isDirectory(store)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(store)) {
      return entries.anyMatch(entry -> !entry.getFileName().toString().startsWith("_"));
    }
  }

  private static List<String> arguments(Path workspace, List<String> settings) throws Exception {
    List<String> arguments =
        new ArrayList<>(SmallTown.arguments(SmallTown.photos(), workspace, THREADS));
    settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return arguments;
  }
}
