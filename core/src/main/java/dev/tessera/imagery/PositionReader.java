package dev.tessera.imagery;

import com.drew.metadata.exif.GpsDirectory;
import dev.tessera.geodesy.GeoPoint;
import dev.tessera.imagery.PhotoOutcome.Note;
import java.util.List;
import java.util.Locale;

/**
 * Reads a position prior from XMP ({@code drone-dji}) or EXIF GPS.
 *
 * <p>A valid XMP position wins: some drone firmware truncates the EXIF one. Hemisphere references
 * are required, since a guessed one mirrors the scene. Altitude reference 1 or 3 is below sea level
 * or ellipsoid; absent is above. Heights are taken as they stand: which datum a camera means is not
 * recorded reliably, and the geoid's 20-100 m are constant over a run's extent.
 */
final class PositionReader {
  private static final String DJI = "drone-dji:";
  private static final double ZERO_DEGREES = 1e-9;

  /** No camera carrier flies higher; larger values are wrapped negative numbers. */
  private static final double HIGHEST_METERS = 20_000;

  /** Vertical errors of satellite fixes are about twice the horizontal ones. */
  private static final double VERTICAL_PER_HORIZONTAL = 2;

  private final PhotoHeader header;
  private final PhotoReader.Config config;
  private final List<Note> notes;

  private PositionReader(PhotoHeader header, PhotoReader.Config config, List<Note> notes) {
    this.header = header;
    this.config = config;
    this.notes = notes;
  }

  /** The prior, or null; adds to {@code notes} why. */
  static PositionPrior read(PhotoHeader header, PhotoReader.Config config, List<Note> notes) {
    return new PositionReader(header, config, notes).read();
  }

  private record Degrees(double latitude, double longitude) {
    boolean isZero() {
      return Math.abs(latitude) < ZERO_DEGREES && Math.abs(longitude) < ZERO_DEGREES;
    }

    boolean isValid() {
      return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    }

    boolean isUsable() {
      return isValid() && !isZero();
    }
  }

  private PositionPrior read() {
    Degrees drone = droneDegrees();
    Degrees exif = exifDegrees();
    Degrees chosen = drone != null && (drone.isUsable() || exif == null) ? drone : exif;
    if (chosen == null) {
      return null;
    }
    if (!chosen.isUsable()) {
      notes.add(chosen.isValid() ? Note.POSITION_AT_ZERO : Note.POSITION_INVALID);
      return null;
    }
    return prior(chosen);
  }

  private PositionPrior prior(Degrees degrees) {
    Double height = absoluteHeight();
    double horizontal = horizontalSigma();
    double vertical = verticalSigma(horizontal);
    if (height == null) {
      notes.add(Note.ALTITUDE_MISSING);
      vertical = config.unknownHeightSigmaMeters();
      height = relativeHeight();
    }
    GeoPoint point = new GeoPoint(degrees.latitude(), degrees.longitude(), height);
    return new PositionPrior(point, horizontal, vertical, PositionPrior.Suspicion.NONE);
  }

  private Degrees droneDegrees() {
    Double latitude = header.xmpNumber(DJI + "GpsLatitude");
    Double longitude = header.xmpNumber(DJI + "GpsLongitude");
    if (longitude == null) {
      longitude = header.xmpNumber(DJI + "GpsLongtitude"); // so written by many firmwares
    }
    return latitude == null || longitude == null ? null : new Degrees(latitude, longitude);
  }

  private Degrees exifDegrees() {
    if (!header.hasGps(GpsDirectory.TAG_LATITUDE) && !header.hasGps(GpsDirectory.TAG_LONGITUDE)) {
      return null;
    }
    return new Degrees(
        exifAngle(GpsDirectory.TAG_LATITUDE, GpsDirectory.TAG_LATITUDE_REF, "N", "S"),
        exifAngle(GpsDirectory.TAG_LONGITUDE, GpsDirectory.TAG_LONGITUDE_REF, "E", "W"));
  }

  /** Degrees, minutes and seconds with their hemisphere; NaN if any of it does not hold. */
  private double exifAngle(int tag, int refTag, String positive, String negative) {
    double[] parts = header.gpsNumbers(tag);
    String ref = header.gpsText(refTag);
    if (parts.length == 0 || ref == null) {
      return Double.NaN;
    }
    double degrees = 0;
    for (int i = Math.min(parts.length, 3) - 1; i >= 0; i--) {
      if (!(parts[i] >= 0) || (i > 0 && parts[i] > 60)) {
        return Double.NaN;
      }
      degrees = degrees / 60 + parts[i];
    }
    String hemisphere = ref.substring(0, 1).toUpperCase(Locale.ROOT);
    if (hemisphere.equals(negative)) {
      return -degrees;
    }
    return hemisphere.equals(positive) ? degrees : Double.NaN;
  }

  private Double absoluteHeight() {
    Double drone = plausible(header.xmpNumber(DJI + "AbsoluteAltitude"));
    if (drone != null) {
      return drone;
    }
    Double exif = plausible(header.gpsNumber(GpsDirectory.TAG_ALTITUDE));
    Double ref = header.gpsNumber(GpsDirectory.TAG_ALTITUDE_REF);
    boolean below = ref != null && (ref == 1 || ref == 3);
    return exif != null && below ? Double.valueOf(-Math.abs(exif)) : exif;
  }

  /** Height above the take-off point: heights within one flight at least compare. */
  private double relativeHeight() {
    Double relative = plausible(header.xmpNumber(DJI + "RelativeAltitude"));
    return relative == null ? 0 : relative;
  }

  private static Double plausible(Double heightMeters) {
    return heightMeters != null && Math.abs(heightMeters) <= HIGHEST_METERS ? heightMeters : null;
  }

  private double horizontalSigma() {
    Double east = header.xmpNumber(DJI + "RtkStdLon");
    Double north = header.xmpNumber(DJI + "RtkStdLat");
    if (east != null && north != null && east > 0 && north > 0) {
      return floored(Math.sqrt((east * east + north * north) / 2));
    }
    Double error = header.gpsNumber(GpsDirectory.TAG_H_POSITIONING_ERROR);
    if (error != null && error > 0) {
      return floored(error);
    }
    Double dilution = header.gpsNumber(GpsDirectory.TAG_DOP);
    if (dilution != null && dilution > 0) {
      return Math.max(1, dilution) * config.metersPerDop();
    }
    return config.horizontalSigmaMeters();
  }

  private double verticalSigma(double horizontalSigmaMeters) {
    Double up = header.xmpNumber(DJI + "RtkStdHgt");
    return up != null && up > 0
        ? floored(up)
        : Math.max(config.verticalSigmaMeters(), VERTICAL_PER_HORIZONTAL * horizontalSigmaMeters);
  }

  private double floored(double sigmaMeters) {
    return Math.max(config.smallestSigmaMeters(), sigmaMeters);
  }
}
