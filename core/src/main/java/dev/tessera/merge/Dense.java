package dev.tessera.merge;

import java.util.stream.IntStream;

/**
 * Dense products on parts of row-major arrays, written so that the innermost loop runs along rows
 * of independent sums, which the compiler turns into vector instructions. Every element is summed
 * in one fixed order, whatever the number of threads.
 */
final class Dense {
  /** Rows of the right factor that stay in the first cache while rows of the left pass by. */
  private static final int TILE_DEPTH = 64;

  private static final int TILE_WIDTH = 256;

  /** Rows given to a thread at a time. */
  private static final int TILE_ROWS = 64;

  /** Products of more multiplications than this are worth a second thread. */
  private static final long PARALLEL_WORK = 4_000_000;

  private Dense() {}

  /** A part of a row-major array: its first element and the distance between its rows. */
  static final class View {
    final double[] array;
    final int offset;
    final int stride;

    View(double[] array, int offset, int stride) {
      this.array = array;
      this.offset = offset;
      this.stride = stride;
    }

    View at(int row, int column) {
      return new View(array, offset + row * stride + column, stride);
    }
  }

  /** {@code c += a b} with a of m x k, b of k x n; c shares no array with b. */
  static void addProduct(View c, View a, View b, int m, int n, int k) {
    if ((long) m * n * k < PARALLEL_WORK) {
      addRows(c, a, b, 0, m, n, k);
      return;
    }
    int tiles = (m + TILE_ROWS - 1) / TILE_ROWS;
    IntStream.range(0, tiles)
        .parallel()
        .forEach(t -> addRows(c, a, b, t * TILE_ROWS, Math.min(m, (t + 1) * TILE_ROWS), n, k));
  }

  private static void addRows(View c, View a, View b, int from, int to, int n, int k) {
    for (int k0 = 0; k0 < k; k0 += TILE_DEPTH) {
      int depth = Math.min(TILE_DEPTH, k - k0);
      for (int j0 = 0; j0 < n; j0 += TILE_WIDTH) {
        int width = Math.min(TILE_WIDTH, n - j0);
        int bOffset = b.offset + k0 * b.stride + j0;
        for (int i = from; i < to; i++) {
          int cOffset = c.offset + i * c.stride + j0;
          int aOffset = a.offset + i * a.stride + k0;
          addRow(c.array, cOffset, a.array, aOffset, b.array, bOffset, b.stride, width, depth);
        }
      }
    }
  }

  private static void addRow(
      double[] c,
      int cOffset,
      double[] a,
      int aOffset,
      double[] b,
      int bOffset,
      int stride,
      int width,
      int depth) {
    int p = 0;
    for (; p + 4 <= depth; p += 4) {
      double a0 = a[aOffset + p];
      double a1 = a[aOffset + p + 1];
      double a2 = a[aOffset + p + 2];
      double a3 = a[aOffset + p + 3];
      int b0 = bOffset + p * stride;
      int b1 = b0 + stride;
      int b2 = b1 + stride;
      int b3 = b2 + stride;
      for (int j = 0; j < width; j++) {
        c[cOffset + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j];
      }
    }
    for (; p < depth; p++) {
      double a0 = a[aOffset + p];
      int b0 = bOffset + p * stride;
      for (int j = 0; j < width; j++) {
        c[cOffset + j] += a0 * b[b0 + j];
      }
    }
  }

  /** The transpose, in an array of its own with n columns per row of m: {@code n x m}. */
  static double[] negatedTransposed(View a, int m, int n) {
    double[] t = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        t[j * m + i] = -a.array[a.offset + i * a.stride + j];
      }
    }
    return t;
  }
}
