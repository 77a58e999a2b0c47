package dev.tessera.jobs.report;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What a finished run's page says. Everything here is bounded by the caller: {@code cameras},
 * {@code points} and {@code failures} may be samples, {@link Counts} has the true totals.
 *
 * <p>Positions are ENU metres around the run's origin where georeferenced, else units of their
 * component's own gauge. A number that is not known is NaN and shows as a dash.
 *
 * @param cameras registered cameras, or an even sample of them
 * @param points a sample of the cloud; 20,000 are plenty
 * @param reprojection reprojection errors in pixels; may be empty
 * @param gps horizontal GPS residuals in metres of all cameras that have one; may be empty
 * @param failures examples; {@code failureCounts} has the totals
 * @param fallbacks sentences on what the run did otherwise than asked
 */
public record MapReport(
    Run run,
    Counts counts,
    List<Camera> cameras,
    List<Point> points,
    List<Chunk> chunks,
    List<Edge> edges,
    Histogram reprojection,
    Histogram gps,
    List<Failure> failures,
    List<FailureCount> failureCounts,
    List<Setting> settings,
    List<Stage> stages,
    List<Metric> metrics,
    List<String> fallbacks)
    implements Serializable {

  public MapReport {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(counts, "counts");
    Objects.requireNonNull(reprojection, "reprojection");
    Objects.requireNonNull(gps, "gps");
    cameras = List.copyOf(cameras);
    points = List.copyOf(points);
    chunks = List.copyOf(chunks);
    edges = List.copyOf(edges);
    failures = List.copyOf(failures);
    failureCounts = List.copyOf(failureCounts);
    settings = List.copyOf(settings);
    stages = List.copyOf(stages);
    metrics = List.copyOf(metrics);
    fallbacks = List.copyOf(fallbacks);
  }

  /** Which run this is. */
  public record Run(String title, String runId, String engine, Instant started, Instant finished)
      implements Serializable {
    public Run {
      if (finished.isBefore(started)) {
        throw new IllegalArgumentException(
            "Cannot report run %s: it finished at %s, before it started at %s"
                .formatted(runId, finished, started));
      }
    }

    public double seconds() {
      return Duration.between(started, finished).toMillis() / 1000.0;
    }
  }

  /**
   * True totals of the run.
   *
   * @param photos files found
   * @param quarantined files set aside with a reason
   * @param views photos that went on to reconstruction
   * @param registered views with a camera in the map
   */
  public record Counts(
      long photos,
      long quarantined,
      long views,
      long registered,
      long chunks,
      long components,
      long points)
      implements Serializable {}

  /**
   * One camera of the map.
   *
   * @param headingDegrees viewing direction projected on the ground, clockwise from north; NaN when
   *     it looks straight down or up
   * @param chunk the chunk that placed it; {@code owner} is the chunk that owns its view
   * @param gpsResidual GPS position minus camera position; null without GPS
   */
  public record Camera(
      String name,
      double east,
      double north,
      double up,
      double headingDegrees,
      int chunk,
      int owner,
      int component,
      boolean georeferenced,
      Offset gpsResidual)
      implements Serializable {}

  /** A difference of two positions in metres. */
  public record Offset(double eastMeters, double northMeters, double upMeters)
      implements Serializable {
    public double horizontalMeters() {
      return Math.hypot(eastMeters, northMeters);
    }
  }

  /**
   * One point of the sampled cloud.
   *
   * @param rgb 0xRRGGBB
   */
  public record Point(double east, double north, double up, int rgb, int component)
      implements Serializable {}

  /** A rectangle on the ground: {@code [minEast, maxEast) x [minNorth, maxNorth)}. */
  public record Bounds(double minEast, double minNorth, double maxEast, double maxNorth)
      implements Serializable {}

  /**
   * One chunk.
   *
   * @param bounds where it lies; null if unknown
   * @param status what became of it, in the words of the chunks table
   * @param inMap false if nothing of it was published
   * @param sigmaMeters uncertainty of its placement; units of its component where not georeferenced
   * @param frameScale world units per chunk unit
   */
  public record Chunk(
      int id,
      int component,
      Bounds bounds,
      int owned,
      int halo,
      int registered,
      String status,
      boolean inMap,
      double sigmaMeters,
      double seconds,
      double frameScale)
      implements Serializable {}

  /**
   * A measured relation of two chunks.
   *
   * @param kind how it was measured: overlap, seam, query
   * @param reason why it was not accepted; ignored if accepted
   * @param rms of the inlier points, metres or units of the component
   * @param weight of the robust solve, 0 to 1
   */
  public record Edge(
      int chunkA,
      int chunkB,
      String kind,
      boolean accepted,
      String reason,
      int sharedViews,
      int inlierPoints,
      double rms,
      double weight)
      implements Serializable {
    /** Whether what the chunks remember joins them, and no photo. */
    boolean ofMemory() {
      return kind.equals("query");
    }
  }

  /**
   * Something that could not be used.
   *
   * @param what the kind of thing: photo, chunk, edge
   * @param name which one
   */
  public record Failure(String what, String name, String stage, String reason, String detail)
      implements Serializable {}

  /** How many failures had a reason in a stage. */
  public record FailureCount(String stage, String reason, long count) implements Serializable {}

  /**
   * One setting of the run.
   *
   * @param changed true if it is not the default
   */
  public record Setting(String key, String value, boolean changed) implements Serializable {}

  /**
   * One stage of the pipeline.
   *
   * @param item what it counts, in the plural: photos, chunks
   */
  public record Stage(String name, double seconds, long items, String item)
      implements Serializable {}

  /**
   * One number of an evaluation against a reference.
   *
   * @param note against what, or over how many; may be empty
   */
  public record Metric(String name, double value, String unit, String note)
      implements Serializable {}
}
