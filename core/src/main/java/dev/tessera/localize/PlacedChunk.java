package dev.tessera.localize;

import dev.tessera.geometry.Vec3;
import dev.tessera.map.Bounds;
import dev.tessera.merge.MapFrames.ChunkFrame;
import java.io.Serializable;

/**
 * A chunk of a map that can be asked about photos.
 *
 * @param cameras bounds of the cameras that the map takes from it, in the world; not empty
 */
public record PlacedChunk(ChunkFrame frame, Bounds cameras) implements Serializable {
  public PlacedChunk {
    if (cameras.isEmpty()) {
      throw new IllegalArgumentException("Chunk " + frame.chunk() + " has no camera in the map");
    }
  }

  /** Horizontal distance to the bounds, 0 inside: heights of positions are not to be trusted. */
  public double metersTo(Vec3 xInWorld) {
    return metersTo(cameras, xInWorld);
  }

  /** Horizontal distance to the middle of the bounds. */
  double metersToMiddle(Vec3 xInWorld) {
    double east = (cameras.minX() + cameras.maxX()) / 2 - xInWorld.x();
    double north = (cameras.minY() + cameras.maxY()) / 2 - xInWorld.y();
    return Math.hypot(east, north);
  }

  static double metersTo(Bounds box, Vec3 x) {
    double east = Math.max(0, Math.max(box.minX() - x.x(), x.x() - box.maxX()));
    double north = Math.max(0, Math.max(box.minY() - x.y(), x.y() - box.maxY()));
    return Math.hypot(east, north);
  }
}
