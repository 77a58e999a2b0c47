package dev.tessera.imagery;

import dev.tessera.geometry.Intrinsics;
import java.io.Serializable;

/**
 * A photo seen by a camera: identity, upright size, intrinsics prior and position prior.
 *
 * @param uri where the photo lies, as a Hadoop path
 * @param name path below the photo folder, the name people know it by
 * @param sha256 digest of the file, 64 lower-case hex digits
 * @param width upright width in pixels, EXIF orientation applied
 * @param height upright height in pixels
 * @param exifOrientation 1 to 8 as in EXIF; the stored pixels need this turn to be upright
 * @param focal focal length prior
 * @param cameraModel key of the physical camera and zoom: views with equal keys share intrinsics
 * @param captureMillis time of capture, milliseconds since 1970 as if local time were UTC; null if
 *     not known
 * @param position null where the photo has none, or only (0, 0)
 */
public record View(
    ViewId id,
    String uri,
    String name,
    String sha256,
    int width,
    int height,
    int exifOrientation,
    FocalPrior focal,
    String cameraModel,
    Long captureMillis,
    PositionPrior position)
    implements Serializable {

  public View {
    if (width <= 0 || height <= 0) {
      throw new IllegalArgumentException("Photo must not be empty, was " + width + " x " + height);
    }
    if (exifOrientation < 1 || exifOrientation > 8) {
      throw new IllegalArgumentException(
          "EXIF orientation must be in 1..8, was " + exifOrientation);
    }
  }

  public boolean hasPosition() {
    return position != null;
  }

  /** The same view with another position prior, or none if null. */
  public View withPosition(PositionPrior other) {
    return new View(
        id,
        uri,
        name,
        sha256,
        width,
        height,
        exifOrientation,
        focal,
        cameraModel,
        captureMillis,
        other);
  }

  /** The camera as the header describes it: centred, undistorted. */
  public Intrinsics priorIntrinsics() {
    return Intrinsics.centered(width, height, focal.pixels());
  }
}
