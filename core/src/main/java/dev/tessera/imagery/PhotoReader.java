package dev.tessera.imagery;

import com.drew.metadata.exif.ExifDirectoryBase;
import dev.tessera.imagery.PhotoOutcome.Accepted;
import dev.tessera.imagery.PhotoOutcome.Note;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PhotoOutcome.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Makes a view of a photo file from its header, without decoding a pixel, or says why it cannot.
 *
 * <p>The format is told by content, never by name. JPEG (8-bit, also CMYK and progressive), PNG and
 * TIFF (8 or 16 bit) become views; the file must be whole. The bytes are read once, for the digest
 * and the header alike. Bad data never throws. Safe for many threads.
 */
public final class PhotoReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Config config;

  /**
   * What is accepted, and how far positions are trusted that do not say it themselves.
   *
   * @param smallestSidePixels photos with a shorter side are {@link Reason#TOO_SMALL}
   * @param mostPixels photos with more are {@link Reason#TOO_LARGE}
   * @param mostBytes files with more are {@link Reason#TOO_LARGE} and not read; below 2^31
   * @param horizontalSigmaMeters sigma of a position that states none
   * @param verticalSigmaMeters sigma of an altitude that states none
   * @param unknownHeightSigmaMeters sigma of the height 0 that stands for a missing altitude
   * @param metersPerDop sigma at a dilution of precision of 1; DOPs below 1 count as 1
   * @param smallestSigmaMeters lower bound of stated sigmas: lever arm and shutter delay remain
   */
  public record Config(
      int smallestSidePixels,
      long mostPixels,
      long mostBytes,
      double horizontalSigmaMeters,
      double verticalSigmaMeters,
      double unknownHeightSigmaMeters,
      double metersPerDop,
      double smallestSigmaMeters)
      implements Serializable {
    public Config {
      if (smallestSidePixels < 1 || mostPixels < 1 || mostBytes < 1) {
        throw new IllegalArgumentException(
            "Photo limits must be positive, were %d pixels a side, %d pixels, %d bytes"
                .formatted(smallestSidePixels, mostPixels, mostBytes));
      }
      if (mostBytes >= Integer.MAX_VALUE) {
        throw new IllegalArgumentException("Most bytes must be below 2^31, was " + mostBytes);
      }
      requirePositive("Horizontal sigma", horizontalSigmaMeters);
      requirePositive("Vertical sigma", verticalSigmaMeters);
      requirePositive("Sigma of an unknown height", unknownHeightSigmaMeters);
      requirePositive("Meters per DOP", metersPerDop);
      requirePositive("Smallest sigma", smallestSigmaMeters);
    }

    private static void requirePositive(String what, double meters) {
      if (!(meters > 0) || Double.isInfinite(meters)) {
        throw new IllegalArgumentException(what + " must be positive and finite, was " + meters);
      }
    }

    public static Config defaults() {
      return new Config(64, 500_000_000L, 1_000_000_000L, 3, 10, 1000, 1, 0.02);
    }
  }

  public PhotoReader(Config config) {
    this.config = config;
  }

  /** Reads a photo that is in memory; the arguments are those of {@link View}. */
  public PhotoOutcome read(String uri, String name, byte[] bytes) {
    return read(uri, name, new ByteArrayInputStream(bytes), bytes.length);
  }

  /**
   * Reads a photo from a stream, once and to its end; the caller closes it. Files that are no photo
   * are not read beyond their first bytes.
   *
   * @param sizeBytes length of the file as its folder lists it
   */
  public PhotoOutcome read(String uri, String name, InputStream in, long sizeBytes) {
    if (sizeBytes < 0) {
      throw new IllegalArgumentException(
          "Cannot read photo %s: its size is %d bytes".formatted(name, sizeBytes));
    }
    try {
      return accept(uri, name, in, sizeBytes);
    } catch (BadPhotoException e) {
      return new Quarantined(uri, name, e.reason(), e.getMessage());
    } catch (IOException e) {
      return new Quarantined(uri, name, Reason.UNREADABLE, "cannot be fetched: " + e);
    }
  }

  private Accepted accept(String uri, String name, InputStream in, long sizeBytes)
      throws IOException, BadPhotoException {
    byte[] head = in.readNBytes(ImageFormat.HEAD_BYTES);
    if (head.length == 0) {
      throw new BadPhotoException(Reason.EMPTY_FILE, "the file has no bytes");
    }
    ImageFormat format = ImageFormat.of(head, name);
    byte[] bytes = readRest(head, in, sizeBytes);
    StoredSize stored = format.measure(bytes);
    requireSize(stored);
    PhotoHeader header = PhotoHeader.of(format, bytes, name);
    List<Note> notes = new ArrayList<>();
    if (header.damaged()) {
      notes.add(Note.METADATA_DAMAGED);
    }
    int orientation = orientation(header, notes);
    StoredSize upright = stored.upright(orientation);
    String sha256 = sha256(bytes);
    View view =
        new View(
            ViewId.ofSha256(sha256),
            uri,
            name,
            sha256,
            upright.width(),
            upright.height(),
            orientation,
            FocalReader.read(header, stored),
            CameraKey.of(header, name, upright, orientation),
            CaptureTime.millis(header),
            PositionReader.read(header, config, notes));
    return new Accepted(view, notes);
  }

  private static int orientation(PhotoHeader header, List<Note> notes) {
    Double orientation = header.positive(ExifDirectoryBase.TAG_ORIENTATION);
    if (orientation != null && orientation >= 1 && orientation <= 8) {
      return orientation.intValue();
    }
    if (header.text(ExifDirectoryBase.TAG_ORIENTATION) != null) {
      notes.add(Note.ORIENTATION_INVALID);
    }
    return 1;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private byte[] readRest(byte[] head, InputStream in, long sizeBytes)
      throws IOException, BadPhotoException {
    if (sizeBytes > config.mostBytes()) {
      throw new BadPhotoException(
          Reason.TOO_LARGE,
          "%d bytes, at most %d are read".formatted(sizeBytes, config.mostBytes()));
    }
    byte[] bytes = new byte[(int) Math.max(sizeBytes, head.length)];
    System.arraycopy(head, 0, bytes, 0, head.length);
    int rest = in.readNBytes(bytes, head.length, bytes.length - head.length);
    if (head.length + rest < bytes.length) {
      throw new BadPhotoException(
          Reason.TRUNCATED,
          "%d of %d bytes could be read".formatted(head.length + rest, bytes.length));
    }
    return bytes;
  }

  private void requireSize(StoredSize stored) throws BadPhotoException {
    int shorter = Math.min(stored.width(), stored.height());
    if (shorter < config.smallestSidePixels()) {
      throw new BadPhotoException(
          Reason.TOO_SMALL,
          "%d x %d pixels, need %d a side"
              .formatted(stored.width(), stored.height(), config.smallestSidePixels()));
    }
    if ((long) stored.width() * stored.height() > config.mostPixels()) {
      throw new BadPhotoException(
          Reason.TOO_LARGE,
          "%d x %d pixels, at most %d are decoded"
              .formatted(stored.width(), stored.height(), config.mostPixels()));
    }
  }
}
