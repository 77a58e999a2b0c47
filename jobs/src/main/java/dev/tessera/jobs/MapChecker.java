package dev.tessera.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tessera.jobs.check.CheckReport;
import dev.tessera.jobs.check.MapCheck;
import dev.tessera.jobs.check.Violation;
import dev.tessera.jobs.workspace.Workspace;
import java.io.IOException;
import java.io.PrintWriter;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Checks a published map for whoever asks. Only reads, so it needs no lease; a map that is replaced
 * meanwhile is a failure, not a verdict.
 */
public final class MapChecker {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private MapChecker() {}

  /**
   * What the user asked for.
   *
   * @param workspace URI of a workspace with a map; null if the map itself is named
   * @param map URI of the map's folder, or of the manifest in it; null if its workspace is named
   * @param master Spark master; null for the one of the settings or of spark-submit
   * @param json whether to print one JSON object instead of a line per broken rule
   */
  public record Request(String workspace, String map, String master, boolean json) {}

  /**
   * Checks the map and prints what came of it.
   *
   * @return {@link ExitCodes#OK} or {@link ExitCodes#INVALID}
   * @throws UsageException if there is no such folder
   */
  public static int execute(Settings settings, Request request, PrintWriter out)
      throws IOException {
    Path map = folder(request, SparkSessions.hadoopConfiguration(settings));
    try (SparkSession spark = SparkSessions.open(settings, request.master())) {
      spark.sparkContext().setJobGroup("tessera-check", "Tessera check " + map, false);
      long start = System.nanoTime();
      CheckReport report = MapCheck.of(spark, map, MapCheck.Extent.PUBLISHED);
      print(report, request.json(), (System.nanoTime() - start) / 1e9, out);
      return report.valid() ? ExitCodes.OK : ExitCodes.INVALID;
    }
  }

  /** The folder of the map that is asked for, wherever its workspace has it. */
  static Path folder(Request request, Configuration hadoop) throws IOException {
    String uri = request.map() == null ? request.workspace() : request.map();
    ObjectStores.requireReachable(uri);
    try {
      Path map = request.map() == null ? Workspace.map(uri, hadoop) : folderOf(new Path(uri));
      if (!map.getFileSystem(hadoop).exists(map)) {
        throw new UsageException("Cannot check " + map + ": no such folder; make a map first");
      }
      return map;
    } catch (IllegalArgumentException e) {
      throw new UsageException("Cannot check '" + uri + "': " + e.getMessage());
    }
  }

  private static Path folderOf(Path named) {
    return named.getName().equals(MapManifest.FILE) ? named.getParent() : named;
  }

  private static void print(CheckReport report, boolean json, double seconds, PrintWriter out)
      throws IOException {
    if (json) {
      out.println(JSON.writeValueAsString(report.toFields()));
    } else {
      report.violations().stream().map(Violation::toString).forEach(out::println);
      String verdict =
          report.valid()
              ? "keeps all rules"
              : "breaks %d rules".formatted(report.violations().size());
      out.printf("%s %s (%.1f s)%n", report.map(), verdict, seconds);
    }
    out.flush();
  }
}
