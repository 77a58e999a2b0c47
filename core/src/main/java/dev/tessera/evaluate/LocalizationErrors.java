package dev.tessera.evaluate;

import dev.tessera.geometry.RobustScale;
import java.util.List;
import java.util.Locale;

/**
 * How far localized photos are from where they were taken, after the similarity that lays the map's
 * own cameras on the truth: errors of the map are in them, the choice of its frame is not.
 *
 * @param asked photos with a true camera that are not in the map
 * @param photos those of them with a pose that counts, by name
 * @param uncertain those with a pose that does not
 */
public record LocalizationErrors(int asked, List<PhotoError> photos, int uncertain) {
  public LocalizationErrors {
    photos = List.copyOf(photos);
  }

  /**
   * One photo.
   *
   * @param inliers landmarks that agree with the pose; 0 if not known
   * @param squaredSigmas error squared in units of its covariance (6 is expected), of the rotation
   *     only what the map's own cameras do not have in common; NaN without a covariance
   */
  public record PhotoError(
      String name, double meters, double degrees, int inliers, double squaredSigmas) {}

  /** Share of the photos asked about whose pose is within both limits. */
  public double recall(double maxMeters, double maxDegrees) {
    long within =
        photos.stream().filter(p -> p.meters <= maxMeters && p.degrees <= maxDegrees).count();
    return asked == 0 ? Double.NaN : within / (double) asked;
  }

  /** NaN without a pose. */
  public double medianMeters() {
    return median(photos.stream().mapToDouble(PhotoError::meters).toArray());
  }

  /** NaN without a pose. */
  public double medianDegrees() {
    return median(photos.stream().mapToDouble(PhotoError::degrees).toArray());
  }

  /** Mean over the photos with a covariance; 6 is expected. NaN without one. */
  public double meanSquaredSigmas() {
    return photos.stream()
        .mapToDouble(PhotoError::squaredSigmas)
        .filter(Double::isFinite)
        .average()
        .orElse(Double.NaN);
  }

  private static double median(double[] values) {
    return values.length == 0 ? Double.NaN : RobustScale.median(values);
  }

  /** A line per photo, then medians and recall. */
  public String toTable() {
    StringBuilder text = new StringBuilder();
    int width = photos.stream().mapToInt(p -> p.name.length()).max().orElse(4);
    String line = "%-" + Math.max(4, width) + "s  %10s  %10s  %7s  %s%n";
    text.append(line.formatted("name", "error m", "error deg", "inliers", "squared sigmas"));
    for (PhotoError p : photos) {
      text.append(
          line.formatted(
              p.name, number(p.meters), number(p.degrees), p.inliers, number(p.squaredSigmas)));
    }
    text.append(
        "%d of %d photos located, %d uncertain; median %s m, %s deg; squared sigmas %s of 6%n"
            .formatted(
                photos.size(),
                asked,
                uncertain,
                number(medianMeters()),
                number(medianDegrees()),
                number(meanSquaredSigmas())));
    text.append(
        "recall %s at 0.05 m 5 deg, %s at 0.25 m 5 deg, %s at 1 m 5 deg%n"
            .formatted(share(recall(0.05, 5)), share(recall(0.25, 5)), share(recall(1, 5))));
    return text.toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  private static String share(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
