package dev.tessera.imagery;

/** An image of three interleaved 8-bit channels that is read row by row. */
interface PixelRows {
  ImageSize size();

  /**
   * Copies a row.
   *
   * @param into gets {@code 3 * width} bytes
   */
  void read(int row, byte[] into);
}
