package dev.tessera.landmarks;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Rigid3;

/**
 * The pose of a photo.
 *
 * @param cameraFromChunk its translation is in chunk units
 * @param intrinsics the focal length as it was solved for
 * @param inliers sightings within {@link LandmarkPose#MAX_ERROR_PIXELS} of it
 * @param medianDistance of these from the camera, chunk units
 * @param covariance (6, 6) row-major: a small rotation about the camera's axes, radians, then the
 *     camera's centre along the chunk's axes, chunk units; as if landmarks and lens were exact
 */
@SuppressWarnings("ArrayRecordComponent")
public record PoseEstimate(
    Rigid3 cameraFromChunk,
    Intrinsics intrinsics,
    int inliers,
    double medianDistance,
    double[] covariance) {}
