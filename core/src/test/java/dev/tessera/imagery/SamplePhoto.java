package dev.tessera.imagery;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.apache.commons.imaging.common.RationalNumber;
import org.apache.commons.imaging.formats.jpeg.exif.ExifRewriter;
import org.apache.commons.imaging.formats.jpeg.xmp.JpegXmpRewriter;
import org.apache.commons.imaging.formats.tiff.TiffImageParser;
import org.apache.commons.imaging.formats.tiff.TiffImagingParameters;
import org.apache.commons.imaging.formats.tiff.constants.ExifTagConstants;
import org.apache.commons.imaging.formats.tiff.constants.GpsTagConstants;
import org.apache.commons.imaging.formats.tiff.constants.TiffTagConstants;
import org.apache.commons.imaging.formats.tiff.write.TiffImageWriterLossy;
import org.apache.commons.imaging.formats.tiff.write.TiffOutputDirectory;
import org.apache.commons.imaging.formats.tiff.write.TiffOutputSet;

/** Builds small photo files with chosen headers. */
final class SamplePhoto {
  private static final int PNG_HEADER_END = 8 + 25;

  private final int width;
  private final int height;
  private final TiffOutputSet exif = new TiffOutputSet();
  private String xmp;

  private SamplePhoto(int width, int height) {
    this.width = width;
    this.height = height;
  }

  static SamplePhoto of(int width, int height) {
    return new SamplePhoto(width, height);
  }

  /** Something that writes into the EXIF directories. */
  interface Tags {
    void write(TiffOutputDirectory root, TiffOutputDirectory camera, TiffOutputDirectory gps)
        throws IOException;
  }

