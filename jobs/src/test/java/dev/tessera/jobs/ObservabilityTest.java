package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.jobs.workspace.Stage;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.WriterAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.layout.JsonLayout;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an operator sees of a run: metrics while it runs, names in Spark, events, the summary. */
class ObservabilityTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EVENTS = "dev.tessera.events";

  private static Path workspace;
  private static StringWriter log;
  private static long chunks;

  /** Notes the names of all jobs, and looks at JMX and Prometheus when the map is being checked. */
  public static final class Onlooker extends SparkListener {
    private static final Set<String> JOBS = new TreeSet<>();
    private static final Map<String, Object> BEANS = new TreeMap<>();
    private static String prometheus;

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      Properties properties = job.properties();
      String description = properties.getProperty("spark.job.description", "");
      JOBS.add(properties.getProperty("spark.jobGroup.id") + " | " + description);
      if (prometheus == null && description.contains("check")) {
        try {
          readBeans();
          prometheus = page("/metrics/prometheus/");
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    }

    private static void readBeans() throws Exception {
      MBeanServer server = ManagementFactory.getPlatformMBeanServer();
      for (ObjectName name : server.queryNames(new ObjectName("metrics:*"), null)) {
        String full = name.getKeyProperty("name");
        int at = full.indexOf("TesseraPlugin.");
        if (at >= 0) {
          boolean gauge = name.getKeyProperty("type").equals("gauges");
          BEANS.put(
              full.substring(at + "TesseraPlugin.".length()),
              server.getAttribute(name, gauge ? "Value" : "Count"));
        }
      }
    }

    private static String page(String path) throws Exception {
      String ui = SparkSession.getDefaultSession().get().sparkContext().uiWebUrl().get();
      return HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(URI.create(ui + path)).build(), BodyHandlers.ofString())
          .body();
    }
  }

  @BeforeAll
  static void run() throws Exception {
    workspace = SmallTown.newFolder("observed");
    Settings settings = Settings.defaults();
    for (String set :
        List.of(
            "partition.max-views-per-chunk=16",
            "partition.min-shared-views=5",
            "spark.conf.spark.ui.enabled=true",
            "spark.conf.spark.ui.port=0",
            "spark.conf.spark.metrics.conf=../conf/metrics.properties",
            "spark.conf.spark.extraListeners=" + Onlooker.class.getName())) {
      settings = settings.withOverride(set);
    }
    WriterAppender appender = eventsAsJson();
    int exitCode =
        Pipeline.execute(
            settings,
            new Pipeline.Request(
                SmallTown.photos().toString(),
                workspace.toString(),
                "local[2]",
                false,
                Set.of(),
                Stage.OF_A_RUN,
                "nightly"),
            ignored -> new TruthSpec(1, SmallTown.SEED, SmallTown.cameras()));
    appender.stop();
    Configurator.setLevel(EVENTS, Level.ERROR);
    assertThat(exitCode).isZero();
    try (MapSql map = MapSql.of(workspace)) {
      chunks = map.number("select count(*) from {chunks}");
    }
  }

  private static WriterAppender eventsAsJson() {
    log = new StringWriter();
    LoggerContext context = (LoggerContext) LogManager.getContext(false);
    JsonLayout layout =
        JsonLayout.newBuilder()
            .setConfiguration(context.getConfiguration())
            .setCompact(true)
            .setEventEol(true)
            .setProperties(true)
            .build();
    WriterAppender appender =
        WriterAppender.newBuilder().setName("events").setLayout(layout).setTarget(log).build();
    appender.start();
    Configurator.setLevel(EVENTS, Level.INFO);
    context.getLogger(EVENTS).addAppender(appender);
    return appender;
  }

  /** Counters are of the JVM, which may have run others before. */
  @Test
  void metricsAreInJmxWhileTheRunGoesOn() {
    assertThat(Onlooker.BEANS)
        .containsKeys("photos.read", "chunk.duration", "chunks.failed", "stages.done")
        .hasEntrySatisfying(
            "chunks.reconstructed", n -> assertThat((long) n).isGreaterThanOrEqualTo(chunks))
        .hasEntrySatisfying("bytes.read", n -> assertThat((long) n).isPositive())
        .hasEntrySatisfying("chunk.peak-memory-bytes", n -> assertThat((long) n).isPositive())
        .hasEntrySatisfying(
            "memory.resident-bytes", n -> assertThat((long) n).isGreaterThan(1 << 20));
    assertThat((long) Onlooker.BEANS.get("photos.read")).isGreaterThanOrEqualTo(SmallTown.PHOTOS);
  }

  @Test
  void metricsAreOnThePageForPrometheus() {
    assertThat(Onlooker.prometheus)
        .containsPattern("TesseraPlugin_chunks_reconstructed_Count\\{[^}]*} [1-9]")
        .containsPattern("TesseraPlugin_photos_read_Count\\{[^}]*} [1-9]")
        .contains("TesseraPlugin_chunk_duration_99thPercentile");
  }

  @Test
  void jobsAreGroupedByRunAndStageAndSayWhatTheyDo() throws Exception {
    String run = summary().get("runId").asText();
    for (String stage : List.of("ingest", "partition", "reconstruct", "align", "merge")) {
      assertThat(Onlooker.JOBS)
          .anyMatch(
              job -> job.startsWith("tessera-%s-%s | Tessera %s".formatted(run, stage, stage)));
    }
    assertThat(Onlooker.JOBS).anyMatch(job -> job.contains("reconstruct: round 1"));
  }

  @Test
  void eventsAreLinesOfKeysAndValuesAndFieldsOfJson() throws Exception {
    List<JsonNode> events = new ArrayList<>();
    for (String line : log.toString().lines().toList()) {
      events.add(JSON.readTree(line));
    }

    assertThat(events.get(0).get("message").asText())
        .matches("event=run-start run=\\S+ name=nightly");
    assertThat(events)
        .filteredOn(e -> field(e, "event").equals("stage-end"))
        .hasSize(Stage.OF_A_RUN.size());
    assertThat(events)
        .filteredOn(e -> field(e, "event").equals("chunk-end"))
        .hasSize((int) chunks)
        .allSatisfy(
            e -> {
              assertThat(field(e, "result")).isEqualTo("ok");
              assertThat(field(e, "resumed")).isEqualTo("false");
              assertThat(Long.parseLong(field(e, "peak_bytes"))).isPositive();
              assertThat(Integer.parseInt(field(e, "views"))).isPositive();
            });
    JsonNode last = events.get(events.size() - 1);
    assertThat(last.get("message").asText()).startsWith("event=run-end").endsWith("exit=0");
  }

  private static String field(JsonNode event, String key) {
    return event.get("contextMap").get(key).asText();
  }

  @Test
  void theSummarySaysWhatTheRunDid() throws Exception {
    JsonNode summary = summary();

    assertThat(summary.get("runName").asText()).isEqualTo("nightly");
    assertThat(summary.get("exitCode").asInt()).isZero();
    assertThat(summary.get("error").isNull()).isTrue();
    assertThat(summary.get("stages").findValuesAsText("stage"))
        .containsExactlyElementsOf(Stage.OF_A_RUN.stream().map(Stage::word).toList());
    assertThat(summary.get("stages")).noneMatch(stage -> stage.get("resumed").asBoolean());
    assertThat(summary.get("counts").get("registered").asInt()).isEqualTo(SmallTown.PHOTOS);
    assertThat(summary.get("manifest").asText()).endsWith("/map/_manifest.json");
    assertThat(summary.get("failuresByReason").fieldNames())
        .toIterable()
        .contains("ingest", "reconstruct", "merge");
    assertThat(
            Files.readString(workspace.resolve("runs/" + summary.get("runId").asText() + ".json")))
        .isEqualTo(Files.readString(workspace.resolve(RunSummary.FILE)));
  }

  @Test
  void aRunThatFailsLeavesASummaryToo() throws Exception {
    Path failing = SmallTown.newFolder("failing");
    Path photos = SmallTown.newFolder("no photo");
    Files.writeString(photos.resolve("a.jpg"), "no photo");

    CommandLineRun run =
        CommandLineRun.of(
            "ingest", "--photos", photos.toString(), "--workspace", failing.toString());

    JsonNode summary = JSON.readTree(failing.resolve(RunSummary.FILE).toFile());
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(summary.get("exitCode").asInt()).isEqualTo(ExitCodes.USAGE);
    assertThat(summary.get("error").asText()).startsWith("Cannot ingest");
    assertThat(summary.get("stages")).isEmpty();
  }

  @Test
  void aRunThatIsRefusedLeavesTheSummaryOfTheOneThatHoldsTheWorkspace() throws Exception {
    Path held = SmallTown.copyOfPublished();
    String before = Files.readString(held.resolve(RunSummary.FILE));
    Files.writeString(
        held.resolve("_lease.json"),
        """
        {"runId":"other","host":"elsewhere","pid":1,"processStartedAt":0,"heartbeatAt":%d}"""
            .formatted(System.currentTimeMillis()));

    CommandLineRun run = CommandLineRun.of("merge", "--workspace", held.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCodes.HELD);
    assertThat(Files.readString(held.resolve(RunSummary.FILE))).isEqualTo(before);
    assertThat(held.resolve("runs").toFile().list()).hasSize(2);
  }

  @Test
  void passwordsInUrisAreNotRepeated() {
    assertThat(RunSummary.withoutCredentials("Cannot read s3a://key:secret@bucket/x now"))
        .isEqualTo("Cannot read s3a://***@bucket/x now");
  }

  private static JsonNode summary() throws Exception {
    return JSON.readTree(workspace.resolve(RunSummary.FILE).toFile());
  }
}
