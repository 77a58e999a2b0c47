package dev.tessera.landmarks;

import dev.tessera.imagery.MatScope;
import dev.tessera.imagery.OpenCv;
import java.util.Arrays;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/**
 * Reads a memory: the nearest landmark of each key that is asked, if it is nearer than the second
 * nearest by a ratio (Lowe 2004, section 7.1). Of several keys that mean one landmark the nearest
 * counts.
 *
 * <pre>|q - k|^2 = |q|^2 - 2 (q . k - |k|^2 / 2)</pre>
 *
 * <p>so that one matrix product with a column for {@code |k|^2 / 2} orders all landmarks; it is
 * taken in strips that stay in the cache. Cost: 2 * 33 * N * M operations.
 */
public final class LandmarkReader {
  /** Largest ratio of the distances of the nearest and the second nearest landmark. */
  public static final double MAX_RATIO = 0.85;

  private static final int KEY = KeyProjection.KEY_LENGTH;
  private static final int STRIP_ROWS = 64;

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
    if (memory.count() > 1 && count > 0) {
      scan(memory, queries, nearest, best, second);
    }
    return distinct(queries, memory.count(), nearest, best, second);
  }

  private static void scan(
      LandmarkMemory memory, float[] queries, int[] nearest, float[] best, float[] second) {
    OpenCv.ensureLoaded();
    int slots = memory.count();
    try (MatScope scope = new MatScope()) {
      Mat left = scope.own(new Mat(nearest.length, KEY + 1, CvType.CV_32F));
      left.put(0, 0, withColumn(queries));
      Mat right = scope.own(new Mat(slots, KEY + 1, CvType.CV_32F));
      right.put(0, 0, keysWithHalfSquares(memory.keys()));
      Mat strip = scope.empty();
      Mat none = scope.empty();
      float[] row = new float[slots];
      for (int begin = 0; begin < nearest.length; begin += STRIP_ROWS) {
        int end = Math.min(begin + STRIP_ROWS, nearest.length);
        Mat rows = scope.own(left.rowRange(begin, end));
        Core.gemm(rows, right, 1, none, 0, strip, Core.GEMM_2_T);
        for (int i = begin; i < end; i++) {
          strip.get(i - begin, 0, row);
          topTwo(row, i, nearest, best, second);
        }
      }
    }
  }

  private static void topTwo(float[] row, int i, int[] nearest, float[] best, float[] second) {
    float first = Float.NEGATIVE_INFINITY;
    float next = Float.NEGATIVE_INFINITY;
    int at = -1;
    for (int j = 0; j < row.length; j++) {
      float s = row[j];
      if (s > next) {
        if (s > first) {
          next = first;
          first = s;
          at = j;
        } else {
          next = s;
        }
      }
    }
    nearest[i] = at;
    best[i] = first;
    second[i] = next;
  }

  private static float[] withColumn(float[] queries) {
    int count = queries.length / KEY;
    float[] rows = new float[count * (KEY + 1)];
    for (int i = 0; i < count; i++) {
      System.arraycopy(queries, KEY * i, rows, (KEY + 1) * i, KEY);
      rows[(KEY + 1) * i + KEY] = -1;
    }
    return rows;
  }

  private static float[] keysWithHalfSquares(byte[] keys) {
    int count = keys.length / KEY;
    float[] rows = new float[count * (KEY + 1)];
    for (int i = 0; i < count; i++) {
      double squares = 0;
      for (int c = 0; c < KEY; c++) {
        double k = keys[KEY * i + c] * LandmarkMemory.KEY_STEP;
        rows[(KEY + 1) * i + c] = (float) k;
        squares += k * k;
      }
      rows[(KEY + 1) * i + KEY] = (float) (squares / 2);
    }
    return rows;
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
