package dev.tessera.synthetic;

import java.io.Serializable;

/**
 * An upright box that stands on the ground: a house, something on its roof, or a parked car.
 * Metres, east-north-up. Boxes may overlap; the town is their union.
 */
record Building(
    double minEast, double minNorth, double maxEast, double maxNorth, double height, Kind kind)
    implements Serializable {
  enum Kind {
    HOUSE,
    ROOF_UNIT,
    CAR
  }

  Building {
    if (!(minEast < maxEast) || !(minNorth < maxNorth) || !(height > 0)) {
      throw new IllegalArgumentException(
          "Building must not be empty, was [%s, %s] x [%s, %s], %s m high"
              .formatted(minEast, maxEast, minNorth, maxNorth, height));
    }
  }
}
