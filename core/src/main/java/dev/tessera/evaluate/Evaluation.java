package dev.tessera.evaluate;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a run reports of itself: what the map holds and, if there is a truth, how close it is. */
public record Evaluation(MapFacts facts, TrajectoryErrors errors) implements Serializable {

  /**
   * Counts of the map that need no truth.
   *
   * @param photos of the collection
   * @param registered photos with a camera in the map
   * @param components parts of the map with no edge between them
   * @param gpsResidualMedianMeters median distance of a camera from its own position prior; NaN if
   *     there are none
   */
  public record MapFacts(
      long photos,
      long registered,
      int components,
      int chunks,
      double gpsResidualMedianMeters,
      long points)
      implements Serializable {
    public MapFacts {
      if (registered > photos) {
        throw new IllegalArgumentException(
            "Registered photos must be among all %d, were %d".formatted(photos, registered));
      }
    }
  }

  /** A map with nothing to compare it with. */
  public static Evaluation withoutTruth(MapFacts facts) {
    return new Evaluation(facts, null);
  }

  public boolean hasTruth() {
    return errors != null;
  }

  /**
   * The numbers by their published names, in their published order. A number that is not known is
   * there with the value null.
   */
  public Map<String, Object> toFields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("photos", facts.photos);
    fields.put("registered", facts.registered);
    fields.put("components", facts.components);
    fields.put("chunks", facts.chunks);
    fields.put("ate_rmse_m", known(hasTruth() ? errors.ateRmseMeters() : Double.NaN));
    fields.put("ate_median_m", known(hasTruth() ? errors.ateMedianMeters() : Double.NaN));
    fields.put("rotation_mean_deg", known(hasTruth() ? errors.rotationMeanDegrees() : Double.NaN));
    fields.put("auc5", known(hasTruth() ? errors.auc5() : Double.NaN));
    fields.put("auc30", known(hasTruth() ? errors.auc30() : Double.NaN));
    fields.put("gps_residual_median_m", known(facts.gpsResidualMedianMeters));
    fields.put("points", facts.points);
    if (hasTruth()) {
      fields.put("truth_photos", errors.truthPhotos());
      fields.put("truth_compared", errors.compared());
      fields.put("auc_pairs", errors.pairs());
      fields.put("auc_pairs_sampled", errors.pairsSampled());
      fields.put("no_alignment_reason", errors.noAlignmentReason());
    }
    return fields;
  }

  /** One line per number, names and values in two columns; {@code -} for one not known. */
  public String toTable() {
    StringBuilder table = new StringBuilder();
    toFields()
        .forEach(
            (name, value) ->
                table.append(String.format(Locale.ROOT, "%-22s %14s%n", name, text(value))));
    return table.toString();
  }

  private static Double known(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static String text(Object value) {
    if (value == null) {
      return "-";
    }
    return value instanceof Double number
        ? String.format(Locale.ROOT, "%.4f", number)
        : value.toString();
  }
}
