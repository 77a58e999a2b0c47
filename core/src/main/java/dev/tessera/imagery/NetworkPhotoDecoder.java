package dev.tessera.imagery;

import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.imgcodecs.Imgcodecs;

/**
 * Turns the bytes of a photo file into the input of a network, byte for byte as the networks'
 * reference code prepares the upright photo.
 *
 * <p>Reads what {@link PhotoDecoder} reads, never at a reduced size. A PNG with an alpha channel is
 * laid over a background of the pad value; transparency of other kinds is ignored, as in the
 * reference. The whole photo is held natively only; the Java heap sees one row of it at a time.
 * Safe for many threads.
 */
public final class NetworkPhotoDecoder {
  private final NetworkInput input;

  /** A prepared photo, or why there is none. */
  public sealed interface Outcome {
    /** The photo could be read. */
    record Prepared(NetworkPhoto photo) implements Outcome {}

    /** The photo could not be read. */
    record Unreadable(PhotoDecoder.Reason reason, String detail) implements Outcome {}
  }

  public NetworkPhotoDecoder(NetworkInput input) {
    this.input = input;
    OpenCv.ensureLoaded();
  }

  /** Decodes a photo and puts it where the plan says. */
  public Outcome decode(byte[] bytes, InputPlan.Planned photo) {
    try {
      return UprightPixels.decode(
          bytes,
          photo.view(),
          readFlags(bytes),
          (scope, upright) -> prepared(scope, upright, photo));
    } catch (UndecodablePhotoException e) {
      return new Outcome.Unreadable(e.reason(), e.getMessage());
    }
  }

  private Outcome prepared(MatScope scope, Mat upright, InputPlan.Planned photo)
      throws UndecodablePhotoException {
    InputGeometry geometry = photo.geometry();
    if (!geometry.original().equals(new ImageSize(upright.width(), upright.height()))) {
      throw UprightPixels.wrongSize(photo.view(), upright);
    }
    PillowResize resize =
        new PillowResize(
            geometry.original(), geometry.resized(), geometry.kept(), input.filter(geometry));
    int background = (int) (255 * input.padValue());
    byte[] bgr = resize.apply(new BgrRows(eightBit(scope, upright), background));
    return new Outcome.Prepared(new NetworkPhoto(geometry, input.padValue(), bgr));
  }

  private static int readFlags(byte[] bytes) {
    return PngStructure.hasAlphaPixels(bytes)
        ? Imgcodecs.IMREAD_UNCHANGED
        : Imgcodecs.IMREAD_COLOR | Imgcodecs.IMREAD_IGNORE_ORIENTATION;
  }

  /** The high byte of 16-bit levels, as a PNG without alpha is reduced on reading. */
  private static Mat eightBit(MatScope scope, Mat image) {
    if (image.depth() == CvType.CV_8U) {
      return image;
    }
    Mat high = scope.empty();
    image.convertTo(high, CvType.CV_8U, 1 / 256.0, -127.5 / 256); // nearest of this is the floor
    image.release();
    return high;
  }
}
