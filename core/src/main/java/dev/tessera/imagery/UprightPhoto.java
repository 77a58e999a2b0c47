package dev.tessera.imagery;

/**
 * A decoded photo, EXIF orientation applied, perhaps smaller than the original. Row-major; this
 * object owns the arrays.
 */
public final class UprightPhoto {
  private final int width;
  private final int height;
  private final byte[] gray; // (height, width)
  private final byte[] bgr; // (height, width, 3)
  private final double originalPerPixelX;
  private final double originalPerPixelY;

  UprightPhoto(
      int width,
      int height,
      byte[] gray,
      byte[] bgr,
      double originalPerPixelX,
      double originalPerPixelY) {
    this.width = width;
    this.height = height;
    this.gray = gray;
    this.bgr = bgr;
    this.originalPerPixelX = originalPerPixelX;
    this.originalPerPixelY = originalPerPixelY;
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** Luma, (height, width), not copied. */
  public byte[] gray() {
    return gray;
  }

  /** Blue, green, red, (height, width, 3), not copied. */
  public byte[] bgr() {
    return bgr;
  }

  /**
   * The upright original's u of a position in this image.
   *
   * @param x column, integers at pixel centres (OpenCV's convention)
   */
  public double originalU(double x) {
    return (x + 0.5) * originalPerPixelX;
  }

  /** The upright original's v of a row given with integers at pixel centres. */
  public double originalV(double y) {
    return (y + 0.5) * originalPerPixelY;
  }

  /** 0xRRGGBB at the nearest pixel, coordinates with integers at pixel centres. */
  public int rgbAt(double x, double y) {
    int column = Math.max(0, Math.min(width - 1, (int) Math.round(x)));
    int row = Math.max(0, Math.min(height - 1, (int) Math.round(y)));
    int at = 3 * (row * width + column);
    return (bgr[at + 2] & 0xff) << 16 | (bgr[at + 1] & 0xff) << 8 | (bgr[at] & 0xff);
  }
}
