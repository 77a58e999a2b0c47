package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.jobs.LocalCluster.Offer;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.SfmSpec;
import dev.tessera.sfm.StructureFromMotion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pipeline on executors that are processes of their own, with GPUs that are made up. */
class ClusterTest {
  private static final Pattern WORK = Pattern.compile("GpuLogEngine: (begins|ends) (\\S+) (\\d+)");
  private static final Pattern OPENED = Pattern.compile("Opened engine \\S+ on (GPU \\d+|the CPU)");

  private static LocalCluster cluster;

  @BeforeAll
  static void twoWorkersWithTwoGpusEach() throws Exception {
    Offer offer = Offer.cores(2).withGpus("0", "1");
    cluster = LocalCluster.start(offer, offer);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void aClusterMakesTheMapThatThreadsMake() throws Exception {
    Path workspace = SmallTown.newFolder("on-cluster");

    CommandLineRun run =
        CommandLineRun.of(
            SmallTown.arguments(SmallTown.photos(), workspace),
            cluster
                .arguments("spark.executor.cores=1", "spark.cores.max=2")
                .toArray(String[]::new));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(cluster.executorLogs()).hasSize(2);
    try (MapSql onCluster = MapSql.of(workspace);
        MapSql onThreads = MapSql.of(SmallTown.published())) {
      assertThat(onCluster.cameras()).isEqualTo(onThreads.cameras());
      assertThat(onCluster.points()).isEqualTo(onThreads.points());
    }
  }

  @Tag("slow")
  @Test
  void aTaskHoldsOneGpuThatNoOtherOfItsExecutorHolds() throws Exception {
    CommandLineRun run =
        reconstruct(
            "spark.executor.cores=2", "spark.cores.max=2", "spark.executor.resource.gpu.amount=2");

    assertThat(run.exitCode()).as(run.err()).isZero();
    Set<String> used = new TreeSet<>();
    for (String log : cluster.executorLogs()) {
      used.addAll(requireOneChunkAtATimeOnEachDevice(log));
      assertThat(all(OPENED, log)).as("a model per device").doesNotHaveDuplicates();
    }
    assertThat(used).containsExactly("gpu-0", "gpu-1");
  }

  @Test
  @Tag("slow")
  void executorsWithAGpuAreAskedForWhereTheOthersHaveNone() throws Exception {
    CommandLineRun run =
        reconstruct(
            "spark.executor.cores=1",
            "spark.dynamicAllocation.enabled=true",
            "spark.dynamicAllocation.shuffleTracking.enabled=true",
            "spark.dynamicAllocation.maxExecutors=2");

    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> logs = cluster.executorLogs();
    List<String> working = logs.stream().filter(log -> WORK.matcher(log).find()).toList();
    assertThat(working).isNotEmpty().hasSizeLessThan(logs.size());
    assertThat(working).allSatisfy(log -> assertThat(all(OPENED, log)).containsExactly("GPU 0"));
  }

  @Tag("slow")
  @Test
  void tenChunksLoadANetworkOncePerExecutor() throws Exception {
    SmallModel model = SmallModel.make(SmallTown.newFolder("model"), true);
    Path workspace = SmallTown.newFolder("networks");

    CommandLineRun run =
        reconstruct(
            photosForManyChunks(),
            workspace,
            Engines::of,
            List.of(
                "run.engine=vgg-t3",
                "network.weights=" + model.weights(),
                "network.model-config=" + model.config(),
                "network.size-px=" + SmallModel.WIDTH,
                "partition.max-views-per-chunk=8",
                "partition.halo-share=0.5"),
            "spark.executor.cores=2",
            "spark.executor.resource.gpu.amount=2");

    assertThat(run.exitCode()).as(run.err()).isZero();
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select count(*) from {reconstruct/outcomes}"))
          .isGreaterThanOrEqualTo(10);
    }
    assertThat(cluster.executorLogs())
        .hasSize(2)
        .allSatisfy(
            log -> {
              assertThat(all(Pattern.compile("Vggt: (Loaded)"), log)).hasSizeLessThan(2);
              assertThat(all(OPENED, log)).isSubsetOf("the CPU").hasSizeLessThan(2);
            })
        .anySatisfy(log -> assertThat(log).contains("Computing on the CPU: libtorch finds no GPU"));
  }

  /** The town's photos, and most of them again without headers. */
  private static Path photosForManyChunks() throws IOException {
    Path photos = SmallTown.somePhotos(SmallTown.PHOTOS);
    Path again = Files.createDirectories(photos.resolve("again"));
    for (String name : SmallTown.names().subList(0, 20)) {
      Path copy = again.resolve(Path.of(name).getFileName());
      SmallTown.stripExif(Files.copy(photos.resolve(name), copy));
    }
    return photos;
  }

  /** The stages up to reconstruct, on an engine that logs where it works. */
  private static CommandLineRun reconstruct(String... sparkSettings) throws IOException {
    EngineSpec engine = new GpuLogEngine(new SfmSpec(StructureFromMotion.Config.defaults()), 2);
    return reconstruct(
        SmallTown.photos(),
        SmallTown.newFolder("gpus"),
        settings -> engine,
        List.of("gpu.use=required", "partition.max-views-per-chunk=10", "sfm.max-features=800"),
        sparkSettings);
  }

  private static CommandLineRun reconstruct(
      Path photos,
      Path workspace,
      Function<Settings, EngineSpec> engine,
      List<String> overrides,
      String... sparkSettings)
      throws IOException {
    Pipeline.Request request =
        new Pipeline.Request(
            photos.toString(),
            workspace.toString(),
            cluster.master(),
            false,
            Set.of(),
            Set.of(Stage.INGEST, Stage.PARTITION, Stage.RECONSTRUCT));
    Settings settings =
        Stream.concat(overrides.stream(), cluster.settings(sparkSettings).stream())
            .reduce(Settings.defaults(), Settings::withOverride, (a, b) -> b);
    return CommandLineRun.captured(
        () -> {
          try {
            return Pipeline.execute(settings, request, engine);
          } catch (Exception e) {
            return Tessera.explained(e, new PrintWriter(System.err, true, StandardCharsets.UTF_8));
          }
        });
  }

  /** The devices on which an executor worked, each on one chunk after the other. */
  private static Set<String> requireOneChunkAtATimeOnEachDevice(String log) {
    Set<String> devices = new TreeSet<>();
    Set<String> busy = new HashSet<>();
    for (MatchResult line : WORK.matcher(log).results().toList()) {
      String device = line.group(2);
      devices.add(device);
      assertThat(line.group(1).equals("begins") ? busy.add(device) : busy.remove(device))
          .as("%s at a time in %s", device, log)
          .isTrue();
    }
    return devices;
  }

  private static List<String> all(Pattern pattern, String log) {
    return pattern.matcher(log).results().map(found -> found.group(1)).toList();
  }
}
