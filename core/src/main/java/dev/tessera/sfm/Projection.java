package dev.tessera.sfm;

/**
 * The camera model of {@link dev.tessera.geometry.Intrinsics} on flat arrays, with derivatives.
 *
 * <pre>X_c = R (X - c),  a = X_c/Z_c,  b = Y_c/Z_c,  r2 = a^2 + b^2,  d = 1 + k1 r2 + k2 r2^2
 * x = f d a + px,  y = f d b + py</pre>
 */
final class Projection {
  /** Depth below which a point counts as behind the camera, in world units. */
  static final double LEAST_DEPTH = 1e-9;

  /** Layout of {@link #linearize}'s result: residual, then derivatives by row x, row y. */
  static final int CAMERA = 2; // (2, 6): rotation vector, centre

  static final int INTRINSICS = 14; // (2, 5): f, k1, k2, px, py
  static final int POINT = 24; // (2, 3)
  static final int LENGTH = 30;

  private static final int LENS = BundleProblem.INTRINSICS;

  private Projection() {}

  /**
   * Squared reprojection error; infinite behind the camera.
   *
   * @param rotation nine numbers from {@code 9 * camera}
   */
  static double squaredError(
      double[] rotation,
      double[] center,
      int camera,
      double[] intrinsics,
      int group,
      double[] point,
      int pointIndex,
      double x,
      double y) {
    int r = 9 * camera;
    double dx = point[3 * pointIndex] - center[3 * camera];
    double dy = point[3 * pointIndex + 1] - center[3 * camera + 1];
    double dz = point[3 * pointIndex + 2] - center[3 * camera + 2];
    double depth = rotation[r + 6] * dx + rotation[r + 7] * dy + rotation[r + 8] * dz;
    if (!(depth > LEAST_DEPTH)) {
      return Double.POSITIVE_INFINITY;
    }
    double a = (rotation[r] * dx + rotation[r + 1] * dy + rotation[r + 2] * dz) / depth;
    double b = (rotation[r + 3] * dx + rotation[r + 4] * dy + rotation[r + 5] * dz) / depth;
    double r2 = a * a + b * b;
    int k = LENS * group;
    double scale = intrinsics[k] * (1 + r2 * (intrinsics[k + 1] + r2 * intrinsics[k + 2]));
    double ex = scale * a + intrinsics[k + 3] - x;
    double ey = scale * b + intrinsics[k + 4] - y;
    return ex * ex + ey * ey;
  }

  /** Residual and derivatives of observation o of a problem; false behind the camera. */
  static boolean linearize(BundleProblem p, int pointIndex, int o, double[] out) {
    int camera = p.camera[o];
    int r = 9 * camera;
    double[] rot = p.rotation;
    double dx = p.point[3 * pointIndex] - p.center[3 * camera];
    double dy = p.point[3 * pointIndex + 1] - p.center[3 * camera + 1];
    double dz = p.point[3 * pointIndex + 2] - p.center[3 * camera + 2];
    double xc = rot[r] * dx + rot[r + 1] * dy + rot[r + 2] * dz;
    double yc = rot[r + 3] * dx + rot[r + 4] * dy + rot[r + 5] * dz;
    double zc = rot[r + 6] * dx + rot[r + 7] * dy + rot[r + 8] * dz;
    if (!(zc > LEAST_DEPTH)) {
      return false;
    }
    double a = xc / zc;
    double b = yc / zc;
    int k = LENS * p.groupOf[camera];
    double f = p.intrinsics[k];
    double k1 = p.intrinsics[k + 1];
    double k2 = p.intrinsics[k + 2];
    double r2 = a * a + b * b;
    double d = 1 + r2 * (k1 + r2 * k2);
    out[0] = f * d * a + p.intrinsics[k + 3] - p.pixel[2 * o];
    out[1] = f * d * b + p.intrinsics[k + 4] - p.pixel[2 * o + 1];
    byLens(out, INTRINSICS, a, d, f, r2);
    out[INTRINSICS + 3] = 1;
    out[INTRINSICS + 4] = 0;
    byLens(out, INTRINSICS + LENS, b, d, f, r2);
    out[INTRINSICS + LENS + 3] = 0;
    out[INTRINSICS + LENS + 4] = 1;
    double slope = 2 * (k1 + 2 * k2 * r2); // d d / d a = slope a
    double xa = f * (d + slope * a * a);
    double xb = f * slope * a * b;
    double yb = f * (d + slope * b * b);
    chain(out, 0, xa / zc, xb / zc, -(xa * a + xb * b) / zc, xc, yc, zc, rot, r);
    chain(out, 1, xb / zc, yb / zc, -(xb * a + yb * b) / zc, xc, yc, zc, rot, r);
    return true;
  }

  /** Derivatives of one row by f, k1 and k2; {@code ab} is a in the first, b in the second. */
  private static void byLens(double[] out, int at, double ab, double d, double f, double r2) {
    out[at] = d * ab;
    out[at + 1] = f * r2 * ab;
    out[at + 2] = f * r2 * r2 * ab;
  }

  /** From derivatives by the point in the camera (gx, gy, gz) to those by pose and point. */
  private static void chain(
      double[] out,
      int row,
      double gx,
      double gy,
      double gz,
      double xc,
      double yc,
      double zc,
      double[] rot,
      int r) {
    int c = CAMERA + 6 * row;
    out[c] = gz * yc - gy * zc; // d X_c / d w = w x X_c
    out[c + 1] = gx * zc - gz * xc;
    out[c + 2] = gy * xc - gx * yc;
    int q = POINT + 3 * row;
    for (int i = 0; i < 3; i++) {
      double g = gx * rot[r + i] + gy * rot[r + 3 + i] + gz * rot[r + 6 + i];
      out[q + i] = g;
      out[c + 3 + i] = -g;
    }
  }
}
