package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Sines and cosines of where the pixels of a feature map stand in the image. The image is {@code a
 * = width / height} wide, its half diagonal is 1, pixels are taken at their centres:
 *
 * <pre>
 * u_j from -s (w - 1) / w to s (w - 1) / w,  s = a / sqrt(a^2 + 1);  v_i alike with 1 / sqrt(a^2 + 1)
 * e(t) = [sin(t w_k) | cos(t w_k)],  w_k = 100^(-k / (C / 4)),  k = 0 .. C/4 - 1</pre>
 *
 * The embedding of a pixel is {@code [e(u) | e(v)]}; its halves depend on the column or the row
 * alone and are kept so. They are float32 as in the reference, whatever the network computes in,
 * and {@link #WEIGHT} times e, as the maps take them.
 *
 * @param u (1, C / 2, 1, width)
 * @param v (1, C / 2, height, 1)
 */
record UvEmbedding(NDArray u, NDArray v) {
  /** What the embedding is multiplied by before it is added to a feature map. */
  static final float WEIGHT = 0.1f;

  private static final double BASE = 100;

  /**
   * The embedding of a map.
   *
   * @param owner owns the tables
   * @param channels C of the map, a multiple of 4
   * @param aspect width / height of the image, whose pixels the map's need not be
   */
  static UvEmbedding of(NDManager owner, int channels, int height, int width, double aspect) {
    if (channels % 4 != 0) {
      throw new IllegalArgumentException(
          "Cannot embed positions in %d channels: need a multiple of 4".formatted(channels));
    }
    double diagonal = Math.sqrt(aspect * aspect + 1);
    float[] u = embedded(centers(aspect / diagonal, width), channels / 4);
    float[] v = embedded(centers(1 / diagonal, height), channels / 4);
    return new UvEmbedding(
        owner.create(u, new Shape(1, channels / 2, 1, width)),
        owner.create(v, new Shape(1, channels / 2, height, 1)));
  }

  /** Evenly spaced pixel centres, built from both ends so that they are symmetric in float32. */
  static float[] centers(double halfExtent, int pixels) {
    float last = (float) (halfExtent * (pixels - 1) / pixels);
    float step = pixels > 1 ? (last + last) / (pixels - 1) : 0;
    float[] centers = new float[pixels];
    for (int i = 0; i < pixels; i++) {
      centers[i] = i < pixels / 2 ? -last + step * i : last - step * (pixels - i - 1);
    }
    return centers;
  }

  /** (2 quarter, positions), row-major. */
  private static float[] embedded(float[] positions, int quarter) {
    int n = positions.length;
    float[] table = new float[2 * quarter * n];
    for (int k = 0; k < quarter; k++) {
      double frequency = Math.pow(BASE, -(double) k / quarter);
      for (int i = 0; i < n; i++) {
        table[k * n + i] = WEIGHT * (float) Math.sin(positions[i] * frequency);
        table[(quarter + k) * n + i] = WEIGHT * (float) Math.cos(positions[i] * frequency);
      }
    }
    return table;
  }
}
