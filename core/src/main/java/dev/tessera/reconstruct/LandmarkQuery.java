package dev.tessera.reconstruct;

import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import dev.tessera.landmarks.KeyProjection;
import dev.tessera.landmarks.LandmarkMemory;
import dev.tessera.landmarks.LandmarkPose;
import dev.tessera.landmarks.LandmarkReader;
import dev.tessera.landmarks.LensGuess;
import dev.tessera.landmarks.PoseEstimate;
import dev.tessera.landmarks.SharedErrors;
import dev.tessera.landmarks.Sightings;
import dev.tessera.reconstruct.PhotoPose.Evidence;
import dev.tessera.reconstruct.PhotoPose.Located;
import dev.tessera.reconstruct.PhotoPose.NotLocated;
import dev.tessera.sfm.Features;
import java.util.Comparator;
import java.util.Optional;

/**
 * A photo asked of landmarks. A lens that the scene knows is taken as it is. Otherwise, or if too
 * few landmarks agree under it, the photo may still be by a camera of the scene, resized or
 * cropped; if that does not fit, the focal length is solved for from what the header says.
 */
final class LandmarkQuery {
  /**
   * A pose that so many landmarks agree on has been right so far; wrong ones of the prototype had
   * 34 at most (decision 16).
   */
  static final int INLIERS_FOR_CERTAIN = 40;

  /** One with fewer is chance. */
  static final int LEAST_INLIERS = 15;

  /** Share of the landmarks of a pose under a lens that was fitted to them. */
  private static final double NEARLY = 0.9;

  private final View photo;
  private final Features features;

  LandmarkQuery(View photo, Features features) {
    this.photo = photo;
    this.features = features;
  }

  PhotoPose answer(SceneLandmarks scene) {
    Sightings seen = sightings(scene.landmarks());
    Optional<PoseEstimate> best =
        scene.lensOf(photo).flatMap(k -> LandmarkPose.of(seen, new LensGuess(k, 0)));
    if (inliers(best) < INLIERS_FOR_CERTAIN && seen.count() >= LEAST_INLIERS) {
      Optional<PoseEstimate> other = underAnotherLens(seen, scene);
      best = inliers(other) > inliers(best) ? other : best;
    }
    if (inliers(best) < LEAST_INLIERS) {
      return new NotLocated(
          PhotoPose.Reason.POSE_NOT_FOUND,
          "%d of %d landmarks agree on a pose, need %d"
              .formatted(inliers(best), seen.count(), LEAST_INLIERS));
    }
    return located(best.get());
  }

  /** One of the scene's if that does nearly as well as one that is solved for. */
  private Optional<PoseEstimate> underAnotherLens(Sightings seen, SceneLandmarks scene) {
    Optional<PoseEstimate> solved = LandmarkPose.of(seen, headerLens());
    return scene.lensesLike(photo).stream()
        .map(k -> LandmarkPose.of(seen, new LensGuess(k, 0)))
        .max(Comparator.comparingInt(LandmarkQuery::inliers))
        .filter(held -> inliers(held) >= NEARLY * inliers(solved))
        .orElse(solved);
  }

  private static int inliers(Optional<PoseEstimate> pose) {
    return pose.map(PoseEstimate::inliers).orElse(0);
  }

  private LensGuess headerLens() {
    return new LensGuess(photo.priorIntrinsics(), photo.focal().source().relativeSigma());
  }

  private static Located located(PoseEstimate pose) {
    int inliers = pose.inliers();
    return new Located(
        pose.cameraFromChunk(),
        pose.intrinsics(),
        inliers / (double) (inliers + INLIERS_FOR_CERTAIN),
        new Evidence(inliers, inliers >= INLIERS_FOR_CERTAIN, SharedErrors.covariance(pose)));
  }

  private Sightings sightings(LandmarkMemory memory) {
    float[] keys = KeyProjection.seeded(memory.seed()).keys(features.rootSift());
    LandmarkReader.Reading reading = LandmarkReader.read(memory, keys);
    double[] points = new double[3 * reading.count()];
    double[] pixels = new double[2 * reading.count()];
    for (int i = 0; i < reading.count(); i++) {
      Vec3 x = memory.position(reading.slot()[i]);
      points[3 * i] = x.x();
      points[3 * i + 1] = x.y();
      points[3 * i + 2] = x.z();
      pixels[2 * i] = features.u(reading.query()[i]);
      pixels[2 * i + 1] = features.v(reading.query()[i]);
    }
    return new Sightings(points, pixels, reading.confidence(), features.originalPerWorkingPixel());
  }
}
