package dev.tessera.jobs.report;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Counts in bins of equal width from zero.
 *
 * @param lastBinOpen whether the last bin also holds everything larger
 * @param median in the unit of {@code binWidth}; NaN when empty
 */
public record Histogram(double binWidth, List<Long> counts, boolean lastBinOpen, double median)
    implements Serializable {
  private static final double TAIL_SHARE = 0.005;
  private static final int LEAST_BINS = 12;

  public Histogram {
    if (!(binWidth > 0)) {
      throw new IllegalArgumentException(
          "Cannot make a histogram: bin width must be positive, was " + binWidth);
    }
    counts = List.copyOf(counts);
  }

  public static Histogram empty() {
    return new Histogram(1, List.of(), false, Double.NaN);
  }

  /** Of counts whose last bin holds all that is larger; the median is interpolated in its bin. */
  public static Histogram ofCounts(double binWidth, long[] counts) {
    List<Long> list = Arrays.stream(counts).boxed().toList();
    return new Histogram(binWidth, list, true, medianOf(binWidth, counts));
  }

  /** Of plain values, none negative; those past the last bin are counted in it. */
  public static Histogram ofValues(double binWidth, int bins, double[] values) {
    long[] counts = new long[bins];
    double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    for (double value : sorted) {
      counts[(int) Math.min(value / binWidth, bins - 1)]++;
    }
    int n = sorted.length;
    double median = n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    return new Histogram(binWidth, Arrays.stream(counts).boxed().toList(), true, median);
  }

  public long total() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  public long highest() {
    return counts.isEmpty() ? 0 : Collections.max(counts);
  }

  /** With the long tail counted in one open bin, so that nearly all counts have room. */
  Histogram withoutTail() {
    long tail = (long) (total() * TAIL_SHARE);
    long beyond = 0;
    int kept = counts.size();
    while (kept > LEAST_BINS && beyond + counts.get(kept - 1) <= tail) {
      kept--;
      beyond += counts.get(kept);
    }
    if (kept + 1 >= counts.size()) {
      return this;
    }
    List<Long> shown = new ArrayList<>(counts.subList(0, kept));
    if (beyond > 0) {
      shown.add(beyond);
    }
    return new Histogram(binWidth, shown, beyond > 0, median);
  }

  private static double medianOf(double binWidth, long[] counts) {
    double half = Arrays.stream(counts).sum() / 2.0;
    long before = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && before + counts[i] >= half) {
        return binWidth * (i + (half - before) / counts[i]);
      }
      before += counts[i];
    }
    return Double.NaN;
  }
}
