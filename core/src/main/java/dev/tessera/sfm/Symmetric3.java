package dev.tessera.sfm;

/** Symmetric 3x3 matrices as six numbers: xx, xy, xz, yy, yz, zz. */
final class Symmetric3 {
  /** Determinant over the product of the diagonal, below which a matrix counts as singular. */
  private static final double SINGULAR = 1e-15;

  private Symmetric3() {}

  /**
   * Inverse of {@code A + damping diag(A)}; zero if that is singular, so that what is not
   * determined does not move.
   *
   * @param at index of the first number, in both arrays
   */
  static boolean invertDamped(double[] a, double[] inverse, int at, double damping) {
    double xx = a[at] * (1 + damping);
    double xy = a[at + 1];
    double xz = a[at + 2];
    double yy = a[at + 3] * (1 + damping);
    double yz = a[at + 4];
    double zz = a[at + 5] * (1 + damping);
    double cxx = yy * zz - yz * yz;
    double cxy = xz * yz - xy * zz;
    double cxz = xy * yz - xz * yy;
    double det = xx * cxx + xy * cxy + xz * cxz;
    boolean regular = det > SINGULAR * xx * yy * zz;
    double scale = regular ? 1 / det : 0;
    inverse[at] = cxx * scale;
    inverse[at + 1] = cxy * scale;
    inverse[at + 2] = cxz * scale;
    inverse[at + 3] = (xx * zz - xz * xz) * scale;
    inverse[at + 4] = (xy * xz - xx * yz) * scale;
    inverse[at + 5] = (xx * yy - xy * xy) * scale;
    return regular;
  }

  /** {@code out = W A}, W (rows, 3) row-major from {@code from}. */
  static void multiplyRows(double[] w, int from, int rows, double[] a, int at, double[] out) {
    double xx = a[at];
    double xy = a[at + 1];
    double xz = a[at + 2];
    double yy = a[at + 3];
    double yz = a[at + 4];
    double zz = a[at + 5];
    for (int row = 0; row < rows; row++) {
      double x = w[from + 3 * row];
      double y = w[from + 3 * row + 1];
      double z = w[from + 3 * row + 2];
      out[3 * row] = x * xx + y * xy + z * xz;
      out[3 * row + 1] = x * xy + y * yy + z * yz;
      out[3 * row + 2] = x * xz + y * yz + z * zz;
    }
  }

  /** {@code to += A v}. */
  static void addProduct(double[] a, int at, double[] v, double[] to, int toAt) {
    to[toAt] += a[at] * v[0] + a[at + 1] * v[1] + a[at + 2] * v[2];
    to[toAt + 1] += a[at + 1] * v[0] + a[at + 3] * v[1] + a[at + 4] * v[2];
    to[toAt + 2] += a[at + 2] * v[0] + a[at + 4] * v[1] + a[at + 5] * v[2];
  }
}
