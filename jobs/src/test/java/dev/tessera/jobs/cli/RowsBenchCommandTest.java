package dev.tessera.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RowsBenchCommandTest {
  @TempDir private Path scratch;

  @Test
  void aSurveyGoesThroughAllStages() throws Exception {
    StringWriter out = new StringWriter();
    CommandLine command = new CommandLine(new RowsBenchCommand()).setOut(new PrintWriter(out));

    int exit =
        command.execute(
            "--photos",
            "400",
            "--photos-per-folder",
            "150",
            "--json",
            "--scratch",
            scratch.toString());

    assertThat(exit).isZero();
    JsonNode numbers = new ObjectMapper().readTree(out.toString());
    assertThat(numbers.fieldNames())
        .toIterable()
        .containsExactly(
            "photos",
            "views",
            "registered",
            "chunks",
            "edges",
            "components",
            "points",
            "gps_residual_median_m",
            "seconds",
            "peak_heap_mb",
            "stages",
            "peak_mb");
    assertThat(numbers.get("photos").asInt()).isEqualTo(400);
    assertThat(numbers.get("views").asInt()).isBetween(385, 400);
    assertThat(numbers.get("registered")).isEqualTo(numbers.get("views"));
    assertThat(numbers.get("components").asInt()).isEqualTo(1);
    assertThat(numbers.get("points").asInt()).isBetween(1300, 1600);
    assertThat(numbers.get("gps_residual_median_m").asDouble()).isBetween(1.5, 3.5);
    assertThat(numbers.get("stages").fieldNames())
        .toIterable()
        .containsExactly("ingest", "partition", "reconstruct", "align", "repair", "merge");
    for (JsonNode stage : numbers.get("stages")) {
      assertThat(stage.fieldNames())
          .toIterable()
          .containsExactly(
              "seconds",
              "cpu_seconds",
              "photos_per_second",
              "peak_heap_mb",
              "live_heap_mb",
              "shuffled_bytes_per_photo");
    }
    assertThat(scratch).isEmptyDirectory();
  }
}
