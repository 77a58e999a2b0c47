package dev.tessera.imagery;

/** Width and height in pixels as stored, before the EXIF orientation is applied. */
record StoredSize(int width, int height) {
  StoredSize upright(int exifOrientation) {
    return exifOrientation >= 5 ? new StoredSize(height, width) : this;
  }
}
