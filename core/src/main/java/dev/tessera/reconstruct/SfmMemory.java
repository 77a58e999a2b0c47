package dev.tessera.reconstruct;

import dev.tessera.sfm.StructureFromMotion;

/**
 * How many views fit: what each thread needs for the photo in hand, and what each view leaves
 * behind.
 */
final class SfmMemory {
  /** Native libraries, JVM, code. */
  private static final long BASE_BYTES = 500L << 20;

  /** SIFT's pyramid: eleven float images of four times the pixels, over all octaves 4/3 of that. */
  private static final long PYRAMID_BYTES_PER_PIXEL = 4 * 4 * 11 * 4 / 3;

  /** Decoding takes three bytes a pixel twice over; JPEG is reduced while it is decoded. */
  private static final long DECODE_BYTES_PER_PIXEL = 6;

  /**
   * Descriptor, keypoint, tracks, their share of the adjustment. Measured with 4000 features: 18
   * views 0.75 GB, 60 views 0.92 GB, 167 views 1.1 GB in all, so 2.4 MB a view; with room for the
   * heap's garbage.
   */
  private static final long BYTES_PER_FEATURE = 1000;

  private SfmMemory() {}

  static int maxViews(
      long memoryBytes, long pixelsPerView, StructureFromMotion.Config config, int threads) {
    long working =
        Math.min(pixelsPerView, (long) config.maxSidePixels() * config.maxSidePixels() * 3 / 4);
    long perThread =
        PYRAMID_BYTES_PER_PIXEL * working + DECODE_BYTES_PER_PIXEL * pixelsPerView + (8L << 20);
    long fixed = BASE_BYTES + config.cacheBytes() + threads * perThread;
    long perView = BYTES_PER_FEATURE * config.maxFeatures();
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, (memoryBytes - fixed) / perView));
  }
}
