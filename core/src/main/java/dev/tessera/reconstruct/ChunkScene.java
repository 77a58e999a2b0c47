package dev.tessera.reconstruct;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import java.io.Serializable;
import java.util.List;

/**
 * What an engine makes of a chunk, in the chunk's own gauge (its frame and scale are free up to a
 * similarity; engines keep it centred near the origin, so that float points are exact enough).
 *
 * @param cameras the registered views, in the order of the chunk's views
 * @param points 3D points with their observations in {@code cameras}
 * @param unregistered the chunk's other views, each with a reason
 * @param residuals reprojection errors of all observations; empty for engines that measure none
 * @param memory what the scene keeps to answer about photos it has not seen
 */
public record ChunkScene(
    ChunkId chunk,
    List<SceneCamera> cameras,
    ScenePoints points,
    List<Unregistered> unregistered,
    ResidualHistogram residuals,
    SceneMemory memory)
    implements Serializable {

  public ChunkScene {
    cameras = List.copyOf(cameras);
    unregistered = List.copyOf(unregistered);
  }

  /** The same scene with another memory. */
  public ChunkScene with(SceneMemory other) {
    return new ChunkScene(chunk, cameras, points, unregistered, residuals, other);
  }

  /** A view without a pose, and why. */
  public record Unregistered(ViewId view, Reason reason, String detail) implements Serializable {
    /** Why a view of a reconstructed chunk has no pose. */
    public enum Reason {
      UNREADABLE_PHOTO,
      TOO_FEW_FEATURES,
      TOO_FEW_MATCHES,
      POSE_NOT_FOUND,
      INCONSISTENT_POSE
    }
  }
}
