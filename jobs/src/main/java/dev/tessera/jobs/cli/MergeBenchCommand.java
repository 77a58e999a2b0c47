package dev.tessera.jobs.cli;

import dev.tessera.jobs.BenchProbe;
import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.UsageException;
import dev.tessera.merge.MapFrames;
import dev.tessera.merge.PoseGraph;
import dev.tessera.synthetic.CityOptions;
import dev.tessera.synthetic.CityScore;
import dev.tessera.synthetic.SyntheticCity;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Merges a made-up city and says how far it is from the truth. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Merges a made-up city of chunks, without photos, and compares it with the truth.",
      "",
      "Chunks lie on a square grid, 100 m apart. Edges join neighbours, with noise of 0.5 degrees,",
      "1 % of the distance and 1 % of scale; GPS of a chunk has 2 m, 3 degrees and 4 % of scale.",
      "Errors are distances of chunk centres, over all chunks placed on the Earth."
    })
public final class MergeBenchCommand implements Callable<Integer> {
  @Option(names = "--chunks", paramLabel = "N", description = "Chunks (default: ${DEFAULT-VALUE}).")
  private int chunks = 1600;

  @Option(
      names = "--bad-edges",
      paramLabel = "SHARE",
      description = "Part of the edges that are random (default: ${DEFAULT-VALUE}).")
  private double badEdges;

  @Option(
      names = "--bad-seams",
      paramLabel = "N",
      description = "Groups of three neighbouring edges that are wrong alike.")
  private int badSeams;

  @Option(
      names = "--bad-gps",
      paramLabel = "SHARE",
      description = "Part of the chunks whose GPS is far off (default: ${DEFAULT-VALUE}).")
  private double badGps;

  @Option(
      names = "--gps-free-regions",
      paramLabel = "N",
      description = "Blocks of chunks without GPS, an eighth of the city wide.")
  private int gpsFreeRegions;

  @Option(
      names = "--islands",
      paramLabel = "N",
      description = "Parts without edges between them (default: ${DEFAULT-VALUE}).")
  private int islands = 1;

  @Option(
      names = "--islands-without-gps",
      paramLabel = "N",
      description = "How many of them have no GPS.")
  private int islandsWithoutGps;

  @Option(
      names = "--wrong-scale",
      paramLabel = "N",
      description = "Chunks whose points are 1.5 times too large for their cameras.")
  private int wrongScale;

  @Option(names = "--mirrored", paramLabel = "N", description = "Chunks with mirrored depth.")
  private int mirrored;

  @Option(names = "--seed", paramLabel = "N", description = "Which city (default: 1).")
  private long seed = 1;

  @Mixin private BenchReport report;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    SyntheticCity city = SyntheticCity.of(options());
    long start = System.nanoTime();
    MapFrames frames = PoseGraph.solve(city.nodes(), city.edges(), PoseGraph.Config.defaults());
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, Object> fields = fields(CityScore.of(city, frames), seconds);
    report.print(fields, spec.commandLine().getOut());
    return ExitCodes.OK;
  }

  private CityOptions options() {
    try {
      return CityOptions.clean(chunks, seed)
          .withBad(badEdges, badGps)
          .withBadSeams(badSeams)
          .withGpsFreeRegions(gpsFreeRegions)
          .withIslands(islands, islandsWithoutGps)
          .withWrongChunks(wrongScale, mirrored);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static Map<String, Object> fields(CityScore score, double seconds) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("rmse_m", rounded(score.rmseMeters()));
    fields.put("median_m", rounded(score.medianMeters()));
    fields.put("placed", score.placed());
    fields.put("floating", score.floating());
    fields.put("quarantined", score.quarantined());
    fields.put("components", score.components());
    fields.put("seconds", rounded(seconds));
    fields.put("peak_mb", Math.round(BenchProbe.peakResidentMebibytes()));
    fields.put("edges_rejected", score.edgesRejected());
    fields.put("false_rejections", score.falseRejections());
    fields.put("bad_edges_kept", score.badEdgesKept());
    return fields;
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
