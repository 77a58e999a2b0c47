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

class PointsBenchCommandTest {
  @TempDir private Path scratch;

  @Test
  void numbersOfACloudComeAsOneJsonObject() throws Exception {
    StringWriter out = new StringWriter();
    CommandLine command = new CommandLine(new PointsBenchCommand()).setOut(new PrintWriter(out));

    int exit =
        command.execute(
            "--points", "16000", "--chunks", "4", "--json", "--scratch", scratch.toString());

    assertThat(exit).isZero();
    JsonNode numbers = new ObjectMapper().readTree(out.toString());
    assertThat(numbers.fieldNames())
        .toIterable()
        .containsExactly(
            "points",
            "rows",
            "chunks",
            "seconds",
            "points_per_second",
            "cpu_seconds",
            "shuffled_bytes_per_point",
            "peak_heap_mb",
            "spark_seconds",
            "spark_cpu_seconds",
            "spark_shuffled_bytes_per_row",
            "spark_peak_heap_mb",
            "ratio",
            "cpu_ratio",
            "peak_mb");
    // 4 chunks of 63 x 63 spots that overlap by a tenth: a cross of 6 x 120 is seen twice
    assertThat(numbers.get("points").asInt()).isEqualTo(4 * 63 * 63);
    assertThat(numbers.get("rows").asInt()).isBetween(13_500, 15_500);
    assertThat(numbers.get("shuffled_bytes_per_point").asDouble()).isBetween(15.0, 30.0);
    assertThat(numbers.get("spark_shuffled_bytes_per_row").asDouble()).isPositive();
    assertThat(numbers.get("peak_heap_mb").asInt()).isPositive();
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void chunksWithoutPointsAreRefused() {
    CommandLine command = new CommandLine(new PointsBenchCommand());
    StringWriter err = new StringWriter();
    command.setErr(new PrintWriter(err));

    int exit = command.execute("--points", "3", "--chunks", "4");

    assertThat(exit).isNotZero();
    assertThat(err.toString())
        .contains("Cannot make 3 points in 4 chunks: a chunk needs a point at least");
  }
}