  SamplePhoto tags(Tags tags) {
    try {
      tags.write(
          exif.getOrCreateRootDirectory(),
          exif.getOrCreateExifDirectory(),
          exif.getOrCreateGpsDirectory());
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SamplePhoto orientation(int orientation) {
    return tags(
        (root, camera, gps) ->
            root.add(TiffTagConstants.TIFF_TAG_ORIENTATION, (short) orientation));
  }

  SamplePhoto camera(String make, String model) {
    return tags(
        (root, camera, gps) -> {
          root.add(TiffTagConstants.TIFF_TAG_MAKE, make);
          root.add(TiffTagConstants.TIFF_TAG_MODEL, model);
        });
  }

  SamplePhoto focalMillimeters(double millimeters) {
    return tags(
        (root, camera, gps) ->
            camera.add(
                ExifTagConstants.EXIF_TAG_FOCAL_LENGTH, RationalNumber.valueOf(millimeters)));
  }

  SamplePhoto equivalent35(int millimeters) {
    return tags(
        (root, camera, gps) ->
            camera.add(ExifTagConstants.EXIF_TAG_FOCAL_LENGTH_IN_35MM_FORMAT, (short) millimeters));
  }

  SamplePhoto taken(String dateTime, String fraction) {
    return tags(
        (root, camera, gps) -> {
          camera.add(ExifTagConstants.EXIF_TAG_DATE_TIME_ORIGINAL, dateTime);
          if (fraction != null) {
            camera.add(ExifTagConstants.EXIF_TAG_SUB_SEC_TIME_ORIGINAL, fraction);
          }
        });
  }

  SamplePhoto at(double latitude, double longitude) {
    try {
      exif.setGpsInDegrees(longitude, latitude);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SamplePhoto altitude(double meters, Integer ref) {
    return tags(
        (root, camera, gps) -> {
          gps.add(GpsTagConstants.GPS_TAG_GPS_ALTITUDE, RationalNumber.valueOf(meters));
          if (ref != null) {
            gps.add(GpsTagConstants.GPS_TAG_GPS_ALTITUDE_REF, ref.byteValue());
          }
        });
  }

  /** Attributes of the drone-dji namespace, as {@code Name="value"} pairs. */
  SamplePhoto dji(String attributes) {
    xmp =
        """
        <x:xmpmeta xmlns:x="adobe:ns:meta/">
        <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description rdf:about="" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" %s/>
        </rdf:RDF></x:xmpmeta>"""
            .formatted(attributes.replaceAll("(\\w+)=", "drone-dji:$1="));
    return this;
  }

  /** A JPEG with its EXIF replaced by this one; pixels stay. */
  byte[] exifInto(byte[] jpeg) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      new ExifRewriter().updateExifMetadataLossless(jpeg, out, exif);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] jpeg() {
    try {
      byte[] bytes = plain("jpg", BufferedImage.TYPE_INT_RGB);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      if (xmp != null) {
        new JpegXmpRewriter().updateXmpXml(bytes, out, xmp);
        bytes = out.toByteArray();
      }
      return exif.isEmpty() ? bytes : exifInto(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** PNG with the EXIF in an eXIf chunk behind IHDR. */
  byte[] png() {
    try {
      byte[] bytes = plain("png", BufferedImage.TYPE_INT_RGB);
      if (exif.isEmpty()) {
        return bytes;
      }
      ByteArrayOutputStream tiff = new ByteArrayOutputStream();
      new TiffImageWriterLossy(exif.byteOrder).write(tiff, exif);
      byte[] chunk = ("eXIf").getBytes(StandardCharsets.US_ASCII);
      CRC32 checksum = new CRC32();
      checksum.update(chunk);
      checksum.update(tiff.toByteArray());
      return ByteBuffer.allocate(bytes.length + 12 + tiff.size())
          .put(bytes, 0, PNG_HEADER_END)
          .putInt(tiff.size())
          .put(chunk)
          .put(tiff.toByteArray())
          .putInt((int) checksum.getValue())
          .put(bytes, PNG_HEADER_END, bytes.length - PNG_HEADER_END)
          .array();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] tiff() {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      TiffImagingParameters parameters = new TiffImagingParameters();
      parameters.setOutputSet(exif.isEmpty() ? null : exif);
      new TiffImageParser().writeImage(image(BufferedImage.TYPE_INT_RGB), out, parameters);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The pixels alone, written by the JDK: format "jpg", "png", "tiff", "bmp" or "gif". */
  byte[] plain(String format, int type) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      if (!ImageIO.write(image(type), format, out)) {
        throw new IllegalArgumentException("Cannot write image type " + type + " as " + format);
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Four components stored inverted, as Photoshop does: no ink but black.
   *
   * @param level of black, 255 for none
   */
  static byte[] cmykJpeg(int width, int height, int level) {
    WritableRaster inks =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, width, height, 4, null);
    for (int band = 0; band < 4; band++) {
      int[] levels = new int[width * height];
      Arrays.fill(levels, band < 3 ? 255 : level);
      inks.setSamples(0, 0, width, height, band, levels);
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(file)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(inks, null, null), null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  private BufferedImage image(int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    Random random = new Random(5);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    return image;
  }

  /** A JPEG's markers without pixels worth decoding: one component each of 8 bits. */
  static byte[] jpegHeaderOnly(int width, int height, int frameMarker, int components) {
    ByteBuffer out = ByteBuffer.allocate(64);
    out.putShort((short) 0xffd8).putShort((short) (0xff00 | frameMarker));
    out.putShort((short) (8 + 3 * components)).put((byte) 8);
    out.putShort((short) height).putShort((short) width).put((byte) components);
    for (int c = 1; c <= components; c++) {
      out.put((byte) c).put((byte) 0x11).put((byte) 0);
    }
    out.putShort((short) 0xffda).putShort((short) (6 + 2 * components)).put((byte) components);
    for (int c = 1; c <= components; c++) {
      out.put((byte) c).put((byte) 0);
    }
    out.put(new byte[] {0, 63, 0, 12, (byte) 0xff, 0, 34}).putShort((short) 0xffd9);
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }
}
