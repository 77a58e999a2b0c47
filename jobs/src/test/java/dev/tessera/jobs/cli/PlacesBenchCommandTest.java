package dev.tessera.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class PlacesBenchCommandTest {
  @Test
  void indexAndComparingAllFindTheChunkThatAPhotoShows() throws IOException {
    JsonNode numbers = run("--chunks", "40", "--landmarks", "200", "--photos", "3", "--json");

    assertThat(numbers.get("landmarks_per_chunk").asInt()).isEqualTo(200);
    assertThat(numbers.get("search_found").asText()).isEqualTo("3 of 3");
    assertThat(numbers.get("search_few_keys_found").asText()).isEqualTo("3 of 3");
    assertThat(numbers.get("compare_all_few_keys_found").asText()).isEqualTo("3 of 3");
    assertThat(numbers.get("search_ms_max").asDouble()).isPositive();
  }

  @Test
  void theBoundOnTheIndexIsThatOfTheSetting() throws IOException {
    JsonNode numbers = run("--chunks", "40", "--index-bytes", "144000", "--photos", "1", "--json");

    assertThat(numbers.get("landmarks_per_chunk").asInt()).isEqualTo(100);
  }

  private static JsonNode run(String... arguments) throws IOException {
    StringWriter out = new StringWriter();
    CommandLine command = new CommandLine(new PlacesBenchCommand()).setOut(new PrintWriter(out));
    assertThat(command.execute(arguments)).isZero();
    return new ObjectMapper().readTree(out.toString());
  }
}
