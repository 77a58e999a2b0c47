package dev.tessera.evaluate;

import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Errors of relative poses: for a pair the larger of the angle between the two relative rotations
 * and the angle between the two directions of translation, degrees. Does not depend on the frame or
 * the scale of the estimate.
 */
final class PairErrors {
  /** Cameras closer than this count as in one place: the direction between them means nothing. */
  private static final double SAME_PLACE_METERS = 1e-6;

  private PairErrors() {}

  /**
   * All pairs, or {@code maxPairs} drawn with replacement if there are more.
   *
   * @param truth cameras from the reference frame
   * @param estimate the same cameras from the estimate's frame; null for one not registered
   */
  static double[] degrees(List<Rigid3> truth, List<Rigid3> estimate, long maxPairs, long seed) {
    int n = truth.size();
    long all = count(n);
    double[] errors = new double[(int) Math.min(all, maxPairs)];
    if (all > maxPairs) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int k = 0; k < errors.length; k++) {
        int i = random.nextInt(n);
        int j = (i + 1 + random.nextInt(n - 1)) % n;
        errors[k] = degrees(truth.get(i), truth.get(j), estimate.get(i), estimate.get(j));
      }
      return errors;
    }
    int k = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        errors[k++] = degrees(truth.get(i), truth.get(j), estimate.get(i), estimate.get(j));
      }
    }
    return errors;
  }

  static long count(int photos) {
    return (long) photos * (photos - 1) / 2;
  }

  private static double degrees(Rigid3 truthI, Rigid3 truthJ, Rigid3 i, Rigid3 j) {
    if (i == null || j == null) {
      return Double.POSITIVE_INFINITY;
    }
    Rigid3 truth = truthJ.after(truthI.inverse());
    Rigid3 estimate = j.after(i.inverse());
    double rotation = truth.rotation().angleRadiansTo(estimate.rotation());
    double direction = 0;
    if (truth.translation().norm() > SAME_PLACE_METERS) {
      direction = angle(truth.translation(), estimate.translation());
    }
    return Math.toDegrees(Math.max(rotation, direction));
  }

  /** Angle between two vectors, well conditioned for small ones; pi if the second is zero. */
  private static double angle(Vec3 a, Vec3 b) {
    return b.norm() > 0 ? Math.atan2(a.cross(b).norm(), a.dot(b)) : Math.PI;
  }
}
