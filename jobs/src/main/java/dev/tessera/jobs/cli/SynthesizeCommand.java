package dev.tessera.jobs.cli;

import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.UsageException;
import dev.tessera.synthetic.Flight;
import dev.tessera.synthetic.SyntheticTown;
import dev.tessera.synthetic.TownPhotos;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes photos of a town that does not exist, with exact cameras. */
@Command(
    name = "synthesize",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Renders a flight over, and descents into, a made-up town: JPEGs with noisy EXIF GPS and",
      "focal length, and truth.csv with the exact cameras."
    })
public final class SynthesizeCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for photos and truth.csv; made if it is not there.")
  private Path out;

  @Option(names = "--photos", paramLabel = "N", description = "How many (default 200).")
  private int photos = 200;

  @Option(names = "--seed", paramLabel = "S", description = "Of town, flight and noise (1).")
  private long seed = 1;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (photos < 1) {
      throw new UsageException("Cannot synthesize " + photos + " photos: at least 1 is needed");
    }
    requireEmpty();
    PrintWriter err = spec.commandLine().getErr();
    SyntheticTown town = SyntheticTown.seeded(seed);
    Flight flight = flight(town);
    long start = System.nanoTime();
    TownPhotos.write(
        out, town, flight, TownPhotos.Config.defaults(seed), done -> report(err, done));
    err.printf("synthesize  %d photos in %s (%.1f s)%n", photos, out, seconds(start));
    err.flush();
    return ExitCodes.OK;
  }

  private Flight flight(SyntheticTown town) {
    try {
      return Flight.of(town, photos, seed);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** Photos of an earlier town would be taken for photos of this one. */
  private void requireEmpty() throws IOException {
    if (!Files.exists(out)) {
      return;
    }
    try (Stream<Path> entries = Files.list(out)) {
      if (entries.findAny().isPresent()) {
        throw new UsageException("Cannot synthesize into " + out + ": the folder is not empty");
      }
    }
  }

  private void report(PrintWriter err, int done) {
    if (done % Math.max(1, photos / 10) == 0) {
      err.printf("synthesize  %d/%d photos%n", done, photos);
      err.flush();
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
