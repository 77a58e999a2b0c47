package dev.tessera.geometry;

import java.util.Arrays;

/** Order statistics that a few wild values do not move. */
public final class RobustScale {
  /** Standard deviation of a normal distribution over its median absolute deviation. */
  public static final double SIGMA_PER_MAD = 1.4826;

  private RobustScale() {}

  /**
   * The middle value; the mean of the two middle ones for an even count.
   *
   * @throws IllegalArgumentException for an empty array
   */
  public static double median(double[] values) {
    return quantile(values, 0.5);
  }

  /** Linear interpolation between order statistics, {@code fraction} in [0, 1]. */
  public static double quantile(double[] values, double fraction) {
    if (values.length == 0) {
      throw new IllegalArgumentException("Cannot take a quantile of no values");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double at = fraction * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /** Robust standard deviation of residuals about zero: {@code 1.4826 median |r|}. */
  public static double sigmaOfResiduals(double[] residuals) {
    double[] magnitudes = new double[residuals.length];
    for (int i = 0; i < residuals.length; i++) {
      magnitudes[i] = Math.abs(residuals[i]);
    }
    return SIGMA_PER_MAD * median(magnitudes);
  }
}
