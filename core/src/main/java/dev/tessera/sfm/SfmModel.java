package dev.tessera.sfm;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Rigid3;
import java.util.List;

/**
 * What structure from motion makes of some views: poses, intrinsics and points in a frame centred
 * on the cameras, in metres and east-north-up if there were enough positions, else of unit size. N
 * points, M observations.
 *
 * @param cameras registered views, ascending
 * @param missing the other views
 * @param metric true if the frame is east-north-up and metric, but for its origin
 * @param xyz (N, 3)
 * @param rgb (N, 3)
 * @param confidence (N) in [0, 1], see {@link PointConfidence}
 * @param observationStart (N + 1)
 * @param observationCamera (M) index into {@code cameras}, ascending within a point
 * @param observationPixel (M, 2) u, v in upright original pixels
 * @param residualPixels (M) reprojection errors in original pixels
 */
@SuppressWarnings("ArrayRecordComponent")
public record SfmModel(
    List<Camera> cameras,
    List<Missing> missing,
    boolean metric,
    float[] xyz,
    byte[] rgb,
    float[] confidence,
    int[] observationStart,
    int[] observationCamera,
    float[] observationPixel,
    double[] residualPixels) {

  /**
   * A registered view.
   *
   * @param view index into the views that were given
   * @param intrinsics at the upright photo's original size
   */
  public record Camera(
      int view,
      Rigid3 cameraFromModel,
      Intrinsics intrinsics,
      int observations,
      double reprojectionRmsPixels) {}

  /** A view without a pose. */
  public record Missing(int view, Reason reason, String detail) {}

  /** Why a view has no pose. */
  public enum Reason {
    UNREADABLE_PHOTO,
    TOO_FEW_FEATURES,
    TOO_FEW_MATCHES,
    POSE_NOT_FOUND,
    /** Had a pose, but nearly all its points were filtered away. */
    INCONSISTENT_POSE
  }
}
