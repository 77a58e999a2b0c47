package dev.tessera.jobs.cli;

import picocli.CommandLine.Command;

/** Measures parts of Tessera on this machine. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "WHAT",
    subcommands = {
      NetworkBenchCommands.class,
      MergeBenchCommand.class,
      PointsBenchCommand.class,
      RowsBenchCommand.class
    },
    description = "Measures parts of Tessera on this machine.")
public final class BenchCommand {}
