package dev.tessera.imagery;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** A photo as a network takes it: levels 0 to 1 in planes, with padding. Owns its array. */
public final class NetworkPhoto {
  private static final int CHANNELS = 3;

  /** k / 255 for every level k. */
  private static final float[] VALUES = new float[256];

  static {
    for (int level = 0; level < VALUES.length; level++) {
      VALUES[level] = level / 255f;
    }
  }

  private final InputGeometry geometry;
  private final float padValue;
  private final byte[] planes; // (red green blue, kept height, kept width)

  /**
   * @param bgr blue, green, red, (kept height, kept width, 3)
   */
  NetworkPhoto(InputGeometry geometry, double padValue, byte[] bgr) {
    this.geometry = geometry;
    this.padValue = (float) padValue;
    this.planes = new byte[bgr.length];
    int plane = bgr.length / CHANNELS;
    int at = 0;
    for (int i = 0; i < plane; i++) {
      planes[2 * plane + i] = bgr[at++];
      planes[plane + i] = bgr[at++];
      planes[i] = bgr[at++];
    }
  }

  public InputGeometry geometry() {
    return geometry;
  }

  /** Red, green, blue without padding, (3, height, width) of the valid box, not copied. */
  public byte[] planes() {
    return planes;
  }

  /** Number of values that {@link #writeTo} writes. */
  public int valueCount() {
    return CHANNELS * geometry.network().width() * geometry.network().height();
  }

  /** Writes red, green, blue with padding, (3, height, width), each {@code level / 255}. */
  public void writeTo(FloatBuffer into) {
    ImageSize size = geometry.network();
    PixelBox valid = geometry.valid();
    float[] padding = new float[size.width()];
    float[] row = new float[size.width()];
    Arrays.fill(padding, padValue);
    Arrays.fill(row, padValue);
    int from = 0;
    for (int channel = 0; channel < CHANNELS; channel++) {
      for (int y = 0; y < size.height(); y++) {
        if (y < valid.top() || y >= valid.top() + valid.height()) {
          into.put(padding);
          continue;
        }
        for (int x = 0; x < valid.width(); x++) {
          row[valid.left() + x] = VALUES[planes[from++] & 0xff];
        }
        into.put(row);
      }
    }
  }

  /** 0xRRGGBB of a pixel of the network's input that is not padding. */
  public int rgbAt(int column, int row) {
    PixelBox valid = geometry.valid();
    if (!valid.contains(column, row)) {
      throw new IllegalArgumentException(
          "Cannot take the colour of pixel (%d, %d): the photo fills %s"
              .formatted(column, row, valid));
    }
    int plane = valid.width() * valid.height();
    int at = (row - valid.top()) * valid.width() + column - valid.left();
    return (planes[at] & 0xff) << 16
        | (planes[plane + at] & 0xff) << 8
        | (planes[2 * plane + at] & 0xff);
  }
}
