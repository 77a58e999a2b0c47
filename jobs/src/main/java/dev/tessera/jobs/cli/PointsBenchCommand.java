package dev.tessera.jobs.cli;

import dev.tessera.jobs.PointsBench;
import dev.tessera.jobs.UsageException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fuses and publishes made-up points, beside Spark sorting and writing the same rows. */
@Command(
    name = "points",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Fuses and publishes made-up points, beside Spark sorting and writing the same rows.",
      "",
      "Chunks lie on a square grid and overlap by a tenth. The points of each chunk go through the",
      "code of the merge: fused, shuffled, put in Morton order, dealt to tiles and levels, written.",
      "Spark reads the rows of that map in the order of chunks, sorts them by Morton key and writes",
      "them. A twentieth of the points goes first, unmeasured."
    })
public final class PointsBenchCommand implements Callable<Integer> {
  @Option(names = "--points", paramLabel = "N", description = "Points (default: ${DEFAULT-VALUE}).")
  private long points = 20_000_000;

  @Option(names = "--chunks", paramLabel = "N", description = "Chunks (default: ${DEFAULT-VALUE}).")
  private int chunks = 400;

  @Option(names = "--seed", paramLabel = "N", description = "Which cloud (default: 1).")
  private long seed = 1;

  @Mixin private SparkBenchOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (chunks < 1 || points < chunks) {
      throw new UsageException(
          "Cannot make %d points in %d chunks: a chunk needs a point at least"
              .formatted(points, chunks));
    }
    return options.carryOut(
        (settings, master, folder) ->
            PointsBench.run(settings, master, folder, points, chunks, seed),
        spec);
  }
}
