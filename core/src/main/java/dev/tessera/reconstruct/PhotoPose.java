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
   */
  record Located(Rigid3 cameraFromChunk, Intrinsics intrinsics, double confidence)
      implements PhotoPose {}

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
