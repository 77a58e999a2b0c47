package dev.tessera.evaluate;

import dev.tessera.geometry.Sim3;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * Estimated cameras against the truth. Numbers that could not be had are NaN.
 *
 * @param truthPhotos photos of the collection that have a true camera
 * @param compared of those, the registered ones
 * @param ateRmseMeters absolute trajectory error: root mean square distance of the centres
 * @param ateMedianMeters median of the same distances
 * @param rotationMeanDegrees mean angle between the rotations, after the same alignment
 * @param auc5 area under the recall curve of all pairs up to 5 degrees, in [0, 1]
 * @param auc30 the same up to 30 degrees
 * @param pairs pairs behind the areas
 * @param pairsSampled whether they are a random sample of all pairs
 * @param truthFromEstimate the alignment; the identity if none was asked for, null if none exists
 * @param perPhoto errors of the registered photos, ordered by name; empty if there is no alignment
 * @param noAlignmentReason why there is no alignment; null if there is one
 */
public record TrajectoryErrors(
    int truthPhotos,
    int compared,
    double ateRmseMeters,
    double ateMedianMeters,
    double rotationMeanDegrees,
    double auc5,
    double auc30,
    long pairs,
    boolean pairsSampled,
    Sim3 truthFromEstimate,
    List<PhotoError> perPhoto,
    String noAlignmentReason)
    implements Serializable {

  /**
   * One photo's error after the alignment.
   *
   * @param eastMeters estimate minus truth along the reference frame's first axis
   * @param northMeters along its second axis
   * @param upMeters along its third axis
   * @param rotationDegrees angle between the rotations
   */
  public record PhotoError(
      String name, double eastMeters, double northMeters, double upMeters, double rotationDegrees)
      implements Serializable {
    /** Distance between the centres. */
    public double positionMeters() {
      return Math.sqrt(eastMeters * eastMeters + northMeters * northMeters + upMeters * upMeters);
    }
  }

  public TrajectoryErrors {
    perPhoto = List.copyOf(perPhoto);
  }

  /** Why the errors of position and rotation are NaN. */
  public Optional<String> reason() {
    return Optional.ofNullable(noAlignmentReason);
  }
}
