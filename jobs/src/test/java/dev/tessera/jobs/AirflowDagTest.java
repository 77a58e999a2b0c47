package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.jobs.workspace.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * The DAGs, parsed by Python with stand-ins for Airflow's classes, which refuse parameters that the
 * real ones do not have. Airflow itself is not needed, and not tested.
 */
class AirflowDagTest {
  private static final Path FOLDER = Path.of("../scripts/airflow").toAbsolutePath().normalize();

  @BeforeAll
  static void pythonIsThere() throws Exception {
    assumeTrue(isThere("python3"), "skipped: there is no python3 to parse the DAGs with");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tessera_dag.py", "tessera_k8s_dag.py"})
  void stagesFollowOneAnotherThenTheMapIsValidatedAndPublished(String file) throws Exception {
    JsonNode dag = parse(file);

    List<String> ids =
        StreamSupport.stream(dag.get("tasks").spliterator(), false)
            .map(t -> t.get("id").asText())
            .toList();
    List<String> wanted = new ArrayList<>(Stage.OF_A_RUN.stream().map(Stage::word).toList());
    wanted.addAll(List.of("validate", "publish"));
    assertThat(ids).isEqualTo(wanted);
    for (int i = 0; i < wanted.size(); i++) {
      List<String> next = i + 1 < wanted.size() ? List.of(wanted.get(i + 1)) : List.of();
      assertThat(texts(dag.get("tasks").get(i).get("downstream"))).isEqualTo(next);
    }
    assertThat(dag.get("max_active_runs").asInt()).isOne();
    assertThat(dag.get("retries").asInt()).isPositive();
  }

  /** Templates are filled in as Jinja would: names of parameters, the run's id. */
  @ParameterizedTest
  @ValueSource(strings = {"tessera_dag.py", "tessera_k8s_dag.py"})
  void everyTaskIsACommandLineThatIsUnderstood(String file) throws Exception {
    JsonNode dag = parse(file);
    String handedOn = null;
    for (JsonNode task : dag.get("tasks")) {
      List<String> arguments = new ArrayList<>();
      for (String template : texts(task.get("arguments"))) {
        arguments.add(rendered(template, dag.get("params")));
      }
      String jar = "/opt/tessera/tessera-jobs.jar"; // of spark-submit, up to here
      arguments = arguments.subList(arguments.indexOf(jar) + 1, arguments.size());
      String command =
          task.get("id").asText().equals("validate") ? "check" : task.get("id").asText();

      assertThat(arguments).doesNotContain("").noneMatch(a -> a.contains("{{"));
      CommandLine.ParseResult parsed =
          new CommandLine(Tessera.class).parseArgs(arguments.toArray(String[]::new));
      assertThat(parsed.subcommand().commandSpec().name()).isEqualTo(command);
      if (!task.get("result").isNull()) {
        assertThat(task.get("templated").asBoolean()).isTrue();
        handedOn = rendered(task.get("result").asText(), dag.get("params"));
      }
      if (command.equals("check")) {
        assertThat(arguments).contains("--workspace=s3a://bucket/workspace");
        assertThat(handedOn).isEqualTo("s3a://bucket/workspace/" + RunSummary.FILE);
      }
    }
    assertThat(handedOn).isEqualTo("s3a://bucket/releases/latest.json");
  }

  @ParameterizedTest
  @ValueSource(strings = "tessera_dag.py")
  void whatARetryCannotHelpFailsAtOnce(String file) throws Exception {
    for (JsonNode task : parse(file).get("tasks")) {
      JsonNode endings = task.get("endings");
      for (int code : List.of(ExitCodes.USAGE, ExitCodes.INVALID)) {
        assertThat(endings.get("" + code).asText()).isEqualTo("AirflowFailException");
      }
      for (int code : List.of(ExitCodes.FAILED, ExitCodes.HELD, ExitCodes.LOST)) {
        assertThat(endings.get("" + code).asText()).isEqualTo("AirflowException");
      }
    }
  }

  private static String rendered(String template, JsonNode params) {
    String text = template.replace("{{ run_id }}", "scheduled__2026-01-01T00:00:00+00:00");
    for (var names = params.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      text = text.replace("{{ params.%s }}".formatted(name), params.get(name).asText());
    }
    return text;
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static JsonNode parse(String file) throws Exception {
    Path parser = Path.of("src/test/resources/airflow/parse_dags.py").toAbsolutePath();
    Process python =
        new ProcessBuilder("python3", parser.toString(), FOLDER.toString(), file)
            .redirectErrorStream(true)
            .start();
    String out = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(python.waitFor()).as(out).isZero();
    return new ObjectMapper().readTree(out);
  }

  private static boolean isThere(String program) throws InterruptedException {
    try {
      Process version = new ProcessBuilder(program, "--version").redirectErrorStream(true).start();
      return version.waitFor(1, TimeUnit.MINUTES) && version.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
