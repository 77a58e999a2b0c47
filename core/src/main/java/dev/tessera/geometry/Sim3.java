package dev.tessera.geometry;

import java.io.Serializable;

/** A similarity of 3-space, seven degrees of freedom: {@code x_b = s R x_a + t}. */
public record Sim3(double scale, Quaternion rotation, Vec3 translation) implements Serializable {
  public static final Sim3 IDENTITY = new Sim3(1, Quaternion.IDENTITY, Vec3.ZERO);

  public Sim3 {
    if (!(scale > 0) || Double.isInfinite(scale)) {
      throw new IllegalArgumentException("Scale must be positive and finite, was " + scale);
    }
  }

  public Vec3 apply(Vec3 xInA) {
    return rotation.rotate(xInA).times(scale).plus(translation);
  }

  /** With {@code this = cFromB}, returns {@code cFromA}. */
  public Sim3 after(Sim3 bFromA) {
    return new Sim3(
        scale * bFromA.scale, rotation.times(bFromA.rotation), apply(bFromA.translation));
  }

  public Sim3 inverse() {
    Quaternion inverse = rotation.inverse();
    return new Sim3(1 / scale, inverse, inverse.rotate(translation).times(-1 / scale));
  }

  /**
   * Carries a camera of frame a over to frame b. The camera keeps its own unit of length, b's: only
   * centre and direction matter to its pixels.
   */
  public Rigid3 moveCamera(Rigid3 cameraFromA) {
    Quaternion cameraFromB = cameraFromA.rotation().times(rotation.inverse());
    return Rigid3.cameraFromWorld(cameraFromB, apply(cameraFromA.center()));
  }
}
