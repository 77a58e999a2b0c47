package dev.tessera.synthetic;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import java.util.SplittableRandom;

/**
 * How a receiver in the camera errs, photo by photo and independently. A function of the seed and
 * the photo's number.
 *
 * @param horizontalSigmaMeters one standard deviation east and north
 * @param verticalSigmaMeters one standard deviation up
 * @param missingShare share of photos without any position
 * @param outlierShare share of photos whose position is wrong by {@code outlierMeters}
 * @param outlierMeters horizontal length of a gross error
 */
public record PositionNoise(
    double horizontalSigmaMeters,
    double verticalSigmaMeters,
    double missingShare,
    double outlierShare,
    double outlierMeters)
    implements Serializable {

  public PositionNoise {
    if (!(horizontalSigmaMeters >= 0) || !(verticalSigmaMeters >= 0) || !(outlierMeters >= 0)) {
      throw new IllegalArgumentException(
          "Position errors must not be negative, were %s, %s and %s"
              .formatted(horizontalSigmaMeters, verticalSigmaMeters, outlierMeters));
    }
    if (!(missingShare >= 0 && missingShare <= 1) || !(outlierShare >= 0 && outlierShare <= 1)) {
      throw new IllegalArgumentException(
          "Shares of photos must be in [0, 1], were %s and %s"
              .formatted(missingShare, outlierShare));
    }
  }

  /** A good consumer receiver: 1 m, 2 m up, every photo has a position, none is grossly wrong. */
  public static PositionNoise defaults() {
    return new PositionNoise(1, 2, 0, 0, 100);
  }

  /** What a photo says of its true position, east-north-up metres; null if it says nothing. */
  Vec3 measured(Vec3 trueEnu, long seed, int photo) {
    SplittableRandom random = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + photo);
    boolean missing = random.nextDouble() < missingShare;
    boolean outlier = random.nextDouble() < outlierShare;
    double direction = random.nextDouble() * 2 * Math.PI;
    Vec3 error =
        new Vec3(
            random.nextGaussian() * horizontalSigmaMeters,
            random.nextGaussian() * horizontalSigmaMeters,
            random.nextGaussian() * verticalSigmaMeters);
    if (missing) {
      return null;
    }
    Vec3 gross = new Vec3(Math.cos(direction), Math.sin(direction), 0).times(outlierMeters);
    return trueEnu.plus(error).plus(outlier ? gross : Vec3.ZERO);
  }
}
