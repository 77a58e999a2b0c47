package dev.tessera.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MergeBenchCommandTest {
  @Test
  void numbersOfACityComeAsOneJsonObject() throws IOException {
    StringWriter out = new StringWriter();
    CommandLine command = new CommandLine(new MergeBenchCommand()).setOut(new PrintWriter(out));

    int exit = command.execute("--chunks", "36", "--bad-edges", "0.05", "--seed", "4", "--json");

    assertThat(exit).isZero();
    JsonNode numbers = new ObjectMapper().readTree(out.toString());
    assertThat(numbers.fieldNames())
        .toIterable()
        .contains(
            "rmse_m",
            "median_m",
            "placed",
            "quarantined",
            "components",
            "seconds",
            "peak_mb",
            "edges_rejected",
            "false_rejections");
    assertThat(numbers.get("placed").asInt() + numbers.get("quarantined").asInt()).isEqualTo(36);
    assertThat(numbers.get("rmse_m").asDouble()).isBetween(0.1, 5.0);
    assertThat(numbers.get("peak_mb").asInt()).isPositive();
  }
}
