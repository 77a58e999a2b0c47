package dev.tessera.map;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;

/** An axis-parallel box of ENU metres, both ends included; empty if a minimum exceeds a maximum. */
public record Bounds(double minX, double minY, double minZ, double maxX, double maxY, double maxZ)
    implements Serializable {

  /** The box of nothing: what it is joined with stays. */
  public static Bounds empty() {
    double inf = Double.POSITIVE_INFINITY;
    return new Bounds(inf, inf, inf, -inf, -inf, -inf);
  }

  public boolean isEmpty() {
    return !(minX <= maxX && minY <= maxY && minZ <= maxZ);
  }

  public Bounds including(Vec3 x) {
    return union(new Bounds(x.x(), x.y(), x.z(), x.x(), x.y(), x.z()));
  }

  public Bounds union(Bounds o) {
    return new Bounds(
        Math.min(minX, o.minX),
        Math.min(minY, o.minY),
        Math.min(minZ, o.minZ),
        Math.max(maxX, o.maxX),
        Math.max(maxY, o.maxY),
        Math.max(maxZ, o.maxZ));
  }

  public boolean contains(Vec3 x) {
    return minX <= x.x()
        && x.x() <= maxX
        && minY <= x.y()
        && x.y() <= maxY
        && minZ <= x.z()
        && x.z() <= maxZ;
  }
}
