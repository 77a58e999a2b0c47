package dev.tessera.jobs.cli;

import picocli.CommandLine.Option;

/** Where Spark runs. */
final class MasterOption {
  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark master, e.g. local[2]; default as in the settings or spark-submit.")
  String url;
}
