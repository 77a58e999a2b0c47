package dev.tessera.imagery;

import dev.tessera.geometry.Intrinsics;
import java.io.Serializable;

/**
 * How the pixels of a network's input lie on the upright original photo: the original is resized, a
 * part of the result is kept, and the kept part is placed among padding.
 *
 * <p>Positions follow the project's convention: the centre of the top left pixel is at (0.5, 0.5),
 * at every size.
 *
 * <pre>x = u resizedWidth / originalWidth - keptLeft + padLeft   (y likewise)</pre>
 *
 * <p>The networks count pixels by their index: an index i means the centre of that pixel and is our
 * position i + 0.5. {@link #atOriginalSize} takes intrinsics in their convention, so that a point
 * which the network put at index (i, j) projects to {@code (originalU(i + 0.5), originalV(j +
 * 0.5))}.
 *
 * @param original size of the upright photo
 * @param resized size after the resize
 * @param kept the part of the resized photo that the network sees
 * @param network size of the network's input
 * @param padLeft columns of padding before the kept part
 * @param padTop rows of padding above the kept part
 */
public record InputGeometry(
    ImageSize original,
    ImageSize resized,
    PixelBox kept,
    ImageSize network,
    int padLeft,
    int padTop)
    implements Serializable {

  /** From the index of a network's pixel to the position of its centre. */
  private static final double INDEX_TO_POSITION = 0.5;

  public InputGeometry {
    if (!kept.isWithin(resized)) {
      throw new IllegalArgumentException(
          "Kept part must lie in the %s pixels of the photo, was %s".formatted(resized, kept));
    }
    if (!new PixelBox(padLeft, padTop, kept.width(), kept.height()).isWithin(network)) {
      throw new IllegalArgumentException(
          "Kept part of %d x %d pixels must fit into %s pixels behind padding of %d and %d"
              .formatted(kept.width(), kept.height(), network, padLeft, padTop));
    }
  }

  /** The pixels of the network's input that show the photo; all others are padding. */
  public PixelBox valid() {
    return new PixelBox(padLeft, padTop, kept.width(), kept.height());
  }

  /** The same photo amid a larger input; of an odd number of padding rows the last is below. */
  public InputGeometry centeredIn(ImageSize larger) {
    int right = larger.width() - network.width();
    int below = larger.height() - network.height();
    if (right < 0 || below < 0) {
      throw new IllegalArgumentException(
          "Cannot pad %s pixels to %s: they do not fit".formatted(network, larger));
    }
    return new InputGeometry(
        original, resized, kept, larger, padLeft + right / 2, padTop + below / 2);
  }

  /** The column position in the network's input of an original u. */
  public double networkX(double u) {
    return u / originalPerPixelX() + offsetX();
  }

  /** The row position in the network's input of an original v. */
  public double networkY(double v) {
    return v / originalPerPixelY() + offsetY();
  }

  /** The original u of a column position in the network's input. */
  public double originalU(double x) {
    return (x - offsetX()) * originalPerPixelX();
  }

  /** The original v of a row position in the network's input. */
  public double originalV(double y) {
    return (y - offsetY()) * originalPerPixelY();
  }

  /**
   * The camera of the original photo, from intrinsics that a network gave for its input.
   *
   * <p>Our camera has one focal length: it is the geometric mean of the two at original size, which
   * keeps the solid angle of a pixel at the principal point. The two differ by what the resize to
   * whole patches stretched, which is undone here, and by the network's error.
   *
   * @param fx focal length along x in pixels of the network's input
   * @param fy focal length along y
   * @param cx column index of the principal point, 0 at the centre of the left column
   * @param cy row index of the principal point
   */
  public Intrinsics atOriginalSize(double fx, double fy, double cx, double cy) {
    double focalPixels = Math.sqrt(fx * originalPerPixelX() * fy * originalPerPixelY());
    return new Intrinsics(
        original.width(),
        original.height(),
        focalPixels,
        originalU(cx + INDEX_TO_POSITION),
        originalV(cy + INDEX_TO_POSITION),
        0,
        0);
  }

  private double originalPerPixelX() {
    return (double) original.width() / resized.width();
  }

  private double originalPerPixelY() {
    return (double) original.height() / resized.height();
  }

  private int offsetX() {
    return padLeft - kept.left();
  }

  private int offsetY() {
    return padTop - kept.top();
  }
}
