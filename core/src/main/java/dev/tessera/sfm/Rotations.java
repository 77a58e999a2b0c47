package dev.tessera.sfm;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Vec3;

/** Rotation matrices inside flat arrays. */
final class Rotations {
  private Rotations() {}

  /** {@code R <- exp(w) R} for the nine numbers from {@code at}; the result is orthonormal. */
  static void perturbLeft(double[] rotation, int at, double wx, double wy, double wz) {
    double[] old = new double[9];
    System.arraycopy(rotation, at, old, 0, 9);
    Quaternion turned =
        Quaternion.ofRotationVector(new Vec3(wx, wy, wz)).times(Quaternion.ofMatrix(old));
    System.arraycopy(turned.toMatrix(), 0, rotation, at, 9);
  }
}
