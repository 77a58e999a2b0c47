package dev.tessera.sfm;

/**
 * The point nearest to several rays.
 *
 * <pre>minimise over X of  sum_i w_i |(I - d_i d_i^T)(X - c_i)|^2,   w_i = 1 / depth_i^2</pre>
 *
 * <p>A 3x3 linear system, solved twice: the second time the distance from each ray counts relative
 * to the depth, which is the reprojection error up to the focal length (compare Hartley and
 * Zisserman 2004, section 12.2, on the weights of the linear method).
 */
final class Triangulation {
  private Triangulation() {}

  /**
   * Writes the point to {@code point[at..at + 2]}.
   *
   * @param centers (n, 3) camera centres
   * @param directions (n, 3) unit vectors
   * @return false if the rays are parallel or meet behind a camera
   */
  static boolean meet(double[] centers, double[] directions, int n, double[] point, int at) {
    double[] weights = new double[n];
    java.util.Arrays.fill(weights, 1);
    for (int pass = 0; pass < 2; pass++) {
      if (!solve(centers, directions, weights, n, point, at)) {
        return false;
      }
      for (int i = 0; i < n; i++) {
        double depth = 0;
        for (int e = 0; e < 3; e++) {
          depth += directions[3 * i + e] * (point[at + e] - centers[3 * i + e]);
        }
        if (!(depth > 0)) {
          return false;
        }
        weights[i] = 1 / (depth * depth);
      }
    }
    return true;
  }

  private static boolean solve(
      double[] centers, double[] directions, double[] weights, int n, double[] point, int at) {
    double[] a = new double[6];
    double[] rhs = new double[3];
    double[] origin = {centers[0], centers[1], centers[2]};
    for (int i = 0; i < n; i++) {
      double dx = directions[3 * i];
      double dy = directions[3 * i + 1];
      double dz = directions[3 * i + 2];
      double cx = centers[3 * i] - origin[0];
      double cy = centers[3 * i + 1] - origin[1];
      double cz = centers[3 * i + 2] - origin[2];
      double along = dx * cx + dy * cy + dz * cz;
      double w = weights[i];
      a[0] += w * (1 - dx * dx);
      a[1] -= w * dx * dy;
      a[2] -= w * dx * dz;
      a[3] += w * (1 - dy * dy);
      a[4] -= w * dy * dz;
      a[5] += w * (1 - dz * dz);
      rhs[0] += w * (cx - dx * along);
      rhs[1] += w * (cy - dy * along);
      rhs[2] += w * (cz - dz * along);
    }
    double[] inverse = new double[6];
    if (!Symmetric3.invertDamped(a, inverse, 0, 0)) {
      return false;
    }
    System.arraycopy(origin, 0, point, at, 3);
    Symmetric3.addProduct(inverse, 0, rhs, point, at);
    return true;
  }

  /** Cosine of the widest angle between any two of the unit rays. */
  static double cosineOfWidestAngle(double[] directions, int n) {
    double least = 1;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        double dot =
            directions[3 * i] * directions[3 * j]
                + directions[3 * i + 1] * directions[3 * j + 1]
                + directions[3 * i + 2] * directions[3 * j + 2];
        least = Math.min(least, dot);
      }
    }
    return least;
  }
}
