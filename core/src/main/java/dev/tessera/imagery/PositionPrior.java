package dev.tessera.imagery;

import dev.tessera.geodesy.GeoPoint;
import java.io.Serializable;

/**
 * Where the photo says it was taken, and how far that is to be trusted.
 *
 * @param horizontalSigmaMeters one standard deviation east and north
 * @param verticalSigmaMeters one standard deviation up
 * @param suspicion why the sigmas were inflated, or {@link Suspicion#NONE}
 */
public record PositionPrior(
    GeoPoint point, double horizontalSigmaMeters, double verticalSigmaMeters, Suspicion suspicion)
    implements Serializable {

  /** Why a position that is there is not believed. */
  public enum Suspicion {
    NONE,
    /** The same position on every photo of the collection. */
    IDENTICAL_FOR_ALL,
    /** Reached from its neighbours in time only at an impossible speed. */
    SPEED_JUMP
  }

  public PositionPrior {
    if (!(horizontalSigmaMeters > 0) || !(verticalSigmaMeters > 0)) {
      throw new IllegalArgumentException(
          "Position sigmas must be positive, were %s and %s"
              .formatted(horizontalSigmaMeters, verticalSigmaMeters));
    }
  }
}
