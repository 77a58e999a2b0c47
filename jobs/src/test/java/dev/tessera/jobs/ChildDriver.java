package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A driver in a JVM of its own, which can be killed as the operating system kills. */
final class ChildDriver implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final long LOOK_EVERY_MILLIS = 10;

  private final Process process;
  private final Path out;
  private final Path err;

  private ChildDriver(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts {@code tessera} with these arguments, the class path and the flags of this JVM. */
  static ChildDriver start(List<String> arguments) throws IOException {
    return start(arguments, Map.of());
  }

  /** The same with more variables in its environment. */
  static ChildDriver start(List<String> arguments, Map<String, String> environment)
      throws IOException {
    Path folder = SmallTown.newFolder("child");
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder =
        ChildJava.of("2g", List.of(), Tessera.class, arguments)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new ChildDriver(builder.start(), out, err);
  }

  /** Waits until something is so while the driver is at work. */
  ChildDriver until(Callable<Boolean> condition) throws Exception {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!condition.call()) {
      assertThat(process.waitFor(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS))
          .as("the driver ended before: %s", Files.readString(err))
          .isFalse();
      assertThat(Instant.now()).as(Files.readString(err)).isBefore(deadline);
    }
    return this;
  }

  /** SIGKILL: no shutdown hook runs, no file is closed. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Sends it a signal, by its name. */
  void signal(String name) throws Exception {
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor()).isZero();
  }

  /** What the driver has said so far. */
  String err() throws IOException {
    return Files.readString(err);
  }

  /** The driver's end, when it comes by itself. */
  CommandLineRun finished() throws Exception {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return new CommandLineRun(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
