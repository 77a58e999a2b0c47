package dev.tessera.imagery;

import java.util.Arrays;

/**
 * Which source pixels make each pixel along one axis of a resize, and by which whole-number
 * weights.
 *
 * <pre>scale = from / to,  s = max(scale, 1),  centre = (i + 0.5) scale
 * j in [max(int(centre - S s + 0.5), 0), min(int(centre + S s + 0.5), from))
 * w_j = f((j - centre + 0.5) / s) / sum,  rounded to multiples of 2^-22</pre>
 *
 * <p>{@code f} is the kernel and {@code S} its support. An axis that keeps its length has one tap
 * of weight 1 per pixel.
 */
final class ResizeTaps {
  /** 32 bits hold a sign, 8 bits of level and one bit for the sum's overshoot beside these. */
  private static final int FRACTION_BITS = 22;

  private static final int ONE = 1 << FRACTION_BITS;
  private static final int HALF = ONE >> 1;

  private final int[] first;
  private final int[] count;
  private final int stride;
  private final int[] weights; // (outputs, stride)

  private ResizeTaps(int outputs, int stride) {
    this.first = new int[outputs];
    this.count = new int[outputs];
    this.stride = stride;
    this.weights = new int[outputs * stride];
  }

  /** The taps of outputs {@code start .. start + length - 1} of {@code to}. */
  static ResizeTaps of(int from, int to, int start, int length, ResizeFilter filter) {
    return from == to ? same(start, length) : resampling(from, to, start, length, filter);
  }

  private static ResizeTaps same(int start, int length) {
    ResizeTaps taps = new ResizeTaps(length, 1);
    for (int i = 0; i < length; i++) {
      taps.first[i] = start + i;
      taps.count[i] = 1;
      taps.weights[i] = ONE;
    }
    return taps;
  }

  private static ResizeTaps resampling(
      int from, int to, int start, int length, ResizeFilter filter) {
    double scale = (double) from / to;
    double spread = Math.max(scale, 1);
    double reach = filter.support() * spread;
    ResizeTaps taps = new ResizeTaps(length, 2 * (int) Math.ceil(reach) + 1);
    double[] kernel = new double[taps.stride];
    for (int i = 0; i < length; i++) {
      double centre = (start + i + 0.5) * scale;
      int low = Math.max((int) (centre - reach + 0.5), 0);
      int high = Math.min((int) (centre + reach + 0.5), from);
      double sum = 0;
      for (int j = low; j < high; j++) {
        double value = filter.at((j - centre + 0.5) * (1 / spread));
        kernel[j - low] = value;
        sum += value;
      }
      taps.first[i] = low;
      taps.count[i] = high - low;
      for (int t = 0; t < high - low; t++) {
        taps.weights[i * taps.stride + t] = quantized(kernel[t] / sum);
      }
    }
    return taps;
  }

  /** To the nearest whole number, halves away from zero. */
  private static int quantized(double weight) {
    return (int) (weight * ONE + (weight < 0 ? -0.5 : 0.5));
  }

  /** First source pixel that the outputs need. */
  int sourceStart() {
    return first[0];
  }

  /** One after the last source pixel that the outputs need. */
  int sourceEnd() {
    return first[first.length - 1] + count[count.length - 1];
  }

  /**
   * Filters one row of interleaved pixels of three channels.
   *
   * @param in all source pixels of the row
   * @param out gets {@code 3 * outputs} bytes from {@code at} on
   */
  void alongRow(byte[] in, byte[] out, int at) {
    int to = at;
    for (int i = 0; i < first.length; i++) {
      int tap = i * stride;
      int end = tap + count[i];
      int from = 3 * first[i];
      int a = HALF;
      int b = HALF;
      int c = HALF;
      while (tap < end) {
        int weight = weights[tap++];
        a += weight * (in[from] & 0xff);
        b += weight * (in[from + 1] & 0xff);
        c += weight * (in[from + 2] & 0xff);
        from += 3;
      }
      out[to] = level(a);
      out[to + 1] = level(b);
      out[to + 2] = level(c);
      to += 3;
    }
  }

  /**
   * Filters down the columns: each output row is a weighted sum of whole source rows.
   *
   * @param rows source rows {@code sourceStart() .. sourceEnd() - 1}, {@code rowBytes} each
   * @return output rows, {@code rowBytes} each
   */
  byte[] downColumns(byte[] rows, int rowBytes) {
    byte[] out = new byte[first.length * rowBytes];
    int[] sums = new int[rowBytes];
    for (int i = 0; i < first.length; i++) {
      Arrays.fill(sums, HALF);
      int from = (first[i] - first[0]) * rowBytes;
      for (int t = 0; t < count[i]; t++) {
        addRow(sums, rows, from, weights[i * stride + t]);
        from += rowBytes;
      }
      int to = i * rowBytes;
      for (int x = 0; x < rowBytes; x++) {
        out[to + x] = level(sums[x]);
      }
    }
    return out;
  }

  private static void addRow(int[] sums, byte[] rows, int from, int weight) {
    for (int x = 0; x < sums.length; x++) {
      sums[x] += weight * (rows[from + x] & 0xff);
    }
  }

  private static byte level(int sum) {
    int level = sum >> FRACTION_BITS;
    return (byte) (level < 0 ? 0 : Math.min(level, 255));
  }
}
