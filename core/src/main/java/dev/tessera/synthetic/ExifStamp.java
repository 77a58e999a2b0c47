package dev.tessera.synthetic;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geometry.Intrinsics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.apache.commons.imaging.common.RationalNumber;
import org.apache.commons.imaging.formats.jpeg.exif.ExifRewriter;
import org.apache.commons.imaging.formats.tiff.constants.ExifTagConstants;
import org.apache.commons.imaging.formats.tiff.constants.GpsTagConstants;
import org.apache.commons.imaging.formats.tiff.constants.TiffTagConstants;
import org.apache.commons.imaging.formats.tiff.write.TiffOutputDirectory;
import org.apache.commons.imaging.formats.tiff.write.TiffOutputSet;

/** Writes a header like a camera's into a JPEG: camera, lens, time and, if known, position. */
final class ExifStamp {
  private static final String MAKE = "Tessera";
  private static final String MODEL = "Synthetic Town";
  private static final double FULL_FRAME_DIAGONAL_MM = Math.hypot(36, 24);
  private static final double SENSOR_WIDTH_MM = 13.2;
  private static final int THOUSAND = 1000;
  private static final DateTimeFormatter EXIF_TIME =
      DateTimeFormatter.ofPattern("yyyy:MM:dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private ExifStamp() {}

  /**
   * The JPEG with a header.
   *
   * <p>The 35 mm equivalent is that of the diagonal (CIPA DCG-001), rounded to whole millimetres as
   * cameras do, so a focal length read from it is off by up to some percent.
   *
   * @param position null for a photo that does not know where it was taken
   */
  static byte[] stamp(byte[] jpeg, TownCamera camera, GeoPoint position) throws IOException {
    TiffOutputSet tags = new TiffOutputSet();
    TiffOutputDirectory root = tags.getOrCreateRootDirectory();
    root.add(TiffTagConstants.TIFF_TAG_MAKE, MAKE);
    root.add(TiffTagConstants.TIFF_TAG_MODEL, MODEL);
    root.add(TiffTagConstants.TIFF_TAG_ORIENTATION, (short) 1);
    addLensAndTime(tags.getOrCreateExifDirectory(), camera);
    if (position != null) {
      tags.setGpsInDegrees(position.longitudeDegrees(), position.latitudeDegrees());
      TiffOutputDirectory gps = tags.getOrCreateGpsDirectory();
      boolean below = position.heightMeters() < 0;
      gps.add(GpsTagConstants.GPS_TAG_GPS_ALTITUDE_REF, (byte) (below ? 1 : 0));
      gps.add(GpsTagConstants.GPS_TAG_GPS_ALTITUDE, thousandths(Math.abs(position.heightMeters())));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(jpeg.length + 1024);
    new ExifRewriter().updateExifMetadataLossless(jpeg, out, tags);
    return out.toByteArray();
  }

  private static void addLensAndTime(TiffOutputDirectory exif, TownCamera camera)
      throws IOException {
    Intrinsics k = camera.intrinsics();
    double diagonal = Math.hypot(k.width(), k.height());
    exif.add(
        ExifTagConstants.EXIF_TAG_FOCAL_LENGTH,
        thousandths(k.focalPixels() * SENSOR_WIDTH_MM / k.width()));
    exif.add(
        ExifTagConstants.EXIF_TAG_FOCAL_LENGTH_IN_35MM_FORMAT,
        (short) Math.round(k.focalPixels() * FULL_FRAME_DIAGONAL_MM / diagonal));
    Instant taken = Instant.ofEpochMilli(camera.captureMillis());
    exif.add(ExifTagConstants.EXIF_TAG_DATE_TIME_ORIGINAL, EXIF_TIME.format(taken));
    exif.add(
        ExifTagConstants.EXIF_TAG_SUB_SEC_TIME_ORIGINAL,
        String.format(Locale.ROOT, "%03d", Math.floorMod(camera.captureMillis(), 1000L)));
  }

  private static RationalNumber thousandths(double value) {
    return new RationalNumber((int) Math.round(value * THOUSAND), THOUSAND);
  }
}
