package dev.tessera.geodesy;

import java.io.Serializable;

/** A position on WGS84: degrees, and metres above the ellipsoid. */
public record GeoPoint(double latitudeDegrees, double longitudeDegrees, double heightMeters)
    implements Serializable {
  public GeoPoint {
    if (!(Math.abs(latitudeDegrees) <= 90)) {
      throw new IllegalArgumentException("Latitude must be in [-90, 90], was " + latitudeDegrees);
    }
    if (!(Math.abs(longitudeDegrees) <= 180)) {
      throw new IllegalArgumentException(
          "Longitude must be in [-180, 180], was " + longitudeDegrees);
    }
    if (!Double.isFinite(heightMeters)) {
      throw new IllegalArgumentException("Height must be finite, was " + heightMeters);
    }
  }
}
