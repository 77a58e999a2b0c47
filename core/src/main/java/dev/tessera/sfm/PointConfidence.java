package dev.tessera.sfm;

/**
 * How far a point is to be trusted, in [0, 1]: a product of three terms, each near one when it
 * gives no cause for doubt.
 *
 * <pre>confidence = (1 - exp(-angle / 5 degrees)) * (1 - 2^(1 - n)) * exp(-(rms / 2 px)^2)</pre>
 *
 * <p>The widest angle between two rays governs the error in depth; of n observations n - 1 confirm
 * the first (two observations agree by chance along the epipolar line); rms is that of the
 * reprojection errors in working pixels.
 */
final class PointConfidence {
  private static final double ANGLE_DEGREES = 5;
  private static final double RMS_PIXELS = 2;

  private PointConfidence() {}

  static float of(double widestAngleDegrees, int observations, double rmsPixels) {
    double angle = 1 - Math.exp(-widestAngleDegrees / ANGLE_DEGREES);
    double support = 1 - Math.pow(2, 1 - observations);
    double fit = Math.exp(-(rmsPixels / RMS_PIXELS) * (rmsPixels / RMS_PIXELS));
    return (float) (angle * support * fit);
  }
}
