package dev.tessera.jobs.cli;

import picocli.CommandLine.Option;

/** Whether a map grows, or is planned anew. */
final class ExtendOption {
  @Option(
      names = "--extend",
      arity = "0..1",
      paramLabel = "true|false",
      description =
          "Keep the plan of the map that is there: photos that it does not have are localized in it,"
              + " and only the chunks they touch are made. Without, all photos are planned anew.")
  boolean extend;
}
