package dev.tessera.imagery;

import com.drew.imaging.ImageProcessingException;
import com.drew.imaging.jpeg.JpegMetadataReader;
import com.drew.imaging.jpeg.JpegSegmentMetadataReader;
import com.drew.imaging.png.PngMetadataReader;
import com.drew.imaging.tiff.TiffMetadataReader;
import com.drew.lang.ByteArrayReader;
import com.drew.lang.Rational;
import com.drew.metadata.Directory;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifDirectoryBase;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import com.drew.metadata.exif.ExifSubIFDDirectory;
import com.drew.metadata.exif.GpsDirectory;
import com.drew.metadata.xmp.XmpDirectory;
import com.drew.metadata.xmp.XmpReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The EXIF and XMP of one file, tag by tag; null for what is absent or not a number.
 *
 * @param damaged whether the metadata could not be parsed to its end
 */
record PhotoHeader(Metadata metadata, Map<String, String> xmp, boolean damaged) {
  private static final Logger LOG = LoggerFactory.getLogger(PhotoHeader.class);

  private static final List<JpegSegmentMetadataReader> SEGMENTS =
      List.of(new ExifReader(), new XmpReader());

  /** Parses what can be parsed: metadata beyond repair is that of a photo without any. */
  static PhotoHeader of(ImageFormat format, byte[] bytes, String name) {
    try {
      Metadata metadata = parse(format, bytes);
      return new PhotoHeader(metadata, xmp(metadata), hasErrors(metadata));
    } catch (ImageProcessingException | IOException | RuntimeException e) {
      // the parser throws unchecked exceptions on some malformed directories
      LOG.debug("Cannot parse the metadata of {}", name, e);
      return new PhotoHeader(new Metadata(), Map.of(), true);
    }
  }

  private static Metadata parse(ImageFormat format, byte[] bytes)
      throws ImageProcessingException, IOException {
    if (format == ImageFormat.TIFF) {
      return TiffMetadataReader.readMetadata(new ByteArrayReader(bytes));
    }
    InputStream in = new ByteArrayInputStream(bytes);
    return format == ImageFormat.JPEG
        ? JpegMetadataReader.readMetadata(in, SEGMENTS)
        : PngMetadataReader.readMetadata(in);
  }

  private static Map<String, String> xmp(Metadata metadata) {
    Map<String, String> properties = new TreeMap<>();
    for (XmpDirectory packet : metadata.getDirectoriesOfType(XmpDirectory.class)) {
      packet.getXmpProperties().forEach(properties::putIfAbsent);
    }
    return properties;
  }

  private static boolean hasErrors(Metadata metadata) {
    for (Directory directory : metadata.getDirectories()) {
      boolean read =
          directory instanceof ExifIFD0Directory
              || directory instanceof ExifSubIFDDirectory
              || directory instanceof GpsDirectory
              || directory instanceof XmpDirectory;
      if (read && directory.hasErrors()) {
        return true;
      }
    }
    return false;
  }

  /** A tag of IFD0 or of the EXIF directory, wherever it stands. */
  String text(int tag) {
    for (ExifDirectoryBase directory : metadata.getDirectoriesOfType(ExifDirectoryBase.class)) {
      boolean main =
          directory instanceof ExifIFD0Directory || directory instanceof ExifSubIFDDirectory;
      if (main && directory.containsTag(tag)) {
        return clean(directory.getString(tag));
      }
    }
    return null;
  }

  /** A number of IFD0 or of the EXIF directory: positive and finite, or null. */
  Double positive(int tag) {
    Double number = number(text(tag));
    return number != null && number > 0 ? number : null;
  }

  boolean hasGps(int tag) {
    GpsDirectory gps = metadata.getFirstDirectoryOfType(GpsDirectory.class);
    return gps != null && gps.containsTag(tag);
  }

  String gpsText(int tag) {
    return hasGps(tag)
        ? clean(metadata.getFirstDirectoryOfType(GpsDirectory.class).getString(tag))
        : null;
  }

  Double gpsNumber(int tag) {
    return hasGps(tag) ? number(gpsText(tag)) : null;
  }

  /** Numbers of a GPS tag; empty if absent, NaN for a fraction with denominator 0. */
  double[] gpsNumbers(int tag) {
    Rational[] parts =
        hasGps(tag)
            ? metadata.getFirstDirectoryOfType(GpsDirectory.class).getRationalArray(tag)
            : null;
    double[] numbers = new double[parts == null ? 0 : parts.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (double) parts[i].getNumerator() / parts[i].getDenominator();
    }
    return numbers;
  }

  /** A number from an XMP property such as {@code drone-dji:GpsLatitude}, written "+46.84". */
  Double xmpNumber(String property) {
    return number(clean(xmp.get(property)));
  }

  private static String clean(String text) {
    if (text == null) {
      return null;
    }
    String trimmed = text.replace('\0', ' ').strip();
    return trimmed.isEmpty() ? null : trimmed;
  }

  /** A decimal number or a fraction "281/10"; null if it is neither, or not finite. */
  private static Double number(String text) {
    if (text == null) {
      return null;
    }
    try {
      int slash = text.indexOf('/');
      double value =
          slash < 0
              ? Double.parseDouble(text)
              : Double.parseDouble(text.substring(0, slash))
                  / Double.parseDouble(text.substring(slash + 1));
      return Double.isFinite(value) ? value : null;
    } catch (NumberFormatException notANumber) {
      return null;
    }
  }
}
