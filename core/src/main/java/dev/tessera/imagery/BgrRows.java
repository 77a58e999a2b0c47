package dev.tessera.imagery;

import org.opencv.core.Mat;

/**
 * The rows of a native 8-bit image of three channels, or of four with alpha, which is laid over a
 * gray background.
 *
 * <pre>level = nearest((color alpha + background (255 - alpha)) / 255)</pre>
 */
final class BgrRows implements PixelRows {
  private static final int OPAQUE = 255;

  private final Mat image;
  private final ImageSize size;
  private final int background;
  private final byte[] withAlpha; // one row (width, 4); null if there is no alpha

  /**
   * @param background level behind transparent pixels, 0 to 255
   */
  BgrRows(Mat image, int background) {
    this.image = image;
    this.size = new ImageSize(image.width(), image.height());
    this.background = background;
    this.withAlpha = image.channels() == 4 ? new byte[4 * size.width()] : null;
  }

  @Override
  public ImageSize size() {
    return size;
  }

  @Override
  public void read(int row, byte[] into) {
    if (withAlpha == null) {
      image.get(row, 0, into);
    } else {
      image.get(row, 0, withAlpha);
      composite(into);
    }
  }

  private void composite(byte[] into) {
    int to = 0;
    for (int from = 0; from < withAlpha.length; from += 4) {
      int alpha = withAlpha[from + 3] & 0xff;
      int behind = background * (OPAQUE - alpha) + OPAQUE / 2;
      for (int channel = 0; channel < 3; channel++) {
        into[to++] = (byte) (((withAlpha[from + channel] & 0xff) * alpha + behind) / OPAQUE);
      }
    }
  }
}
