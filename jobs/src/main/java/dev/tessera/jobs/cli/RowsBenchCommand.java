package dev.tessera.jobs.cli;

import dev.tessera.jobs.RowsBench;
import dev.tessera.jobs.UsageException;
import dev.tessera.synthetic.SyntheticSurvey;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs all stages on made-up rows. */
@Command(
    name = "rows",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs all stages on made-up rows, without photo files and without reconstruction.",
      "",
      "A survey from the air, photos 5 m apart on lines 20 m apart, with GPS of 2 m. Ingest begins",
      "with what the headers say; an engine that knows the scenes gives them a few points per",
      "photo. All other code is that of a run. Says how long each stage takes, and how much memory."
    })
public final class RowsBenchCommand implements Callable<Integer> {
  @Option(names = "--photos", paramLabel = "N", description = "Photos (default: ${DEFAULT-VALUE}).")
  private int photos = 1_000_000;

  @Option(
      names = "--photos-per-folder",
      paramLabel = "N",
      description = "Photos of one folder, in a row (default: ${DEFAULT-VALUE}).")
  private int photosPerFolder = 2000;

  @Option(names = "--seed", paramLabel = "N", description = "Which survey (default: 1).")
  private long seed = 1;

  @Mixin private SparkBenchOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    return options.carryOut(
        (settings, master, folder) -> RowsBench.run(settings, master, folder, survey()), spec);
  }

  private SyntheticSurvey survey() {
    try {
      return new SyntheticSurvey(photos, photosPerFolder, seed);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }
}
