package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;

/**
 * A standalone Spark cluster of this machine: a master and workers, each a JVM of its own, whose
 * executors are JVMs of their own, all with the class path of the tests. Everything of it can be
 * killed as the operating system kills.
 */
final class LocalCluster implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final String DAEMON_HEAP = "256m";
  private static final String SPARKS_OWN_LOG =
      "-Dlog4j2.configurationFile=org/apache/spark/log4j2-defaults.properties";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long LOOK_EVERY_MILLIS = 50;

  /**
   * What a worker offers.
   *
   * @param memoryMb for executors
   * @param gpus addresses that its discovery script prints; none offers no GPU
   */
  record Offer(int cores, int memoryMb, List<String> gpus) {
    static Offer cores(int cores) {
      return new Offer(cores, 1024 * cores, List.of());
    }

    Offer withGpus(String... addresses) {
      return new Offer(cores, memoryMb, List.of(addresses));
    }
  }

  private record Daemon(Process process, Path folder) {
    String log() throws IOException {
      return Files.readString(folder.resolve("log.txt"));
    }

    /** With all it started, and returns when it is gone. */
    void kill() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().onExit().join();
    }
  }

  private final Path folder;
  private final int port;
  private final Daemon master;
  private final List<Daemon> workers = new ArrayList<>();

  private LocalCluster() throws IOException {
    folder = SmallTown.newFolder("cluster");
    Files.createDirectories(folder.resolve("spark/jars")); // what an installation of Spark has
    port = freePort();
    List<String> arguments = List.of("--port", Integer.toString(port));
    master = start("master", LOOPBACK, Master.class, List.of(), arguments);
  }

  /** Starts a master and one worker per offer, and waits until all have found one another. */
  static LocalCluster start(Offer... offers) throws Exception {
    LocalCluster cluster = new LocalCluster();
    try {
      cluster.await(cluster.master, "New state: ALIVE");
      for (Offer offer : offers) {
        cluster.launchWorker(offer);
      }
      for (Daemon worker : cluster.workers) {
        cluster.await(worker, "Successfully registered with master");
      }
      return cluster;
    } catch (Exception | AssertionError e) {
      cluster.close();
      throw e;
    }
  }

  /** Adds a worker and waits until the master knows it. */
  void startWorker(Offer offer) throws Exception {
    await(launchWorker(offer), "Successfully registered with master");
  }

  private Daemon launchWorker(Offer offer) throws IOException {
    String name = "worker-" + workers.size();
    Path work = folder.resolve(name);
    List<String> flags = new ArrayList<>();
    if (!offer.gpus().isEmpty()) {
      flags.add("-Dspark.worker.resource.gpu.amount=" + offer.gpus().size());
      flags.add("-Dspark.worker.resource.gpu.discoveryScript=" + discoveryScript(name, offer));
    }
    List<String> arguments =
        List.of(
            "--port",
            "0",
            "--cores",
            Integer.toString(offer.cores()),
            "--memory",
            offer.memoryMb() + "m",
            "--work-dir",
            work.toString(),
            master());
    Daemon worker = start(name, hostOf(workers.size()), Worker.class, flags, arguments);
    workers.add(worker);
    return worker;
  }

  private Path discoveryScript(String worker, Offer offer) throws IOException {
    String addresses =
        offer.gpus().stream().map(gpu -> '"' + gpu + '"').collect(Collectors.joining(","));
    Path script = folder.resolve(worker + "-gpus");
    Files.writeString(
        script, "#!/bin/sh\necho '{\"name\":\"gpu\",\"addresses\":[" + addresses + "]}'\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  /** Each has a host of its own, for Spark: it never tries a task twice at once on one host. */
  private static String hostOf(int worker) {
    return "127.0.0." + (worker + 2);
  }

  private Daemon start(
      String name, String host, Class<?> daemon, List<String> flags, List<String> arguments)
      throws IOException {
    Path work = Files.createDirectories(folder.resolve(name));
    List<String> all = new ArrayList<>(List.of("--host", host, "--webui-port", "0"));
    all.addAll(arguments);
    List<String> allFlags = new ArrayList<>(flags);
    allFlags.add(SPARKS_OWN_LOG);
    allFlags.add("-Dspark.port.maxRetries=0");
    ProcessBuilder builder = ChildJava.of(DAEMON_HEAP, allFlags, daemon, all);
    builder.environment().put("SPARK_HOME", folder.resolve("spark").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.12");
    builder.environment().put("SPARK_LOCAL_IP", host);
    File log = work.resolve("log.txt").toFile();
    return new Daemon(builder.redirectErrorStream(true).redirectOutput(log).start(), work);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
      return socket.getLocalPort();
    }
  }

  private void await(Daemon daemon, String line) throws Exception {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!daemon.log().contains(line)) {
      assertThat(daemon.process().waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS))
          .as("it ended: %s", daemon.log())
          .isFalse();
      assertThat(Instant.now()).as(daemon.log()).isBefore(deadline);
    }
  }

  String master() {
    return "spark://" + LOOPBACK + ":" + port;
  }

  /** Arguments of a command that is to run here, with further settings of Spark. */
  List<String> arguments(String... sparkSettings) {
    List<String> arguments = new ArrayList<>(List.of("--master", master()));
    for (String setting : settings(sparkSettings)) {
      arguments.addAll(List.of("--set", setting));
    }
    return arguments;
  }

  /** Settings of Tessera for executors of this cluster, with further settings of Spark. */
  List<String> settings(String... sparkSettings) {
    return Stream.concat(
            Stream.of(
                "spark.executor.extraJavaOptions=" + SPARKS_OWN_LOG,
                "spark.executor.memory=1g",
                "spark.executor.memoryOverhead=2g"),
            Stream.of(sparkSettings))
        .map(setting -> "spark.conf.\"" + setting.replaceFirst("=", "\"="))
        .toList();
  }

  /** The executors of a worker that are alive now. */
  List<ProcessHandle> executors(int worker) {
    return workers.get(worker).process().descendants().toList();
  }

  /** What the executors of the last application have logged, executor by executor. */
  List<String> executorLogs() throws IOException {
    SortedMap<String, List<String>> byApplication = new TreeMap<>();
    for (Daemon worker : workers) {
      try (Stream<Path> files = Files.walk(worker.folder())) {
        for (Path file : files.filter(f -> f.endsWith("stderr")).sorted().toList()) {
          String application = file.getParent().getParent().getFileName().toString();
          byApplication
              .computeIfAbsent(application, any -> new ArrayList<>())
              .add(Files.readString(file));
        }
      }
    }
    return byApplication.isEmpty() ? List.of() : byApplication.get(byApplication.lastKey());
  }

  /** SIGKILL to a worker and its executors. */
  void killWorker(int worker) {
    workers.get(worker).kill();
  }

  /** SIGKILL to everything of the cluster. */
  @Override
  public void close() {
    for (Daemon worker : workers) {
      worker.kill();
    }
    master.kill();
  }
}
