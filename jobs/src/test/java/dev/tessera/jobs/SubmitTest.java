package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The scripts that operators use, as processes. */
class SubmitTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final long PATIENCE_MINUTES = 15;

  @Test
  void aDryRunShowsTheLineOfSparkSubmit() throws Exception {
    CommandLineRun run =
        script(
            "submit",
            "--master",
            "yarn",
            "--deploy-mode",
            "cluster",
            "--gpu",
            "--conf",
            "spark.yarn.queue=maps",
            "--dry-run",
            "run",
            "--photos",
            "hdfs:///my photos",
            "--workspace",
            "hdfs:///ws");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith(
            "spark-submit --class dev.tessera.jobs.Tessera --name tessera-run --master yarn")
        .contains("--properties-file " + ROOT.resolve("conf/spark-gpu-cluster.properties"))
        .contains("--conf spark.yarn.queue=maps")
        .contains("--files " + ROOT.resolve("conf/gpu-cluster.conf"))
        .contains("/tessera-jobs.jar run --photos hdfs:///my\\ photos --workspace hdfs:///ws")
        .endsWith("--config gpu-cluster.conf \n");
  }

  /** The library is named by what was built; before that a line says so. */
  @Test
  void aNetworkOnCpusTakesItsLibraryAlong() throws Exception {
    Path classPath = ROOT.resolve("jobs/target/classpath.txt");
    for (String option : List.of("--weights=/w", "--engine=vgg-t3", "--set=run.engine=vggt")) {
      CommandLineRun run = script("submit", "--master", "yarn", "--dry-run", "run", option);

      if (Files.exists(classPath)) {
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("--jars \\S*pytorch-native-cpu\\S*\\.jar ");
      } else {
        assertOneLine(
            run,
            "submit: Cannot find the jar pytorch-native-cpu in %s: run scripts/build (see scripts/submit --help)"
                .formatted(classPath));
      }
    }
  }

  @Test
  void wrongUsageOfScriptsIsOneLine() throws Exception {
    assertOneLine(
        script("submit", "--dry-run", "run"),
        "submit: Cannot submit without --master (see scripts/submit --help)");
    assertOneLine(
        script("submit", "--master", "yarn"),
        "submit: Cannot submit nothing: name a command, such as run (see scripts/submit --help)");
    assertOneLine(
        script("submit", "--master", "yarn", "run"),
        "submit: Cannot submit to yarn: SPARK_HOME names no installation of Spark"
            + " (see scripts/submit --help)");
    assertOneLine(
        script("local-cluster", "start", "--cores", "none"),
        "local-cluster: Cannot start with --cores 'none': a whole number from 1 on is needed");
    assertOneLine(
        script("local-cluster", "restart"),
        "local-cluster: Cannot do 'restart': it is start, stop or status"
            + " (see scripts/local-cluster --help)");
  }

  private static void assertOneLine(CommandLineRun run, String line) {
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines()).containsExactly(line);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void propertiesFilesSetWhatSparkKnows() throws IOException {
    for (String name : List.of("spark-cluster.properties", "spark-gpu-cluster.properties")) {
      Properties properties = new Properties();
      try (var in = Files.newInputStream(ROOT.resolve("conf").resolve(name))) {
        properties.load(in);
      }
      assertThat(properties.stringPropertyNames())
          .isNotEmpty()
          .allMatch(key -> key.startsWith("spark."));
    }
    Stream.of("cluster.conf", "gpu-cluster.conf", "local-cluster.conf", "local.conf")
        .map(ROOT.resolve("conf")::resolve)
        .forEach(file -> SettingRanges.check(Settings.defaults().withFile(file)));
  }

  /** Needs {@code scripts/build} to have been run. */
  @Test
  @Tag("slow")
  void theJarRunsOnAnInstallationOfSparkWithoutTessera() throws Exception {
    Path work = SmallTown.newFolder("local-cluster");
    int port = 17200 + (int) (ProcessHandle.current().pid() % 1000);
    String master = "spark://127.0.0.1:" + port;
    List<String> onCluster = List.of("--work", work.toString());
    try {
      CommandLineRun start =
          script(
              "local-cluster",
              onCluster,
              "start",
              "--cores",
              "1",
              "--memory",
              "2g",
              "--port",
              "" + port);
      assertThat(start.exitCode()).as(start.err()).isZero();
      assertThat(script("local-cluster", onCluster, "status").out()).contains(master);
      assertThat(script("local-cluster", onCluster, "start").out())
          .isEqualTo("running already at %s\n".formatted(master));
      for (String mode : List.of("client", "cluster")) {
        Path workspace = SmallTown.newFolder(mode);
        CommandLineRun run = submit(master, mode, workspace);
        assertThat(run.exitCode()).as(run.err()).isZero();
        await(workspace.resolve("map/_SUCCESS"));
        try (MapSql submitted = MapSql.of(workspace);
            MapSql undisturbed = MapSql.of(SmallTown.published())) {
          assertThat(submitted.cameras()).isEqualTo(undisturbed.cameras());
        }
      }
    } finally {
      assertThat(script("local-cluster", onCluster, "stop").out()).isEqualTo("stopped\n");
    }
    assertThat(script("local-cluster", onCluster, "stop").out()).isEqualTo("not running\n");
    assertThat(script("local-cluster", onCluster, "status").exitCode()).isEqualTo(1);
  }

  private static CommandLineRun submit(String master, String mode, Path workspace)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of("--master", master, "--deploy-mode", mode));
    for (String conf :
        List.of(
            "spark.driver.memory=1g",
            "spark.driver.cores=1",
            "spark.executor.cores=1",
            "spark.executor.memory=1g",
            "spark.executor.memoryOverhead=4g")) {
      arguments.addAll(List.of("--conf", conf));
    }
    arguments.addAll(SmallTown.arguments(SmallTown.photos(), workspace));
    return script("submit", arguments.toArray(String[]::new));
  }

  private static void await(Path file) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(PATIENCE_MINUTES);
    while (!Files.exists(file)) {
      assertThat(System.nanoTime()).as("waited for " + file).isLessThan(deadline);
      Thread.sleep(100);
    }
  }

  /** The first argument, then those that go with all calls, then the others. */
  private static CommandLineRun script(String name, List<String> common, String... arguments)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(1, common);
    return script(name, all.toArray(String[]::new));
  }

  private static CommandLineRun script(String name, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ROOT.resolve("scripts").resolve(name).toString());
    command.addAll(List.of(arguments));
    Path folder = SmallTown.newFolder("script");
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().remove("SPARK_HOME");
    Process process = builder.start();
    assertThat(process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)).isTrue();
    return new CommandLineRun(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
