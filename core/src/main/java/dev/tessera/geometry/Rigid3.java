package dev.tessera.geometry;

import java.io.Serializable;

/** A rigid motion of 3-space, six degrees of freedom: {@code x_b = R x_a + t}. */
public record Rigid3(Quaternion rotation, Vec3 translation) implements Serializable {
  public static final Rigid3 IDENTITY = new Rigid3(Quaternion.IDENTITY, Vec3.ZERO);

  /** The motion into a camera frame, of a camera that sits at {@code centerInWorld}. */
  public static Rigid3 cameraFromWorld(Quaternion cameraFromWorldRotation, Vec3 centerInWorld) {
    return new Rigid3(
        cameraFromWorldRotation, cameraFromWorldRotation.rotate(centerInWorld).times(-1));
  }

  public Vec3 apply(Vec3 xInA) {
    return rotation.rotate(xInA).plus(translation);
  }

  /** With {@code this = cFromB}, returns {@code cFromA}. */
  public Rigid3 after(Rigid3 bFromA) {
    return new Rigid3(rotation.times(bFromA.rotation), apply(bFromA.translation));
  }

  public Rigid3 inverse() {
    Quaternion inverse = rotation.inverse();
    return new Rigid3(inverse, inverse.rotate(translation).times(-1));
  }

  /** Origin of frame b seen from frame a; of {@code cameraFromWorld}, the camera centre. */
  public Vec3 center() {
    return rotation.inverse().rotate(translation).times(-1);
  }
}
