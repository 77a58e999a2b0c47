package dev.tessera.imagery;

import com.drew.metadata.exif.ExifDirectoryBase;
import dev.tessera.imagery.FocalPrior.Source;
import dev.tessera.imagery.SensorTable.Sensor;

/**
 * Reads a focal length prior, in pixels, from the best source that makes sense.
 *
 * <ol>
 *   <li>35 mm equivalent {@code f35}: equal diagonal angle of view on the uncropped sensor (CIPA
 *       DCG-001),
 *       <pre>f = f35 D / sqrt(36^2 + 24^2),  D = L sqrt(1 + 1/a^2),  L = max(long, a short)</pre>
 *       where {@code a} is the aspect of the uncropped sensor. Cameras state one f35 for a lens
 *       whatever the crop, so {@code D} must be that of the uncropped image: taking the diagonal of
 *       a 16:9 crop of a 4:3 sensor makes f 8 % too short.
 *   <li>Focal length times FocalPlaneXResolution. The resolution belongs to the image size that
 *       EXIF claims, so it is scaled by the true size over the claimed one.
 *   <li>Focal length over the sensor width of a known camera, {@code f = mm L / width}.
 *   <li>1.2 times the longer side.
 * </ol>
 */
final class FocalReader {
  private static final double FILM_DIAGONAL_MILLIMETERS = Math.hypot(36, 24);
  private static final double FOUR_TO_THREE = 4.0 / 3;
  private static final double THREE_TO_TWO = 3.0 / 2;

  /** Aspects from 5:4 to 3:2, with some slack, are sensors' own; others are crops. */
  private static final double SQUAREST_SENSOR = 1.2;

  private static final double WIDEST_SENSOR = 1.6;

  /** Wider than any camera's own crop: a strip, labelled by its width against 36 mm. */
  private static final double STRIP = 2.5;

  private static final double ASSUMED_PER_LONGER_SIDE = 1.2;

  /** Angles of view of 136 and 3 degrees on the longer side: beyond them the header is wrong. */
  private static final double SHORTEST_PER_LONGER_SIDE = 0.2;

  private static final double LONGEST_PER_LONGER_SIDE = 20;

  /** Phones to medium format; a claimed sensor outside is a resolution that was not kept up. */
  private static final double SMALLEST_SENSOR_MILLIMETERS = 2;

  private static final double LARGEST_SENSOR_MILLIMETERS = 70;

  private final PhotoHeader header;
  private final double longer;
  private final double shorter;
  private final Sensor sensor;

  private FocalReader(PhotoHeader header, StoredSize size) {
    this.header = header;
    longer = Math.max(size.width(), size.height());
    shorter = Math.min(size.width(), size.height());
    sensor =
        SensorTable.find(
            header.text(ExifDirectoryBase.TAG_MAKE), header.text(ExifDirectoryBase.TAG_MODEL));
  }

  static FocalPrior read(PhotoHeader header, StoredSize size) {
    return new FocalReader(header, size).read();
  }

  private FocalPrior read() {
    double equivalent = fromEquivalent();
    if (isPlausible(equivalent)) {
      return new FocalPrior(equivalent, Source.EQUIVALENT_35MM);
    }
    double focalPlane = fromFocalPlane();
    if (isPlausible(focalPlane)) {
      return new FocalPrior(focalPlane, Source.FOCAL_PLANE);
    }
    double table = fromSensorTable();
    return isPlausible(table)
        ? new FocalPrior(table, Source.SENSOR_TABLE)
        : new FocalPrior(ASSUMED_PER_LONGER_SIDE * longer, Source.ASSUMED);
  }

  private boolean isPlausible(double focalPixels) {
    return focalPixels >= SHORTEST_PER_LONGER_SIDE * longer
        && focalPixels <= LONGEST_PER_LONGER_SIDE * longer;
  }

  private double fromEquivalent() {
    Double equivalent = header.positive(ExifDirectoryBase.TAG_35MM_FILM_EQUIV_FOCAL_LENGTH);
    if (equivalent == null) {
      return Double.NaN;
    }
    double aspect = sensor == null ? guessedAspect() : sensor.nativeAspect();
    double diagonal = uncroppedLonger(aspect) * Math.sqrt(1 + 1 / (aspect * aspect));
    return equivalent * diagonal / FILM_DIAGONAL_MILLIMETERS;
  }

  /** Aspect of the uncropped sensor of an unknown camera, from that of the image. */
  private double guessedAspect() {
    double aspect = longer / shorter;
    if (aspect >= SQUAREST_SENSOR && aspect <= WIDEST_SENSOR) {
      return aspect;
    }
    return aspect > STRIP ? THREE_TO_TWO : FOUR_TO_THREE;
  }

  /** Length in pixels of the longer side before a crop to this image's aspect. */
  private double uncroppedLonger(double nativeAspect) {
    return Math.max(longer, nativeAspect * shorter);
  }

  private double fromFocalPlane() {
    Double millimeters = header.positive(ExifDirectoryBase.TAG_FOCAL_LENGTH);
    Double perUnit = header.positive(ExifDirectoryBase.TAG_FOCAL_PLANE_X_RESOLUTION);
    if (millimeters == null || perUnit == null) {
      return Double.NaN;
    }
    double perMillimeter = perUnit / focalPlaneUnitMillimeters();
    double claimedLonger = claimedLonger();
    double sensorMillimeters = claimedLonger / perMillimeter;
    boolean plausible =
        sensorMillimeters >= SMALLEST_SENSOR_MILLIMETERS
            && sensorMillimeters <= LARGEST_SENSOR_MILLIMETERS;
    return plausible ? millimeters * perMillimeter * longer / claimedLonger : Double.NaN;
  }

  /** The longer side that EXIF claims, to which its resolution belongs. */
  private double claimedLonger() {
    Double width = header.positive(ExifDirectoryBase.TAG_EXIF_IMAGE_WIDTH);
    Double height = header.positive(ExifDirectoryBase.TAG_EXIF_IMAGE_HEIGHT);
    return width == null || height == null ? longer : Math.max(width, height);
  }

  /** EXIF: 2 inch (the default), 3 centimetre; 4 and 5 are millimetre and micrometre in use. */
  private double focalPlaneUnitMillimeters() {
    Double unit = header.positive(ExifDirectoryBase.TAG_FOCAL_PLANE_RESOLUTION_UNIT);
    int code = unit == null ? 2 : unit.intValue();
    return code == 3 ? 10 : code == 4 ? 1 : code == 5 ? 0.001 : 25.4;
  }

  private double fromSensorTable() {
    Double millimeters = header.positive(ExifDirectoryBase.TAG_FOCAL_LENGTH);
    return sensor == null || millimeters == null
        ? Double.NaN
        : millimeters * uncroppedLonger(sensor.nativeAspect()) / sensor.widthMillimeters();
  }
}
