package dev.tessera.landmarks;

import java.util.Arrays;

/**
 * Reads a memory: the nearest landmark of each key that is asked, if it is nearer than the second
 * nearest by a ratio (Lowe 2004, section 7.1). Of several keys that mean one landmark the nearest
 * counts.
 *
 * <pre>|q - k|^2 = |q|^2 - 2 (q . k - |k|^2 / 2)</pre>
 *
 * <p>so that products order all landmarks; they are taken tile by tile, of landmarks that stay in
 * the cache. Cost: 2 * 32 * N * M operations.
 */
public final class LandmarkReader {
  /** Largest ratio of the distances of the nearest and the second nearest landmark. */
  public static final double MAX_RATIO = 0.85;

  private static final int KEY = KeyProjection.KEY_LENGTH;

  /** Landmarks whose keys are looked at together: 33 kB. */
  private static final int TILE = 256;

  private static final int STRIDE = 8;

  private LandmarkReader() {}

  /**
   * What a memory says of N keys, the K that it knows.
   *
   * @param query (K) index of the key, ascending
   * @param slot (K) the landmark, each once
   * @param confidence (K) {@code 1 - ratio / 2}, in [0.575, 1]
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Reading(int[] query, int[] slot, float[] confidence) {
    public int count() {
      return query.length;
    }
  }

  /**
   * @param queries (N, 32) keys, not rounded
   */
  public static Reading read(LandmarkMemory memory, float[] queries) {
    int count = queries.length / KEY;
    int[] nearest = new int[count];
    float[] best = new float[count];
    float[] second = new float[count];
    Arrays.fill(nearest, -1);
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    Arrays.fill(second, Float.NEGATIVE_INFINITY);
    if (memory.count() > 1 && count > 0) {
      scan(memory, queries, nearest, best, second);
    }
    return distinct(queries, memory.count(), nearest, best, second);
  }

  private static void scan(
      LandmarkMemory memory, float[] queries, int[] nearest, float[] best, float[] second) {
    float[][] tile = new float[KEY + 1][TILE];
    float[] products = new float[TILE];
    for (int begin = 0; begin < memory.count(); begin += TILE) {
      int count = Math.min(TILE, memory.count() - begin);
      fill(tile, memory.keys(), begin, count);
      for (int i = 0; i < nearest.length; i++) {
        System.arraycopy(tile[KEY], 0, products, 0, TILE);
        for (int c = 0; c < KEY; c += STRIDE) {
          addProducts(products, tile, c, queries, KEY * i + c);
        }
        topTwo(products, begin, count, i, nearest, best, second);
      }
    }
  }

  /** Keys of some landmarks, component by component, and {@code -|k|^2 / 2}. */
  private static void fill(float[][] tile, byte[] keys, int begin, int count) {
    for (int j = 0; j < count; j++) {
      double squares = 0;
      for (int c = 0; c < KEY; c++) {
        double k = keys[KEY * (begin + j) + c] * LandmarkMemory.KEY_STEP;
        tile[c][j] = (float) k;
        squares += k * k;
      }
      tile[KEY][j] = (float) (-squares / 2);
    }
  }

  /** Several components at a time, in a form that the JVM turns into vector instructions. */
  private static void addProducts(float[] to, float[][] tile, int c, float[] query, int at) {
    float[] k0 = tile[c];
    float[] k1 = tile[c + 1];
    float[] k2 = tile[c + 2];
    float[] k3 = tile[c + 3];
    float[] k4 = tile[c + 4];
    float[] k5 = tile[c + 5];
    float[] k6 = tile[c + 6];
    float[] k7 = tile[c + 7];
    float q0 = query[at];
    float q1 = query[at + 1];
    float q2 = query[at + 2];
    float q3 = query[at + 3];
    float q4 = query[at + 4];
    float q5 = query[at + 5];
    float q6 = query[at + 6];
    float q7 = query[at + 7];
    for (int j = 0; j < TILE; j++) {
      to[j] +=
          q0 * k0[j]
              + q1 * k1[j]
              + q2 * k2[j]
              + q3 * k3[j]
              + q4 * k4[j]
              + q5 * k5[j]
              + q6 * k6[j]
              + q7 * k7[j];
    }
  }

  private static void topTwo(
      float[] products, int begin, int count, int i, int[] nearest, float[] best, float[] second) {
    float first = best[i];
    float next = second[i];
    int at = nearest[i];
    for (int j = 0; j < count; j++) {
      float s = products[j];
      if (s > next) {
        if (s > first) {
          next = first;
          first = s;
          at = begin + j;
        } else {
          next = s;
        }
      }
    }
    nearest[i] = at;
    best[i] = first;
    second[i] = next;
  }

  private static Reading distinct(
      float[] queries, int slots, int[] nearest, float[] best, float[] second) {
    int[] queryOf = new int[slots];
    Arrays.fill(queryOf, -1);
    double[] squared = new double[nearest.length];
    double[] ratio = new double[nearest.length];
    for (int i = 0; i < nearest.length; i++) {
      double q2 = 0;
      for (int c = 0; c < KEY; c++) {
        q2 += (double) queries[KEY * i + c] * queries[KEY * i + c];
      }
      squared[i] = Math.max(0, q2 - 2 * best[i]);
      double secondSquared = Math.max(0, q2 - 2 * second[i]);
      ratio[i] = secondSquared > 0 ? Math.sqrt(squared[i] / secondSquared) : 1;
      if (nearest[i] >= 0 && ratio[i] < MAX_RATIO) {
        int rival = queryOf[nearest[i]];
        queryOf[nearest[i]] = rival < 0 || squared[i] < squared[rival] ? i : rival;
      }
    }
    int[] query =
        java.util.stream.IntStream.range(0, nearest.length)
            .filter(i -> nearest[i] >= 0 && queryOf[nearest[i]] == i)
            .toArray();
    int[] slot = new int[query.length];
    float[] confidence = new float[query.length];
    for (int k = 0; k < query.length; k++) {
      slot[k] = nearest[query[k]];
      confidence[k] = (float) (1 - ratio[query[k]] / 2);
    }
    return new Reading(query, slot, confidence);
  }
}
