package dev.tessera.jobs;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Java programs in processes of their own, with the class path and the flags of this JVM. */
final class ChildJava {
  private ChildJava() {}

  /**
   * A process that is not started yet.
   *
   * @param heap as after {@code -Xmx}
   * @param flags further flags of the JVM
   */
  static ProcessBuilder of(
      String heap, List<String> flags, Class<?> mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--add-opens") || flag.startsWith("-Djdk."))
        .forEach(command::add);
    command.add("-Xmx" + heap);
    command.addAll(flags);
    command.add(mainClass.getName());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder;
  }
}
