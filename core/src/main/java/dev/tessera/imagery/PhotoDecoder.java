package dev.tessera.imagery;

import java.io.Serializable;
import org.opencv.core.Core;
import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Size;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * Turns the bytes of a photo file into an upright 8-bit image, at a reduced size where the original
 * is large. JPEG, PNG, TIFF and what else OpenCV reads; CMYK and 16-bit files included. Safe for
 * many threads.
 */
public final class PhotoDecoder {
  /** Relative difference of the sides' ratios beyond which file and view do not belong together. */
  private static final double ASPECT_TOLERANCE = 0.02;

  private final Config config;

  /**
   * @param maxSidePixels longer side of the decoded image at most; larger photos are averaged down
   */
  public record Config(int maxSidePixels) implements Serializable {
    public Config {
      if (maxSidePixels < 64) {
        throw new IllegalArgumentException(
            "Longest decoded side must be at least 64, was " + maxSidePixels);
      }
    }

    public static Config defaults() {
      return new Config(1600);
    }
  }

  /** A photo, or why there is none. */
  public sealed interface Outcome {
    /** The photo could be read. */
    record Decoded(UprightPhoto photo) implements Outcome {}

    /** The photo could not be read. */
    record Unreadable(Reason reason, String detail) implements Outcome {}
  }

  /** Why a photo cannot be used. */
  public enum Reason {
    EMPTY_FILE,
    /** Not an image, or damaged beyond decoding. */
    UNDECODABLE,
    /** A JPEG that ends before its end-of-image marker: its lower part is missing. */
    TRUNCATED,
    /** The image has not the shape that the view says. */
    WRONG_SIZE
  }

  public PhotoDecoder(Config config) {
    this.config = config;
    OpenCv.ensureLoaded();
  }

  /** Decodes the photo of a view; orientation and size are the view's. */
  public Outcome decode(byte[] bytes, View view) {
    if (bytes.length == 0) {
      return new Outcome.Unreadable(Reason.EMPTY_FILE, view.name() + " has no bytes");
    }
    if (JpegEnd.isMissing(bytes)) {
      return new Outcome.Unreadable(
          Reason.TRUNCATED, view.name() + " ends before its end-of-image marker");
    }
    try (MatScope scope = new MatScope()) {
      Mat stored = Imgcodecs.imdecode(scope.own(new MatOfByte(bytes)), decodeFlags(view));
      scope.own(stored);
      if (stored.empty()) {
        return new Outcome.Unreadable(
            Reason.UNDECODABLE,
            "%s: no decoder accepts its %d bytes".formatted(view.name(), bytes.length));
      }
      return upright(scope, stored, view);
    } catch (CvException e) {
      return new Outcome.Unreadable(Reason.UNDECODABLE, view.name() + ": " + e.getMessage());
    }
  }

  private Outcome upright(MatScope scope, Mat stored, View view) {
    Mat turned = turn(scope, stored, view.exifOrientation());
    double aspect = (double) turned.width() / turned.height();
    double expected = (double) view.width() / view.height();
    if (Math.abs(aspect / expected - 1) > ASPECT_TOLERANCE) {
      return new Outcome.Unreadable(
          Reason.WRONG_SIZE,
          "%s decodes to %d x %d, its view says %d x %d"
              .formatted(
                  view.name(), turned.width(), turned.height(), view.width(), view.height()));
    }
    Mat bgr = shrink(scope, turned);
    Mat gray = scope.empty();
    Imgproc.cvtColor(bgr, gray, Imgproc.COLOR_BGR2GRAY);
    int width = bgr.width();
    int height = bgr.height();
    return new Outcome.Decoded(
        new UprightPhoto(
            width,
            height,
            bytesOf(gray),
            bytesOf(bgr),
            (double) view.width() / width,
            (double) view.height() / height));
  }

  /** JPEG can be decoded at 1/2, 1/4, 1/8 for less time and memory: as far as it stays too big. */
  private int decodeFlags(View view) {
    int longSide = Math.max(view.width(), view.height());
    int flag = Imgcodecs.IMREAD_COLOR;
    if (longSide >= 8 * config.maxSidePixels) {
      flag = Imgcodecs.IMREAD_REDUCED_COLOR_8;
    } else if (longSide >= 4 * config.maxSidePixels) {
      flag = Imgcodecs.IMREAD_REDUCED_COLOR_4;
    } else if (longSide >= 2 * config.maxSidePixels) {
      flag = Imgcodecs.IMREAD_REDUCED_COLOR_2;
    }
    return flag | Imgcodecs.IMREAD_IGNORE_ORIENTATION;
  }

  private Mat shrink(MatScope scope, Mat image) {
    int longSide = Math.max(image.width(), image.height());
    if (longSide <= config.maxSidePixels) {
      return image;
    }
    double ratio = (double) config.maxSidePixels / longSide;
    Mat small = scope.empty();
    Size size =
        new Size(
            Math.max(1, Math.round(image.width() * ratio)),
            Math.max(1, Math.round(image.height() * ratio)));
    Imgproc.resize(image, small, size, 0, 0, Imgproc.INTER_AREA);
    return small;
  }

  /** The turn that EXIF tag 0x0112 asks for (Exif 2.32, section 4.6.4). */
  private static Mat turn(MatScope scope, Mat stored, int exifOrientation) {
    return switch (exifOrientation) {
      case 2 -> flip(scope, stored, 1);
      case 3 -> rotate(scope, stored, Core.ROTATE_180);
      case 4 -> flip(scope, stored, 0);
      case 5 -> transpose(scope, stored);
      case 6 -> rotate(scope, stored, Core.ROTATE_90_CLOCKWISE);
      case 7 -> rotate(scope, transpose(scope, stored), Core.ROTATE_180);
      case 8 -> rotate(scope, stored, Core.ROTATE_90_COUNTERCLOCKWISE);
      default -> stored;
    };
  }

  private static Mat flip(MatScope scope, Mat image, int axis) {
    Mat flipped = scope.empty();
    Core.flip(image, flipped, axis);
    return flipped;
  }

  private static Mat rotate(MatScope scope, Mat image, int how) {
    Mat rotated = scope.empty();
    Core.rotate(image, rotated, how);
    return rotated;
  }

  private static Mat transpose(MatScope scope, Mat image) {
    Mat transposed = scope.empty();
    Core.transpose(image, transposed);
    return transposed;
  }

  private static byte[] bytesOf(Mat image) {
    byte[] bytes = new byte[image.rows() * image.cols() * CvType.channels(image.type())];
    image.get(0, 0, bytes);
    return bytes;
  }
}
