package dev.tessera.geometry;

import java.io.Serializable;

/**
 * A rotation as a unit quaternion, scalar first. The constructor normalises; q and -q are the same
 * rotation but not {@code equals}.
 */
public record Quaternion(double w, double x, double y, double z) implements Serializable {
  public static final Quaternion IDENTITY = new Quaternion(1, 0, 0, 0);

  /** Below this angle the series of sin(a)/a is exact to double precision. */
  private static final double SMALL_ANGLE_RADIANS = 1e-8;

  public Quaternion {
    double norm = Math.sqrt(w * w + x * x + y * y + z * z);
    if (!(norm > 0) || Double.isInfinite(norm)) {
      throw new IllegalArgumentException(
          "Quaternion must have a positive finite norm, was (%s, %s, %s, %s)"
              .formatted(w, x, y, z));
    }
    w /= norm;
    x /= norm;
    y /= norm;
    z /= norm;
  }

  /** Rotation by {@code |v|} radians about the axis v (exponential map of so(3)). */
  public static Quaternion ofRotationVector(Vec3 v) {
    double angle = v.norm();
    if (angle < SMALL_ANGLE_RADIANS) {
      return new Quaternion(1, v.x() / 2, v.y() / 2, v.z() / 2);
    }
    double s = Math.sin(angle / 2) / angle;
    return new Quaternion(Math.cos(angle / 2), v.x() * s, v.y() * s, v.z() * s);
  }

  /**
   * The rotation of an orthonormal matrix with determinant +1.
   *
   * @param m nine numbers, row-major; the branch with the largest divisor is taken (Shepperd 1978)
   */
  public static Quaternion ofMatrix(double[] m) {
    double trace = m[0] + m[4] + m[8];
    if (trace >= m[0] && trace >= m[4] && trace >= m[8]) {
      return new Quaternion(1 + trace, m[7] - m[5], m[2] - m[6], m[3] - m[1]);
    }
    if (m[0] >= m[4] && m[0] >= m[8]) {
      return new Quaternion(m[7] - m[5], 1 + m[0] - m[4] - m[8], m[1] + m[3], m[2] + m[6]);
    }
    if (m[4] >= m[8]) {
      return new Quaternion(m[2] - m[6], m[1] + m[3], 1 - m[0] + m[4] - m[8], m[5] + m[7]);
    }
    return new Quaternion(m[3] - m[1], m[2] + m[6], m[5] + m[7], 1 - m[0] - m[4] + m[8]);
  }

  /** The rotation matrix, nine numbers, row-major. */
  public double[] toMatrix() {
    return new double[] {
      1 - 2 * (y * y + z * z),
      2 * (x * y - w * z),
      2 * (x * z + w * y),
      2 * (x * y + w * z),
      1 - 2 * (x * x + z * z),
      2 * (y * z - w * x),
      2 * (x * z - w * y),
      2 * (y * z + w * x),
      1 - 2 * (x * x + y * y)
    };
  }

  /** The axis times the angle, angle in [0, pi] radians (logarithm of SO(3)). */
  public Vec3 toRotationVector() {
    double sign = w < 0 ? -1 : 1;
    double sine = Math.sqrt(x * x + y * y + z * z);
    double scale =
        sine < SMALL_ANGLE_RADIANS ? 2 * sign : 2 * Math.atan2(sine, sign * w) / sine * sign;
    return new Vec3(x * scale, y * scale, z * scale);
  }

  /** Applies the rotation to a vector. */
  public Vec3 rotate(Vec3 v) {
    double tx = 2 * (y * v.z() - z * v.y());
    double ty = 2 * (z * v.x() - x * v.z());
    double tz = 2 * (x * v.y() - y * v.x());
    return new Vec3(
        v.x() + w * tx + y * tz - z * ty,
        v.y() + w * ty + z * tx - x * tz,
        v.z() + w * tz + x * ty - y * tx);
  }

  /** With {@code this = cFromB}, returns {@code cFromA}. */
  public Quaternion times(Quaternion bFromA) {
    return new Quaternion(
        w * bFromA.w - x * bFromA.x - y * bFromA.y - z * bFromA.z,
        w * bFromA.x + x * bFromA.w + y * bFromA.z - z * bFromA.y,
        w * bFromA.y - x * bFromA.z + y * bFromA.w + z * bFromA.x,
        w * bFromA.z + x * bFromA.y - y * bFromA.x + z * bFromA.w);
  }

  public Quaternion inverse() {
    return new Quaternion(w, -x, -y, -z);
  }

  /** Angle of the rotation that takes one to the other, in [0, pi] radians. */
  public double angleRadiansTo(Quaternion o) {
    return inverse().times(o).toRotationVector().norm();
  }
}
