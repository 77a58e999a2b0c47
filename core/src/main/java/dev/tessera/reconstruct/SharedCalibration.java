package dev.tessera.reconstruct;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.RobustScale;
import dev.tessera.sfm.LensInformation;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

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

  /** Small samples make the median too small: factor 1 + 5 / n (Rousseeuw and Leroy 1987). */
  private static final double SMALL_SAMPLE = 5;

  /**
   * Lenses are rounded to multiples of 2^-13 (lengths relative to the power of two below the focal
   * length), about 1e-4: less than a run knows of them, and enough for a map that grows a little to
   * keep its lens, and so its scenes.
   */
  private static final int ROUNDING_BITS = 13;

  public SharedCalibration {
    lenses = Map.copyOf(lenses);
  }

  /**
   * What a camera model's photos have in common, at the photos' original size.
   *
   * @param cx principal point
   * @param k1 radial distortion, see {@link Intrinsics}
   */
  public record Lens(double focalPixels, double cx, double cy, double k1, double k2)
      implements Serializable {
    static Lens of(Intrinsics k) {
      return new Lens(k.focalPixels(), k.cx(), k.cy(), k.k1(), k.k2());
    }

    /** In the order of {@link LensInformation}. */
    private double[] coordinates() {
      return new double[] {focalPixels, k1, k2, cx, cy};
    }
  }

  /** A lens as one chunk found it, and how well the chunk knows it: the weight of the estimate. */
  public record Estimate(String cameraModel, Lens lens, LensInformation information)
      implements Serializable {}

  /**
   * The mean lens of each model over the chunks whose focal lengths agree, each weighted by its
   * information matrix: focal length and distortion make up for one another, in each chunk another
   * way, and only together they have a mean.
   */
  public static SharedCalibration of(List<Estimate> estimates) {
    Map<String, List<Estimate>> byModel =
        estimates.stream()
            .filter(e -> Double.isFinite(e.information().focalSigmaPixels()))
            .collect(Collectors.groupingBy(Estimate::cameraModel));
    Map<String, Lens> lenses = new TreeMap<>();
    byModel.forEach((model, found) -> lenses.put(model, mean(agreed(found))));
    return new SharedCalibration(lenses);
  }

  /**
   * Those within so many sigmas of the median. Chunks are surer of themselves than they should be,
   * so sigmas are stretched until most of the chunks agree.
   */
  private static List<Estimate> agreed(List<Estimate> found) {
    double median =
        RobustScale.median(found.stream().mapToDouble(e -> e.lens().focalPixels()).toArray());
    double[] sigmas =
        found.stream()
            .mapToDouble(
                e -> (e.lens().focalPixels() - median) / e.information().focalSigmaPixels())
            .toArray();
    double stretch = (1 + SMALL_SAMPLE / sigmas.length) * RobustScale.sigmaOfResiduals(sigmas);
    double limit = OUTLIER_SIGMAS * Math.max(1, stretch);
    return IntStream.range(0, sigmas.length)
        .filter(i -> Math.abs(sigmas[i]) <= limit)
        .mapToObj(found::get)
        .toList();
  }

  /**
   * {@code (sum I)^-1 sum I lens}, in deviations from {@link #center} for the sake of rounding, and
   * because what no chunk knows stays there.
   */
  private static Lens mean(List<Estimate> found) {
    double[] center = center(found);
    DMatrixRMaj information = new DMatrixRMaj(LensInformation.N, LensInformation.N);
    DMatrixRMaj weighted = new DMatrixRMaj(LensInformation.N, 1);
    for (Estimate e : found) {
      DMatrixRMaj own =
          new DMatrixRMaj(LensInformation.N, LensInformation.N, true, e.information().matrix());
      double[] lens = e.lens().coordinates();
      DMatrixRMaj deviation = new DMatrixRMaj(LensInformation.N, 1);
      for (int i = 0; i < LensInformation.N; i++) {
        deviation.set(i, lens[i] - center[i]);
      }
      CommonOps_DDRM.addEquals(information, own);
      CommonOps_DDRM.multAdd(own, deviation, weighted);
    }
    DMatrixRMaj mean = new DMatrixRMaj(LensInformation.N, 1);
    CommonOps_DDRM.mult(LensInformation.inverse(information), weighted, mean);
    double focal = center[0] + mean.get(0);
    int pixels = Math.getExponent(focal);
    return new Lens(
        rounded(focal, pixels),
        rounded(center[3] + mean.get(3), pixels),
        rounded(center[4] + mean.get(4), pixels),
        rounded(mean.get(1), 0),
        rounded(mean.get(2), 0));
  }

  /** The first focal length and principal point, without distortion. */
  private static double[] center(List<Estimate> found) {
    Lens first = found.get(0).lens();
    return new double[] {first.focalPixels(), 0, 0, first.cx(), first.cy()};
  }

  private static double rounded(double value, int exponent) {
    double step = Math.scalb(1.0, exponent - ROUNDING_BITS);
    return step * Math.rint(value / step);
  }
}
