package dev.tessera.reconstruct;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Rigid3;
import java.io.Serializable;

/** Where a scene says that a photo was taken which it has not seen before. */
public sealed interface PhotoPose extends Serializable {
  /**
   * The scene has an answer.
   *
   * @param cameraFromChunk pose; its translation is in chunk units
   * @param intrinsics estimated camera, at the upright photo's original size
   * @param confidence in [0, 1]; comparable between scenes of one engine
   * @param evidence what the pose rests on; null for engines that do not measure it
   */
  record Located(
      Rigid3 cameraFromChunk, Intrinsics intrinsics, double confidence, Evidence evidence)
      implements PhotoPose {}

  /**
   * What a pose rests on.
   *
   * @param inliers landmarks that agree with it
   * @param certain whether they are enough; if not, the pose may be one of a place that looks alike
   * @param covariance (6, 6) row-major: a small rotation about the camera's axes, radians, then the
   *     camera's centre along the chunk's axes, chunk units
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Evidence(int inliers, boolean certain, double[] covariance) implements Serializable {}

  /** The scene has none. */
  record NotLocated(Reason reason, String detail) implements PhotoPose {}

  /** Why a photo has no pose. */
  enum Reason {
    UNREADABLE_PHOTO,
    /** The engine keeps no memory, or none of the kind it reads. */
    NO_MEMORY,
    POSE_NOT_FOUND,
    /** The engine threw what it should not throw; the detail names it, the log has its trace. */
    ENGINE_ERROR
  }
}
