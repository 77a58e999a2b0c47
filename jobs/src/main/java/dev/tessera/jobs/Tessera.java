package dev.tessera.jobs;

import dev.tessera.jobs.cli.BenchCommand;
import dev.tessera.jobs.cli.CheckCommand;
import dev.tessera.jobs.cli.EvaluateCommand;
import dev.tessera.jobs.cli.LocalizeCommand;
import dev.tessera.jobs.cli.ModelCommand;
import dev.tessera.jobs.cli.PublishCommand;
import dev.tessera.jobs.cli.RunCommand;
import dev.tessera.jobs.cli.StageCommands;
import dev.tessera.jobs.cli.SynthesizeCommand;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkException;
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
      CheckCommand.class,
      PublishCommand.class,
      LocalizeCommand.class,
      EvaluateCommand.class,
      SynthesizeCommand.class,
      ModelCommand.class,
      BenchCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 failed and nothing published, 2 wrong usage, 3 the workspace is held",
      "by another driver, 4 another driver took it over, 5 the map breaks a rule of its format."
    })
public final class Tessera {
  /** Version of this software, as in the pom. */
  public static final String VERSION = "0.1.0-SNAPSHOT";

  /** As every system says it. */
  private static final String DISK_FULL = "No space left on device";

  private static final String FREE_SPACE =
      "; what was published before stays, free some space and run again";

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
    if (wrongUsage(e).isEmpty() && !(e instanceof RunFailedException)) {
      LoggerFactory.getLogger(Tessera.class).error("The run failed", e); // only now: it takes time
    }
    err.println("tessera: " + firstLine(e));
    return exitCode(e);
  }

  /** How a process ends that fails so. */
  static int exitCode(Exception e) {
    return wrongUsage(e)
        .map(UsageException::exitCode)
        .orElse(e instanceof RunFailedException failed ? failed.exitCode() : ExitCodes.FAILED);
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

  /** What a task threw, for what Spark says of it: the latter is about tasks and hosts. */
  private static Throwable ofTask(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null
        && (cause instanceof SparkException || cause instanceof FSError)) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Why, in one line. Spark puts whole stack traces into messages; the log has them. */
  static String firstLine(Exception e) {
    Optional<UsageException> usage = wrongUsage(e);
    if (usage.isPresent()) {
      return usage.get().getMessage();
    }
    Throwable cause = ofTask(e);
    String why =
        Objects.requireNonNullElse(cause.getMessage(), cause.toString())
            .lines()
            .findFirst()
            .orElseGet(cause::toString);
    return why.contains(DISK_FULL) ? "Cannot write: " + why + FREE_SPACE : why;
  }
}
