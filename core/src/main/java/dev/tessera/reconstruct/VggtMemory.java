package dev.tessera.reconstruct;

import dev.tessera.backbone.VggtConfig;
import dev.tessera.tensor.Precision;

/**
 * How much memory {@link VggtEngine} takes: what grows with the views, and what does not.
 *
 * <pre>per view: tokens twice, keys and values of one layer (softmax only), camera tokens,
 *           8-bit pixels, points
 * else:     weights, a group's intermediate results, one photo at full size,
 *           maps and features up to their limits</pre>
 */
final class VggtMemory {
  /** Pixels whose dense maps are computed together: four views of 518 x 392. */
  static final long DENSE_PIXELS = 4 * 518 * 392;

  /** Bytes of intermediate maps per input pixel: F channels at half size, a few at a time. */
  private static final int DENSE_BYTES_PER_FEATURE_PIXEL = 8;

  /** Bytes that a point takes in the engine's arrays while they grow. */
  private static final int BYTES_PER_POINT = 64;

  /** Intermediate results of a block, in widths of its tokens: qkv, hidden layer of the MLP, ... */
  private static final int BLOCK_WIDTHS = 16;

  /** Bytes per pixel of a photo while it is decoded, turned upright and resized. */
  private static final int BYTES_PER_PHOTO_PIXEL = 9;

  private final VggtConfig config;
  private final VggtSpec spec;

  VggtMemory(VggtConfig config, VggtSpec spec) {
    this.config = config;
    this.spec = spec;
  }

  int maxViews(long memoryBytes, long pixelsPerPhoto) {
    long views = (memoryBytes - fixedBytes(pixelsPerPhoto)) / bytesPerView();
    return (int) Math.max(0, Math.min(views, Integer.MAX_VALUE));
  }

  private long patches() {
    long side = spec.input().targetPixels() / config.patchSize();
    return side * side;
  }

  private long tokenBytes() {
    long number = spec.precision() == Precision.F64 ? Double.BYTES : Float.BYTES;
    return (patches() + config.specialTokens()) * config.width() * number;
  }

  private long bytesPerView() {
    long pixels = (long) spec.input().targetPixels() * spec.input().targetPixels();
    long stride = spec.points().stride();
    long keysAndValues = config.fastWeights().isPresent() ? 0 : 4 * tokenBytes();
    long points = pixels / (stride * stride) * BYTES_PER_POINT;
    return 2 * tokenBytes() + keysAndValues + 3 * pixels + points;
  }

  private long fixedBytes(long pixelsPerPhoto) {
    long tokens = Math.max(spec.options().tokensPerGroup(), patches());
    long block = tokens * config.width() * Float.BYTES * BLOCK_WIDTHS;
    long dense = DENSE_PIXELS * config.dense().features() * DENSE_BYTES_PER_FEATURE_PIXEL;
    return spec.weightBytes()
        + Math.max(block, dense)
        + pixelsPerPhoto * BYTES_PER_PHOTO_PIXEL
        + spec.options().mapBytes()
        + (config.fastWeights().isPresent() ? spec.options().featureBytes() : 0);
  }
}
