package dev.tessera.imagery;

import java.io.Serializable;

/** The pixels of columns {@code [left, left + width)} and rows {@code [top, top + height)}. */
public record PixelBox(int left, int top, int width, int height) implements Serializable {
  public PixelBox {
    if (left < 0 || top < 0 || width <= 0 || height <= 0) {
      throw new IllegalArgumentException(
          "Box must not be empty or negative, was %d x %d at (%d, %d)"
              .formatted(width, height, left, top));
    }
  }

  /** All pixels of an image. */
  public static PixelBox all(ImageSize size) {
    return new PixelBox(0, 0, size.width(), size.height());
  }

  public boolean contains(int column, int row) {
    return left <= column && column < left + width && top <= row && row < top + height;
  }

  /** Whether all of the box lies in an image. */
  public boolean isWithin(ImageSize size) {
    return left + width <= size.width() && top + height <= size.height();
  }

  @Override
  public String toString() {
    return "%d x %d at (%d, %d)".formatted(width, height, left, top);
  }
}
