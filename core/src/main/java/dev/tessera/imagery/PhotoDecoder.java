package dev.tessera.imagery;

import java.io.Serializable;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
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
    try {
      return UprightPixels.decode(
          bytes, view, readFlags(view), (scope, upright) -> decoded(scope, upright, view));
    } catch (UndecodablePhotoException e) {
      return new Outcome.Unreadable(e.reason(), e.getMessage());
    }
  }

  private Outcome decoded(MatScope scope, Mat upright, View view) throws UndecodablePhotoException {
    double aspect = (double) upright.width() / upright.height();
    double expected = (double) view.width() / view.height();
    if (Math.abs(aspect / expected - 1) > ASPECT_TOLERANCE) {
      throw UprightPixels.wrongSize(view, upright);
    }
    Mat bgr = shrink(scope, upright);
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
  private int readFlags(View view) {
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

  private static byte[] bytesOf(Mat image) {
    byte[] bytes = new byte[image.rows() * image.cols() * CvType.channels(image.type())];
    image.get(0, 0, bytes);
    return bytes;
  }
}
