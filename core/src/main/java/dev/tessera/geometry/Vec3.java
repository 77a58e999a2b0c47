package dev.tessera.geometry;

import java.io.Serializable;

/**
 * A vector or point of 3-space; its frame and unit are in the name of the variable that holds it.
 */
public record Vec3(double x, double y, double z) implements Serializable {
  public static final Vec3 ZERO = new Vec3(0, 0, 0);

  public Vec3 plus(Vec3 o) {
    return new Vec3(x + o.x, y + o.y, z + o.z);
  }

  public Vec3 minus(Vec3 o) {
    return new Vec3(x - o.x, y - o.y, z - o.z);
  }

  public Vec3 times(double s) {
    return new Vec3(x * s, y * s, z * s);
  }

  public double dot(Vec3 o) {
    return x * o.x + y * o.y + z * o.z;
  }

  public Vec3 cross(Vec3 o) {
    return new Vec3(y * o.z - z * o.y, z * o.x - x * o.z, x * o.y - y * o.x);
  }

  public double norm() {
    return Math.sqrt(dot(this));
  }

  public double distanceTo(Vec3 o) {
    return minus(o).norm();
  }

  /**
   * The unit vector of the same direction.
   *
   * @throws IllegalArgumentException for the zero vector
   */
  public Vec3 normalized() {
    double norm = norm();
    if (!(norm > 0)) {
      throw new IllegalArgumentException("Cannot normalize the zero vector");
    }
    return times(1 / norm);
  }

  public boolean isFinite() {
    return Double.isFinite(x) && Double.isFinite(y) && Double.isFinite(z);
  }
}
