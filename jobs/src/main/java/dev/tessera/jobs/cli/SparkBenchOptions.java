package dev.tessera.jobs.cli;

import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options that the benchmarks on Spark share, and how they are carried out. */
final class SparkBenchOptions {
  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark master (default: ${DEFAULT-VALUE}).")
  private String master = "local[2]";

  @Option(
      names = "--scratch",
      paramLabel = "DIR",
      description = "Where to write what is removed again (default: the temporary folder).")
  private Path scratch;

  @Mixin private BenchReport report;
  @Mixin private SettingsOptions settings;

  /** What is measured. */
  @FunctionalInterface
  interface Bench {
    /**
     * @param folder URI of an empty folder, which is removed afterwards with all that is in it
     * @return numbers by name
     */
    Map<String, Object> run(Settings settings, String master, String folder) throws IOException;
  }

  /** Measures and prints. */
  int carryOut(Bench bench, CommandSpec spec) throws IOException {
    try (ScratchFolder folder = ScratchFolder.in(scratch)) {
      report.print(
          bench.run(settings.on(Settings.defaults()), master, folder.path().toUri().toString()),
          spec.commandLine().getOut());
    }
    return ExitCodes.OK;
  }
}
