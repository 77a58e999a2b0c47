package dev.tessera.jobs;

import dev.tessera.jobs.cli.BenchCommand;
import dev.tessera.jobs.cli.EvaluateCommand;
import dev.tessera.jobs.cli.LocalizeCommand;
import dev.tessera.jobs.cli.ModelCommand;
import dev.tessera.jobs.cli.RunCommand;
import dev.tessera.jobs.cli.StageCommands;
import dev.tessera.jobs.cli.SynthesizeCommand;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. */
@Command(
    name = "tessera",
    mixinStandardHelpOptions = true,
    version = "Tessera " + Tessera.VERSION,
    description = "Turns folders of photos into one georeferenced 3D map in Parquet.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      StageCommands.Ingest.class,
      StageCommands.Partition.class,
      StageCommands.Reconstruct.class,
      StageCommands.Align.class,
      StageCommands.Repair.class,
      StageCommands.Merge.class,
      LocalizeCommand.class,
      EvaluateCommand.class,
      SynthesizeCommand.class,
      ModelCommand.class,
      BenchCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 failed and nothing published, 2 wrong usage,",
      "3 the workspace is held by another driver."
    })
public final class Tessera {
  /** Version of this software, as in the pom. */
  public static final String VERSION = "0.1.0-SNAPSHOT";

  private static final Logger LOG = LoggerFactory.getLogger(Tessera.class);

  private Tessera() {}

  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /** Carries out a command line and says how it ended, as in {@link ExitCodes}. */
  public static int execute(String... args) {
    CommandLine commandLine = new CommandLine(new Tessera());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setParameterExceptionHandler(Tessera::wrongUsage);
    commandLine.setExecutionExceptionHandler(Tessera::failed);
    return args.length == 0 ? helpAndUsage(commandLine) : commandLine.execute(args);
  }

  private static int helpAndUsage(CommandLine commandLine) {
    commandLine.usage(System.err);
    return ExitCodes.USAGE;
  }

  private static int wrongUsage(CommandLine.ParameterException e, String[] args) {
    PrintWriter err = e.getCommandLine().getErr();
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    err.println("tessera: " + e.getMessage() + " (see " + command + " --help)");
    return ExitCodes.USAGE;
  }

  private static int failed(Exception e, CommandLine commandLine, CommandLine.ParseResult parsed) {
    return explained(e, commandLine.getErr());
  }

  /** Says in one line why a command failed, and with which exit code. */
  static int explained(Exception e, PrintWriter err) {
    Optional<UsageException> usage = wrongUsage(e);
    if (usage.isPresent()) {
      err.println("tessera: " + usage.get().getMessage());
      return usage.get().exitCode();
    }
    if (!(e instanceof RunFailedException)) {
      LOG.error("The run failed", e);
    }
    err.println("tessera: " + firstLine(e));
    return ExitCodes.FAILED;
  }

  /** Wrong usage that only an executor could see comes wrapped by Spark. */
  private static Optional<UsageException> wrongUsage(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UsageException usage) {
        return Optional.of(usage);
      }
    }
    return Optional.empty();
  }

  /** Spark puts whole stack traces into messages; the log has them. */
  private static String firstLine(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString())
        .lines()
        .findFirst()
        .orElseGet(e::toString);
  }
}
