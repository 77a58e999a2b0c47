package dev.tessera.reconstruct;

import dev.tessera.geometry.RobustScale;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The lenses that the chunks of a run agree on, by camera model.
 *
 * <p>A small chunk knows its focal length to a few parts in a thousand only, and what it gets wrong
 * there it makes up for by bending the scene, each chunk in its own way. Under one lens for all
 * they fit each other better.
 */
public record SharedCalibration(Map<String, Lens> lenses) implements Serializable {
  /** Every chunk keeps the lenses it found. */
  public static final SharedCalibration NONE = new SharedCalibration(Map.of());

  /** Robust standard deviations from the median beyond which a chunk's lens is not counted. */
  private static final double OUTLIER_SIGMAS = 3;

  /** Relative differences of focal length below this are no reason to leave a chunk out. */
  private static final double AGREEMENT = 1e-3;

  public SharedCalibration {
    lenses = Map.copyOf(lenses);
  }

  /**
   * What a camera model's photos have in common, at the photos' original size.
   *
   * @param k1 radial distortion, see {@link dev.tessera.geometry.Intrinsics}
   */
  public record Lens(double focalPixels, double k1, double k2) implements Serializable {}

  /**
   * A lens as one chunk found it.
   *
   * @param observations of the chunk's cameras of this model: the weight of the estimate
   */
  public record Estimate(String cameraModel, Lens lens, long observations)
      implements Serializable {}

  /** The mean lens of each model over the chunks whose focal lengths agree. */
  public static SharedCalibration of(List<Estimate> estimates) {
    Map<String, List<Estimate>> byModel =
        estimates.stream()
            .filter(e -> e.observations() > 0)
            .collect(Collectors.groupingBy(Estimate::cameraModel));
    Map<String, Lens> lenses = new TreeMap<>();
    byModel.forEach((model, found) -> lenses.put(model, agreed(found)));
    return new SharedCalibration(lenses);
  }

  private static Lens agreed(List<Estimate> found) {
    double median =
        RobustScale.median(found.stream().mapToDouble(e -> e.lens().focalPixels()).toArray());
    double[] deviations =
        found.stream().mapToDouble(e -> e.lens().focalPixels() / median - 1).toArray();
    double limit = Math.max(AGREEMENT, OUTLIER_SIGMAS * RobustScale.sigmaOfResiduals(deviations));
    double weight = 0;
    double focal = 0;
    double k1 = 0;
    double k2 = 0;
    for (Estimate e : found) {
      if (Math.abs(e.lens().focalPixels() / median - 1) <= limit) {
        weight += e.observations();
        focal += e.observations() * e.lens().focalPixels();
        k1 += e.observations() * e.lens().k1();
        k2 += e.observations() * e.lens().k2();
      }
    }
    return new Lens(focal / weight, k1 / weight, k2 / weight);
  }
}
