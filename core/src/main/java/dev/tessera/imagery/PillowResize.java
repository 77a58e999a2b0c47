package dev.tessera.imagery;

/**
 * Resizes images of three interleaved 8-bit channels to the very bytes that the Python library
 * Pillow gives: the networks were trained on them.
 *
 * <p>Separable: rows first, rounded to 8 bits, then columns, both in fixed point ({@link
 * ResizeTaps}). Only the rows and columns that the wanted part of the result depends on are
 * computed, which does not change a byte of it. Linear in source pixels; beside source and result
 * it holds the source rows at their new width. Safe for many threads.
 */
public final class PillowResize {
  private final ImageSize from;
  private final PixelBox wanted;
  private final ResizeTaps horizontal;
  private final ResizeTaps vertical;

  /**
   * @param wanted the part of the resized image to compute
   */
  public PillowResize(ImageSize from, ImageSize to, PixelBox wanted, ResizeFilter filter) {
    if (!wanted.isWithin(to)) {
      throw new IllegalArgumentException(
          "Cannot resize to %s and keep %s: it is not inside".formatted(to, wanted));
    }
    this.from = from;
    this.wanted = wanted;
    horizontal = ResizeTaps.of(from.width(), to.width(), wanted.left(), wanted.width(), filter);
    vertical = ResizeTaps.of(from.height(), to.height(), wanted.top(), wanted.height(), filter);
  }

  /**
   * Resizes an image that is in memory.
   *
   * @param pixels (height, width, 3)
   * @return the wanted part, (height, width, 3)
   */
  public byte[] apply(byte[] pixels) {
    int rowBytes = 3 * from.width();
    if (pixels.length != (long) rowBytes * from.height()) {
      throw new IllegalArgumentException(
          "Cannot resize: %d bytes are not %s pixels of 3 bytes".formatted(pixels.length, from));
    }
    return apply(
        new PixelRows() {
          @Override
          public ImageSize size() {
            return from;
          }

          @Override
          public void read(int row, byte[] into) {
            System.arraycopy(pixels, row * rowBytes, into, 0, rowBytes);
          }
        });
  }

  byte[] apply(PixelRows source) {
    if (!source.size().equals(from)) {
      throw new IllegalArgumentException(
          "Cannot resize %s pixels: made for %s".formatted(source.size(), from));
    }
    int start = vertical.sourceStart();
    int rows = vertical.sourceEnd() - start;
    int rowBytes = 3 * wanted.width();
    byte[] row = new byte[3 * from.width()];
    byte[] narrowed = new byte[Math.multiplyExact(rows, rowBytes)]; // (rows, wanted width, 3)
    for (int i = 0; i < rows; i++) {
      source.read(start + i, row);
      horizontal.alongRow(row, narrowed, i * rowBytes);
    }
    return vertical.downColumns(narrowed, rowBytes);
  }
}
