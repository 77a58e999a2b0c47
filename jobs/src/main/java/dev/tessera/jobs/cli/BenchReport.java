package dev.tessera.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Option;

/** How a benchmark prints its numbers. */
final class BenchReport {
  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  void print(Map<String, Object> fields, PrintWriter out) throws JsonProcessingException {
    if (json) {
      ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
      out.println(mapper.writeValueAsString(fields));
    } else {
      int width = fields.keySet().stream().mapToInt(String::length).max().orElse(1);
      fields.forEach((name, value) -> out.printf("%-" + width + "s %s%n", name, value));
    }
    out.flush();
  }
}
