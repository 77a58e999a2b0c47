package dev.tessera.landmarks;

/**
 * What a photo's own residuals do not show, because all its landmarks share it: a scene is bent a
 * little, most of all where it lacks a better lens. A camera is taken to be off by {@value
 * #BENDING} of the distance to what it sees, along each axis, and turned by the same angle. How
 * much was chosen so that the errors of the 18 photos left out of three sets (Herz-Jesus-P25, KITTI
 * 06, brighton_beach) fit on the whole; docs/benchmarks.md says how it does on a fourth set.
 */
public final class SharedErrors {
  private static final double BENDING = 2e-3;
  private static final int N = 6;

  private SharedErrors() {}

  /** The covariance of a pose with them, laid out as {@link PoseEstimate}'s. */
  public static double[] covariance(PoseEstimate pose) {
    double[] sum = pose.covariance().clone();
    double shift = BENDING * pose.medianDistance();
    for (int axis = 0; axis < 3; axis++) {
      sum[N * axis + axis] += BENDING * BENDING;
      sum[N * (3 + axis) + 3 + axis] += shift * shift;
    }
    return sum;
  }
}
