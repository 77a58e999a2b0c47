package dev.tessera.imagery;

import java.io.Serializable;

/** Width and height of an image in pixels, both positive. */
public record ImageSize(int width, int height) implements Serializable {
  public ImageSize {
    if (width <= 0 || height <= 0) {
      throw new IllegalArgumentException("Image must not be empty, was " + width + " x " + height);
    }
  }

  /** The smallest size that holds both. */
  public ImageSize union(ImageSize other) {
    return new ImageSize(Math.max(width, other.width), Math.max(height, other.height));
  }

  @Override
  public String toString() {
    return width + " x " + height;
  }
}
