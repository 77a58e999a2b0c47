package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Drivers killed by the operating system half-way, and those who come after them. */
class KillTest {
  @Test
  void aRunKilledBetweenChunksIsContinuedToTheSameMap() throws Exception {
    Path workspace = SmallTown.newFolder("killed");
    List<String> arguments =
        new ArrayList<>(SmallTown.arguments(SmallTown.photos(), workspace, "local[2]"));
    arguments.addAll(List.of("--set", "reconstruct.chunks-at-once=1"));
    try (ChildDriver driver = ChildDriver.start(arguments)) {
      driver.until(() -> !storedChunks(workspace).isEmpty()).kill();
    }
    List<Path> survived = storedChunks(workspace);
    assertThat(workspace.resolve("map")).doesNotExist();
    assertThat(workspace.resolve("stages/reconstruct/_current")).doesNotExist();
    assertThat(workspace.resolve("_lease.json")).exists();

    CommandLineRun next = SmallTown.run(SmallTown.photos(), workspace);

    assertThat(next.exitCode()).as(next.err()).isZero();
    assertThat(workspace.resolve("_lease.json")).doesNotExist();
    try (MapSql resumed = MapSql.of(workspace);
        MapSql undisturbed = MapSql.of(SmallTown.published())) {
      assertThat(resumed.number("select count(*) from {reconstruct/outcomes} where resumed"))
          .isEqualTo(survived.size());
      assertThat(survived).allSatisfy(chunk -> assertThat(chunk).exists());
      assertThat(resumed.cameras()).isEqualTo(undisturbed.cameras());
      assertThat(resumed.points()).isEqualTo(undisturbed.points());
    }
    assertThat(attempts(workspace)).isEmpty();
  }

  @Tag("slow")
  @Test
  void aRunKilledInTheMergeLeavesTheOldMapWholeUntilTheNextRun() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Path manifest = workspace.resolve("map/_manifest.json");
    String before = Files.readString(manifest);
    List<String> arguments =
        new ArrayList<>(SmallTown.arguments(SmallTown.photos(), workspace, "local[2]"));
    arguments.addAll(List.of("--set", "map.tile-points=1000"));
    try (ChildDriver driver = ChildDriver.start(arguments)) {
      driver.until(() -> attempts(workspace).stream().anyMatch(p -> p.endsWith("map"))).kill();
    }
    assertThat(workspace.resolve("map/_SUCCESS")).exists();
    assertThat(Files.readString(manifest)).isEqualTo(before);

    CommandLineRun next =
        SmallTown.run(SmallTown.photos(), workspace, "--set", "map.tile-points=1000");

    assertThat(next.exitCode()).as(next.err()).isZero();
    assertThat(next.errLines().subList(0, 5)).allMatch(line -> line.contains("as before"));
    try (MapSql resumed = MapSql.of(workspace);
        MapSql undisturbed = MapSql.of(SmallTown.published())) {
      assertThat(resumed.cameras()).isEqualTo(undisturbed.cameras());
      String cloud = "select * exclude (tile, level) from {points} order by all";
      assertThat(resumed.rows(cloud)).isEqualTo(undisturbed.rows(cloud));
      assertThat(resumed.number("select count(*) from {tiles}"))
          .isGreaterThan(undisturbed.number("select count(*) from {tiles}"));
    }
    assertThat(attempts(workspace)).isEmpty();
  }

  /** Published chunks: folders of the store that are no attempts. */
  private static List<Path> storedChunks(Path workspace) throws IOException {
    return entries(workspace.resolve("store")).stream()
        .filter(path -> !path.getFileName().toString().startsWith("_"))
        .toList();
  }

  /** Folders in which something unfinished lies, of stages and of chunks. */
  private static List<Path> attempts(Path workspace) throws IOException {
    List<Path> attempts = new ArrayList<>();
    for (Path run : entries(workspace.resolve("_attempts"))) {
      for (Path attempt : entries(run)) {
        attempts.add(attempt);
        attempts.addAll(entries(attempt));
      }
    }
    entries(workspace.resolve("store")).stream()
        .filter(path -> path.getFileName().toString().startsWith("_"))
        .forEach(attempts::add);
    return attempts;
  }

  private static List<Path> entries(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }
}
