package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;

/**
 * Small changes of a similarity, on the left. The change {@code xi = (w, u, l)} (rotation vector in
 * radians, translation, log scale) is the map
 *
 * <pre>P(xi): x -> e^l Exp(w) x + u</pre>
 *
 * and moves {@code aFromB} to {@code P(xi) after aFromB}: u and the pivot of w and l (the origin)
 * are those of frame a. A covariance of an estimated {@code aFromB} is that of the xi for which
 * {@code P(xi) after estimate} is the truth. Packed, it is the 28 numbers of the lower triangle,
 * row by row.
 */
public final class Sim3Tangent {
  /** Numbers in a change. */
  public static final int SIZE = 7;

  /** Numbers in a packed covariance. */
  public static final int PACKED = SIZE * (SIZE + 1) / 2;

  private Sim3Tangent() {}

  /** {@code P(xi) after bFromA}. */
  public static Sim3 perturb(Sim3 bFromA, double[] xi) {
    return change(xi).after(bFromA);
  }

  /** The xi for which {@code P(xi) after from} equals {@code to}. */
  public static double[] between(Sim3 from, Sim3 to) {
    return coordinates(to.after(from.inverse()));
  }

  /** The xi of {@code P(xi)} given as a similarity. */
  public static double[] coordinates(Sim3 change) {
    Vec3 w = change.rotation().toRotationVector();
    Vec3 u = change.translation();
    return new double[] {w.x(), w.y(), w.z(), u.x(), u.y(), u.z(), Math.log(change.scale())};
  }

  /**
   * The 7x7 matrix (row-major) that carries changes of frame a to frame b: to first order {@code
   * bFromA after P(xi) = P(Ad xi) after bFromA}.
   *
   * <pre>w' = R w,  u' = s R u + t x (R w) - l t,  l' = l</pre>
   */
  public static double[] adjoint(Sim3 bFromA) {
    double[] r = bFromA.rotation().toMatrix();
    double s = bFromA.scale();
    Vec3 t = bFromA.translation();
    double[] cross = {0, -t.z(), t.y(), t.z(), 0, -t.x(), -t.y(), t.x(), 0};
    double[] m = new double[SIZE * SIZE];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        m[i * SIZE + j] = r[i * 3 + j];
        m[(3 + i) * SIZE + 3 + j] = s * r[i * 3 + j];
        for (int k = 0; k < 3; k++) {
          m[(3 + i) * SIZE + j] += cross[i * 3 + k] * r[k * 3 + j];
        }
      }
    }
    m[3 * SIZE + 6] = -t.x();
    m[4 * SIZE + 6] = -t.y();
    m[5 * SIZE + 6] = -t.z();
    m[6 * SIZE + 6] = 1;
    return m;
  }

  /** Covariance (7x7) of changes of frame a, seen as changes of frame b. */
  public static double[] carry(Sim3 bFromA, double[] covariance) {
    return Block7.congruent(adjoint(bFromA), covariance);
  }

  /** The lower triangle, row by row, of a symmetric 7x7 matrix. */
  public static double[] pack(double[] symmetric) {
    double[] packed = new double[PACKED];
    int at = 0;
    for (int i = 0; i < SIZE; i++) {
      for (int j = 0; j <= i; j++) {
        packed[at++] = (symmetric[i * SIZE + j] + symmetric[j * SIZE + i]) / 2;
      }
    }
    return packed;
  }

  /** The symmetric 7x7 matrix (row-major) of a packed lower triangle. */
  public static double[] unpack(double[] packed) {
    double[] symmetric = new double[SIZE * SIZE];
    int at = 0;
    for (int i = 0; i < SIZE; i++) {
      for (int j = 0; j <= i; j++) {
        symmetric[i * SIZE + j] = packed[at];
        symmetric[j * SIZE + i] = packed[at++];
      }
    }
    return symmetric;
  }

  /** The change that turns and scales about {@code pivot} instead of the origin. */
  static Sim3 perturbAbout(Vec3 pivot, Sim3 bFromA, double[] xi) {
    Sim3 shifted = new Sim3(bFromA.scale(), bFromA.rotation(), bFromA.translation().minus(pivot));
    Sim3 moved = perturb(shifted, xi);
    return new Sim3(moved.scale(), moved.rotation(), moved.translation().plus(pivot));
  }

  /**
   * Inverse of the left Jacobian of SO(3), 3x3 row-major: {@code log(Exp(dw) Exp(w)) = w + J dw}
   * (Sola et al. 2018, eq. 146).
   */
  static double[] inverseLeftJacobian(Vec3 w) {
    double angle = w.norm();
    double factor = 1.0 / 12;
    if (angle > 1e-4) {
      double half = angle / 2;
      factor = (1 - half / Math.tan(half)) / (angle * angle);
    }
    double[] x = {0, -w.z(), w.y(), w.z(), 0, -w.x(), -w.y(), w.x(), 0};
    double[] j = new double[9];
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 3; c++) {
        double square = 0;
        for (int k = 0; k < 3; k++) {
          square += x[r * 3 + k] * x[k * 3 + c];
        }
        j[r * 3 + c] = (r == c ? 1 : 0) - 0.5 * x[r * 3 + c] + factor * square;
      }
    }
    return j;
  }

  private static Sim3 change(double[] xi) {
    return new Sim3(
        Math.exp(xi[6]),
        Quaternion.ofRotationVector(new Vec3(xi[0], xi[1], xi[2])),
        new Vec3(xi[3], xi[4], xi[5]));
  }
}
