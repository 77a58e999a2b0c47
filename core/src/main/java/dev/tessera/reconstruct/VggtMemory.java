package dev.tessera.reconstruct;

import dev.tessera.backbone.VggtConfig;
import dev.tessera.backbone.VggtScene;
import dev.tessera.tensor.Precision;

/**
 * How much memory {@link VggtEngine} takes at most.
 *
 * <pre>always:   base, weights
 * decoding: photos at full size, one for each thread
 * per view: tokens, 8-bit pixels, points; keys and values of one layer (softmax)
 * up to limits: maps for the dense head, features between steps (fast weights)
 * for a group of views: intermediate results of the transformer, and of the dense head</pre>
 *
 * The last two and the decoding come one after the other, but allocators keep much of what is
 * freed. Views are taken to be square, the largest that they can be. Maps beyond their limit lie in
 * a file whose pages the system takes back, and are not counted.
 */
final class VggtMemory {
  /** JVM with some garbage, its code, and libtorch's. */
  private static final long BASE_BYTES = 500L << 20;

  /**
   * Numbers of an input pixel in the dense head, per feature and per hidden channel: both before
   * and after a convolution, as they are and in the layout of the convolution's library.
   */
  private static final int DENSE_COPIES = 2;

  /** Numbers of an input pixel beside: colours three times, activations. */
  private static final int NUMBERS_PER_PIXEL = 16;

  /**
   * A point has 35 bytes. They are gathered in arrays that are up to half empty, and copied to
   * arrays of their size.
   */
  private static final int BYTES_PER_POINT = 35 + 35 * 3 / 2;

  /** Intermediate results of a block, in widths of its tokens: qkv, hidden layer of the MLP, ... */
  private static final int BLOCK_WIDTHS = 16;

  /** The four maps that the dense head sees, of a frame and a global block each. */
  private static final int MAP_WIDTHS = 8;

  /** Bytes per pixel of a photo while it is decoded, turned upright and resized. */
  private static final int BYTES_PER_PHOTO_PIXEL = 9;

  private final VggtConfig config;
  private final VggtSpec spec;
  private final int threads;
  private final long number;

  VggtMemory(VggtConfig config, VggtSpec spec, int threads) {
    this.config = config;
    this.spec = spec;
    this.threads = threads;
    this.number = spec.precision() == Precision.F64 ? Double.BYTES : Float.BYTES;
  }

  /** The most views whose {@link #bytes} are no more than these. */
  int maxViews(long memoryBytes, long pixelsPerPhoto) {
    int fits = 0;
    int tooMany = Integer.MAX_VALUE;
    while (tooMany - fits > 1) {
      int views = fits + (tooMany - fits) / 2;
      if (bytes(views, pixelsPerPhoto) <= memoryBytes) {
        fits = views;
      } else {
        tooMany = views;
      }
    }
    return fits;
  }

  /** What that many views take while they are reconstructed. */
  long bytes(int views, long pixelsPerPhoto) {
    long decoding = Math.min(threads, views) * pixelsPerPhoto * BYTES_PER_PHOTO_PIXEL;
    return BASE_BYTES
        + spec.weightBytes()
        + views * bytesPerView()
        + kept(views)
        + decoding
        + transformer(views)
        + dense(views);
  }

  private long pixels() {
    return (long) spec.input().targetPixels() * spec.input().targetPixels();
  }

  private long tokens() {
    return pixels() / ((long) config.patchSize() * config.patchSize()) + config.specialTokens();
  }

  private long tokenBytes() {
    return tokens() * config.width() * number;
  }

  private long bytesPerView() {
    long side = (spec.input().targetPixels() - 1L) / spec.points().stride() + 1;
    long cameraHead = 2L * BLOCK_WIDTHS * config.width() * number;
    long keysAndValues = config.fastWeights().isPresent() ? 0 : 3 * tokenBytes(); // while joined
    return tokenBytes() + keysAndValues + cameraHead + 3 * pixels() + side * side * BYTES_PER_POINT;
  }

  /** What is kept up to a limit, and the memory of the scene. */
  private long kept(int views) {
    long maps = Math.min(spec.options().mapBytes(), (long) views * MAP_WIDTHS * tokenBytes());
    if (config.fastWeights().isEmpty()) {
      return maps;
    }
    VggtConfig.FastWeightLayers fast = config.fastWeights().get();
    long rates = 3L * fast.heads() * tokens() * number;
    long features = spec.options().steps() > 1 ? views * (2 * tokenBytes() + rates) : 0;
    long layer = 3L * config.width() * fast.hidden() * number;
    long memoryHereAndOnHost = 3 * config.depth() * layer;
    return maps + Math.min(spec.options().featureBytes(), features) + memoryHereAndOnHost;
  }

  private long transformer(int views) {
    long group = Math.min(views, Math.max(1, spec.options().tokensPerGroup() / tokens()));
    return group * (BLOCK_WIDTHS * tokenBytes() + pixels() * NUMBERS_PER_PIXEL * number);
  }

  private long dense(int views) {
    int side = spec.input().targetPixels();
    long group = Math.min(views, VggtScene.viewsPerDenseGroup(side, side));
    long channels = (long) config.dense().features() + config.dense().hidden();
    long perPixel = DENSE_COPIES * channels + NUMBERS_PER_PIXEL;
    return group * (MAP_WIDTHS * tokenBytes() + pixels() * perPixel * number);
  }
}
