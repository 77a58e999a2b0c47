package dev.tessera.reconstruct;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs a main class in a JVM of its own, where it may run out of memory. */
final class ChildJvm {
  private final List<String> flags;
  private final long addressSpaceKilobytes;

  private ChildJvm(List<String> flags, long addressSpaceKilobytes) {
    this.flags = flags;
    this.addressSpaceKilobytes = addressSpaceKilobytes;
  }

  static ChildJvm with(String... flags) {
    return new ChildJvm(List.of(flags), 0);
  }

  /** The system refuses it more address space than that. */
  ChildJvm limitedTo(long gibibytes) {
    return new ChildJvm(flags, gibibytes << 20);
  }

  /** What came of it. */
  record Result(int exitStatus, String output) {}

  Result run(Class<?> main, Object... arguments) throws IOException, InterruptedException {
    List<String> java = new ArrayList<>();
    java.add(ProcessHandle.current().info().command().orElse("java"));
    java.addAll(flags);
    java.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    for (Object argument : arguments) {
      java.add(argument.toString());
    }
    String limit = addressSpaceKilobytes > 0 ? "ulimit -v " + addressSpaceKilobytes + " && " : "";
    List<String> command = new ArrayList<>(List.of("sh", "-c", limit + "exec \"$@\"", "sh"));
    command.addAll(java);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
