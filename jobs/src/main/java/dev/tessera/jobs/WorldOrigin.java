package dev.tessera.jobs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geometry.RobustScale;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;

/**
 * The origin of a workspace's ENU frame: chosen at the first ingest, kept ever after, so that a map
 * that grows keeps its coordinates.
 */
final class WorldOrigin {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Decimals of a degree kept: about 11 m, so that a photo more or less changes nothing. */
  private static final double ROUNDING_DEGREES = 1e-4;

  /** Views that are looked at, at most. */
  private static final int SAMPLE = 1001;

  private WorldOrigin() {}

  private record Origin(double lat, double lon, @JsonProperty("height_m") double height) {}

  /** The workspace's origin, or null if no photo has had a position so far. */
  static GeoPoint of(Run run, JavaRDD<RankedView> views) throws IOException {
    Path file = new Path(run.workspace().root(), "origin.json");
    FileSystem fs = run.workspace().fs();
    if (fs.exists(file)) {
      try (InputStream in = fs.open(file)) {
        Origin origin = JSON.readValue(in, Origin.class);
        return new GeoPoint(origin.lat(), origin.lon(), origin.height());
      }
    }
    GeoPoint origin = choose(views);
    if (origin != null) {
      run.workspace()
          .writeJson(
              file,
              new Origin(
                  origin.latitudeDegrees(), origin.longitudeDegrees(), origin.heightMeters()));
    }
    return origin;
  }

  /** Median position of a sample of the believed ones, rounded; of all if none is believed. */
  private static GeoPoint choose(JavaRDD<RankedView> views) {
    List<GeoPoint> sample = sample(views.filter(WorldOrigin::isBelieved));
    if (sample.isEmpty()) {
      sample = sample(views.filter(v -> v.view().hasPosition()));
    }
    if (sample.isEmpty()) {
      return null;
    }
    return new GeoPoint(
        round(median(sample, GeoPoint::latitudeDegrees), ROUNDING_DEGREES),
        round(median(sample, GeoPoint::longitudeDegrees), ROUNDING_DEGREES),
        round(median(sample, GeoPoint::heightMeters), 1));
  }

  private static boolean isBelieved(RankedView v) {
    return v.view().hasPosition()
        && v.view().position().suspicion() == PositionPrior.Suspicion.NONE;
  }

  /** The views with the smallest ids: as ids are digests, a random and repeatable choice. */
  private static List<GeoPoint> sample(JavaRDD<RankedView> positioned) {
    return positioned
        .takeOrdered(
            SAMPLE,
            (Comparator<RankedView> & Serializable)
                (a, b) -> a.view().id().compareTo(b.view().id()))
        .stream()
        .map(v -> v.view().position().point())
        .toList();
  }

  private static double median(List<GeoPoint> points, ToDoubleFunction<GeoPoint> coordinate) {
    return RobustScale.median(points.stream().mapToDouble(coordinate).toArray());
  }

  private static double round(double value, double step) {
    return Math.round(value / step) * step;
  }
}
