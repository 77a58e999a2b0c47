package dev.tessera.jobs.cli;

import picocli.CommandLine.Command;

/** Measures parts of Tessera on this machine. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "WHAT",
    subcommands = {
      LocalizeBenchCommand.class,
      NetworkBenchCommands.class,
      MergeBenchCommand.class,
      PlacesBenchCommand.class,
      PointsBenchCommand.class,
      RowsBenchCommand.class
    },
    description = "Measures parts of Tessera on this machine.")
public final class BenchCommand {}
