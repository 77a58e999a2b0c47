package dev.tessera.map;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;

/**
 * A point of the map.
 *
 * @param xInWorld ENU metres
 * @param rgb 0xRRGGBB
 * @param confidence in [0, 1]
 * @param imageId the photo that stands for it
 * @param chunkId the chunk it comes from
 * @param observations photos that saw it, summed over what was fused into it
 * @param chunks that saw it: 1 before fusion
 */
public record MapPoint(
    Vec3 xInWorld,
    int rgb,
    float confidence,
    long imageId,
    int chunkId,
    int observations,
    int chunks)
    implements Serializable {
  public MapPoint {
    if (!xInWorld.isFinite()) {
      throw new IllegalArgumentException("A point must be finite, was " + xInWorld);
    }
  }
}
