package dev.tessera.landmarks;

import dev.tessera.sfm.Features;

/**
 * The linear map from RootSIFT descriptors to keys: 32 orthonormal directions of 128-space, drawn
 * from a seed. Lengths and distances shrink by about one half and keep their order but for noise
 * (Johnson and Lindenstrauss 1984). Memories with one seed have comparable keys, whatever scene
 * they are of.
 *
 * <p>The directions are Gaussian vectors made orthonormal by Gram and Schmidt, twice over, which is
 * as exact as it gets (Giraud et al. 2005). Nothing here depends on the machine: Java's arithmetic
 * and {@link StrictMath} give the same bits everywhere.
 */
public final class KeyProjection {
  /** Numbers of a key. */
  public static final int KEY_LENGTH = 32;

  /** The seed of all memories that are written. */
  public static final long SEED = 20_260_601L;

  private static final int LENGTH = Features.DESCRIPTOR_LENGTH;

  /** Weyl increment and multipliers of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014, fig. 17). */
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private static final long MIX_1 = 0xbf58476d1ce4e5b9L;
  private static final long MIX_2 = 0x94d049bb133111ebL;

  private final double[] direction; // (32, 128), orthonormal rows

  private KeyProjection(double[] direction) {
    this.direction = direction;
  }

  /** The projection of a seed. */
  public static KeyProjection seeded(long seed) {
    double[] rows = gaussian(seed, KEY_LENGTH * LENGTH);
    for (int row = 0; row < KEY_LENGTH; row++) {
      for (int pass = 0; pass < 2; pass++) {
        for (int before = 0; before < row; before++) {
          addScaled(rows, row, before, -dot(rows, row, before));
        }
      }
      double scale = 1 / Math.sqrt(dot(rows, row, row));
      for (int i = row * LENGTH; i < (row + 1) * LENGTH; i++) {
        rows[i] *= scale;
      }
    }
    return new KeyProjection(rows);
  }

  /** One direction: 128 numbers. */
  public double[] direction(int component) {
    return java.util.Arrays.copyOfRange(direction, component * LENGTH, (component + 1) * LENGTH);
  }

  /**
   * Keys of descriptors.
   *
   * @param descriptors (N, 128)
   * @return (N, 32)
   */
  public float[] keys(float[] descriptors) {
    int count = descriptors.length / LENGTH;
    float[] keys = new float[count * KEY_LENGTH];
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < KEY_LENGTH; c++) {
        double sum = 0;
        for (int e = 0; e < LENGTH; e++) {
          sum += direction[c * LENGTH + e] * descriptors[i * LENGTH + e];
        }
        keys[i * KEY_LENGTH + c] = (float) sum;
      }
    }
    return keys;
  }

  private static double dot(double[] rows, int a, int b) {
    double sum = 0;
    for (int e = 0; e < LENGTH; e++) {
      sum += rows[a * LENGTH + e] * rows[b * LENGTH + e];
    }
    return sum;
  }

  private static void addScaled(double[] rows, int to, int from, double factor) {
    for (int e = 0; e < LENGTH; e++) {
      rows[to * LENGTH + e] += factor * rows[from * LENGTH + e];
    }
  }

  /** Standard normal numbers (Box and Muller 1958), an even count of them. */
  private static double[] gaussian(long seed, int count) {
    double[] normal = new double[count];
    long state = seed;
    for (int i = 0; i < count; i += 2) {
      state += GOLDEN_GAMMA;
      double radius = Math.sqrt(-2 * StrictMath.log(1 - uniform(state)));
      state += GOLDEN_GAMMA;
      double angle = 2 * Math.PI * uniform(state);
      normal[i] = radius * StrictMath.cos(angle);
      normal[i + 1] = radius * StrictMath.sin(angle);
    }
    return normal;
  }

  /** In [0, 1), 53 bits. */
  private static double uniform(long state) {
    long z = (state ^ (state >>> 30)) * MIX_1;
    z = (z ^ (z >>> 27)) * MIX_2;
    return ((z ^ (z >>> 31)) >>> 11) * 0x1p-53;
  }
}
