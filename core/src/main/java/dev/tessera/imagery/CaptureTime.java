package dev.tessera.imagery;

import com.drew.metadata.exif.ExifDirectoryBase;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads when a photo was taken: DateTimeOriginal, else DateTimeDigitized, with its sub-seconds.
 *
 * <p>The result is the wall clock's reading, as if it were UTC. OffsetTime is deliberately not
 * applied: few cameras write it, and applying it to some of a run's photos and not to others would
 * tear sequences apart by hours. IFD0's DateTime is not used: editors overwrite it.
 */
final class CaptureTime {
  private static final Pattern DATE_TIME =
      Pattern.compile("(\\d{4})[:/-](\\d{2})[:/-](\\d{2})[ T](\\d{2}):(\\d{2}):(\\d{2}).*");

  private static final int MILLI_DIGITS = 3;

  private CaptureTime() {}

  /** Milliseconds since 1970 by the camera's clock; null if not known. */
  static Long millis(PhotoHeader header) {
    Long original =
        millis(
            header.text(ExifDirectoryBase.TAG_DATETIME_ORIGINAL),
            header.text(ExifDirectoryBase.TAG_SUBSECOND_TIME_ORIGINAL));
    return original != null
        ? original
        : millis(
            header.text(ExifDirectoryBase.TAG_DATETIME_DIGITIZED),
            header.text(ExifDirectoryBase.TAG_SUBSECOND_TIME_DIGITIZED));
  }

  private static Long millis(String dateTime, String fraction) {
    Matcher parts = DATE_TIME.matcher(dateTime == null ? "" : dateTime);
    if (!parts.matches()) {
      return null;
    }
    try {
      LocalDateTime time =
          LocalDateTime.of(
              Integer.parseInt(parts.group(1)),
              Integer.parseInt(parts.group(2)),
              Integer.parseInt(parts.group(3)),
              Integer.parseInt(parts.group(4)),
              Integer.parseInt(parts.group(5)),
              Integer.parseInt(parts.group(6)));
      return time.toInstant(ZoneOffset.UTC).toEpochMilli() + fractionMillis(fraction);
    } catch (DateTimeException impossibleDate) {
      return null; // a camera whose clock was never set writes 0000:00:00 00:00:00
    }
  }

  /** "5" is half a second, "0123456" is 12 ms. */
  private static int fractionMillis(String fraction) {
    if (fraction == null || !fraction.matches("\\d+")) {
      return 0;
    }
    return Integer.parseInt((fraction + "000").substring(0, MILLI_DIGITS));
  }
}
