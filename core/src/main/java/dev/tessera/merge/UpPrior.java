package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.io.Serializable;

/**
 * A direction of the chunk that is believed to be up, for what GPS leaves open. Residual: east and
 * north part of that direction in the world, over the sine of sigma.
 *
 * @param upInChunk unit vector
 */
public record UpPrior(Vec3 upInChunk, double sigmaDegrees) implements Serializable {

  double cost(Sim3 worldFromChunk) {
    Vec3 up = worldFromChunk.rotation().rotate(upInChunk);
    double upsideDown = up.z() < 0 ? -4 * up.z() : 0; // the residual alone is blind to the sign
    return weight() * (up.x() * up.x() + up.y() * up.y() + upsideDown);
  }

  void addTo(NormalEquations equations, Sim3 worldFromChunk) {
    Vec3 up = worldFromChunk.rotation().rotate(upInChunk);
    equations.add(new double[] {0, up.z(), -up.y(), 0, 0, 0, 0}, up.x(), weight());
    equations.add(new double[] {-up.z(), 0, up.x(), 0, 0, 0, 0}, up.y(), weight());
  }

  private double weight() {
    double sine = Math.sin(Math.toRadians(sigmaDegrees));
    return 1 / (sine * sine);
  }
}
