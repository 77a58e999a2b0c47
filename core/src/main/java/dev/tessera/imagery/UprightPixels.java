package dev.tessera.imagery;

import dev.tessera.imagery.PhotoDecoder.Reason;
import org.opencv.core.Core;
import org.opencv.core.CvException;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;

/** The native step that all decoding shares: from a file's bytes to upright pixels. */
final class UprightPixels {
  private UprightPixels() {}

  /** What is made of the pixels while they live. */
  interface Use<T> {
    /**
     * @param scope frees everything put into it when the use is over
     * @param upright blue, green, red and perhaps alpha
     */
    T of(MatScope scope, Mat upright) throws UndecodablePhotoException;
  }

  /**
   * Decodes the photo of a view, turns it upright and hands it to {@code use}. At most two images
   * of its size are alive at once, one when {@code use} is called.
   *
   * @param readFlags OpenCV's flags for reading; orientation is never left to OpenCV
   */
  static <T> T decode(byte[] bytes, View view, int readFlags, Use<T> use)
      throws UndecodablePhotoException {
    if (bytes.length == 0) {
      throw new UndecodablePhotoException(Reason.EMPTY_FILE, view.name() + " has no bytes");
    }
    if (JpegEnd.isMissing(bytes)) {
      throw new UndecodablePhotoException(
          Reason.TRUNCATED, view.name() + " ends before its end-of-image marker");
    }
    try (MatScope scope = new MatScope()) {
      Mat stored = scope.own(read(bytes, readFlags));
      if (stored.empty()) {
        throw new UndecodablePhotoException(
            Reason.UNDECODABLE,
            "%s: no decoder accepts its %d bytes".formatted(view.name(), bytes.length));
      }
      return use.of(scope, turn(scope, stored, view.exifOrientation()));
    } catch (CvException e) {
      throw new UndecodablePhotoException(Reason.UNDECODABLE, view.name() + ": " + e.getMessage());
    }
  }

  static UndecodablePhotoException wrongSize(View view, Mat upright) {
    return new UndecodablePhotoException(
        Reason.WRONG_SIZE,
        "%s decodes to %d x %d, its view says %d x %d"
            .formatted(
                view.name(), upright.width(), upright.height(), view.width(), view.height()));
  }

  private static Mat read(byte[] bytes, int flags) {
    try (MatScope encoded = new MatScope()) {
      return Imgcodecs.imdecode(encoded.own(new MatOfByte(bytes)), flags);
    }
  }

  /** The turn that EXIF tag 0x0112 asks for (Exif 2.32, section 4.6.4); releases what it turns. */
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
    image.release();
    return flipped;
  }

  private static Mat rotate(MatScope scope, Mat image, int how) {
    Mat rotated = scope.empty();
    Core.rotate(image, rotated, how);
    image.release();
    return rotated;
  }

  private static Mat transpose(MatScope scope, Mat image) {
    Mat transposed = scope.empty();
    Core.transpose(image, transposed);
    image.release();
    return transposed;
  }
}
