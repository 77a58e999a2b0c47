package dev.tessera.reconstruct;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Counts of reprojection errors in bins of {@value #BIN_PIXELS} pixels from zero; the last bin
 * holds all that is larger. Histograms of chunks add up to the map's.
 */
public final class ResidualHistogram implements Serializable {
  public static final double BIN_PIXELS = 0.1;
  public static final int BINS = 50;

  private final long[] counts;

  private ResidualHistogram(long[] counts) {
    this.counts = counts;
  }

  public static ResidualHistogram empty() {
    return new ResidualHistogram(new long[BINS]);
  }

  /** Takes the counts of all bins, first to last. */
  public static ResidualHistogram ofCounts(long[] counts) {
    return new ResidualHistogram(Arrays.copyOf(counts, BINS));
  }

  public void add(double errorPixels) {
    boolean inRange = errorPixels < (BINS - 1) * BIN_PIXELS; // false for NaN: behind the camera
    counts[inRange ? (int) (errorPixels / BIN_PIXELS) : BINS - 1]++;
  }

  public ResidualHistogram plus(ResidualHistogram o) {
    long[] sum = counts.clone();
    for (int i = 0; i < BINS; i++) {
      sum[i] += o.counts[i];
    }
    return new ResidualHistogram(sum);
  }

  public long[] counts() {
    return counts.clone();
  }

  public long total() {
    return Arrays.stream(counts).sum();
  }

  /** The middle of the bin that holds the median; NaN when empty. */
  public double medianPixels() {
    long half = (total() + 1) / 2;
    long seen = 0;
    for (int i = 0; i < BINS; i++) {
      seen += counts[i];
      if (seen >= half && seen > 0) {
        return (i + 0.5) * BIN_PIXELS;
      }
    }
    return Double.NaN;
  }
}
