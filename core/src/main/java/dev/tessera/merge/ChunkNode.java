package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.SceneCamera;
import java.io.Serializable;

/**
 * A chunk as the pose graph sees it.
 *
 * @param cameras registered views; components are ranked by their sum
 * @param centerInChunk mean of the camera centres: what the position's sigma is about
 * @param radiusInChunk root mean square distance of the cameras from it, positive
 * @param gps null where no registered view has a fix
 */
public record ChunkNode(
    ChunkId chunk, int cameras, Vec3 centerInChunk, double radiusInChunk, GpsEvidence gps)
    implements Serializable {

  public ChunkNode {
    if (!(radiusInChunk > 0) || Double.isInfinite(radiusInChunk)) {
      throw new IllegalArgumentException(
          "Radius of a chunk must be positive and finite, was " + radiusInChunk);
    }
  }

  /** The node of a scene; cameras all in one place get the radius 1. */
  public static ChunkNode of(ChunkScene scene, GpsEvidence gps) {
    int n = scene.cameras().size();
    Vec3 center = Vec3.ZERO;
    for (SceneCamera camera : scene.cameras()) {
      center = center.plus(camera.cameraFromChunk().center().times(1.0 / n));
    }
    double squares = 0;
    for (SceneCamera camera : scene.cameras()) {
      Vec3 arm = camera.cameraFromChunk().center().minus(center);
      squares += arm.dot(arm) / n;
    }
    double radius = squares > 0 ? Math.sqrt(squares) : 1;
    return new ChunkNode(scene.chunk(), n, center, radius, gps);
  }

  /**
   * From the chunk's anchored frame (origin at its centre, radius 1), in which the pose graph works
   * so that the gauge of the chunk does not matter.
   */
  Sim3 chunkFromAnchor() {
    return new Sim3(radiusInChunk, Quaternion.IDENTITY, centerInChunk);
  }
}
