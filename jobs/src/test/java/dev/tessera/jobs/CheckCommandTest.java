package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.jobs.workspace.ObjectFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** The commands that look at a map and release it. */
class CheckCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theCommandSaysItInALineEachAndByItsExitCode() throws Exception {
    Path good = SmallTown.published();
    Path workspace = SmallTown.copyOfPublished();
    Path map = workspace.resolve("map");
    Files.writeString(map.resolve("report.html"), "x", StandardOpenOption.APPEND);

    CommandLineRun bad = CommandLineRun.of("check", "--map", map.toString());
    CommandLineRun json = CommandLineRun.of("check", "--json", "--map", map + "/_manifest.json");
    CommandLineRun fine = CommandLineRun.of("check", "--workspace", good.toString());
    CommandLineRun none = CommandLineRun.of("check", "--map", map + "/nothing");

    assertThat(bad.exitCode()).isEqualTo(ExitCodes.INVALID);
    assertThat(bad.out().lines())
        .hasSize(2)
        .first()
        .asString()
        .startsWith("map size: 1, e.g. report.html: ");
    JsonNode report = JSON.readTree(json.out());
    assertThat(report.get("valid").asBoolean()).isFalse();
    assertThat(report.get("violations").get(0).get("rule").asText()).isEqualTo("size");
    assertThat(report.get("rows").get("cameras").asInt()).isEqualTo(SmallTown.PHOTOS);
    assertThat(fine.exitCode()).isZero();
    assertThat(fine.out()).contains("keeps all rules");
    assertThat(none.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(none.err()).startsWith("tessera: Cannot check").contains("no such folder");
  }

  /** There the map is in the folder of its run, and an object names it. */
  @Test
  void aMapOnAnObjectStoreIsFoundThroughItsWorkspace() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Files.createDirectories(workspace.resolve("runs/r1"));
    Files.move(workspace.resolve("map"), workspace.resolve("runs/r1/map"));
    Files.writeString(workspace.resolve("map-published.json"), "{\"folder\":\"runs/r1/map\"}");
    String client = "spark.conf.spark.hadoop.fs.objects.impl=" + ObjectFiles.class.getName();

    CommandLineRun run =
        CommandLineRun.of("check", "--workspace", "objects:" + workspace, "--set", client);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("/runs/r1/map keeps all rules");
  }

  @Test
  void aReleaseIsACopyThatStaysAndLatestNamesIt() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Path map = workspace.resolve("map");
    String[] publish = {"publish", "--workspace", workspace.toString(), "--run-name", "nightly"};

    CommandLineRun first = CommandLineRun.of(publish);
    assertThat(first.exitCode()).as(first.err()).isZero();
    JsonNode latest = JSON.readTree(workspace.resolve("releases/latest.json").toFile());
    Path release = workspace.resolve("releases").resolve(latest.get("release").asText());
    assertThat(first.out().strip()).isEqualTo(latest.get("manifest").asText());
    assertThat(Files.readString(release.resolve("_manifest.json")))
        .isEqualTo(Files.readString(map.resolve("_manifest.json")));
    assertThat(CommandLineRun.of("check", "--map", latest.get("manifest").asText()).exitCode())
        .isZero();

    Files.writeString(release.resolve("mark"), "stays");
    assertThat(CommandLineRun.of(publish).exitCode()).isZero();
    assertThat(release.resolve("mark")).exists();
  }

  @Test
  void aMapThatIsNotWhatItsManifestSaysIsNotReleased() throws Exception {
    Path workspace = SmallTown.copyOfPublished();
    Files.writeString(workspace.resolve("map/report.html"), "x", StandardOpenOption.APPEND);

    CommandLineRun run = CommandLineRun.of("publish", "--workspace", workspace.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCodes.INVALID);
    assertThat(run.err()).contains("Cannot publish", "report.html is not what the manifest says");
    assertThat(workspace.resolve("releases/latest.json")).doesNotExist();
    JsonNode summary = JSON.readTree(workspace.resolve(RunSummary.FILE).toFile());
    assertThat(summary.get("exitCode").asInt()).isEqualTo(ExitCodes.INVALID);
    assertThat(summary.get("error").asText()).contains("report.html");
  }
}
