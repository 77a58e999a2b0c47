package dev.tessera.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
  @Test
  void medianOfCountsIsWithinABinOfTheMedianOfTheValues() {
    double width = 0.1;
    double[] values = new Random(4).doubles(1001, 0, 3).toArray();
    Histogram exact = Histogram.ofValues(width, 30, values);

    long[] counts = exact.counts().stream().mapToLong(Long::longValue).toArray();

    assertThat(Histogram.ofCounts(width, counts).median()).isCloseTo(exact.median(), within(width));
  }

  @Test
  void valuesPastTheEndAreCountedInTheLastBin() {
    Histogram h = Histogram.ofValues(1, 3, new double[] {0.5, 2.5, 100, Double.NaN});

    assertThat(h.counts()).containsExactly(1L, 0L, 2L);
    assertThat(h.lastBinOpen()).isTrue();
  }

  @Test
  void leavingOutTheTailLosesNoCount() {
    long[] counts = new long[50];
    counts[3] = 10_000;
    counts[20] = 10;
    counts[49] = 7;

    Histogram shown = Histogram.ofCounts(0.1, counts).withoutTail();

    assertThat(shown.total()).isEqualTo(10_017);
    assertThat(shown.counts()).hasSize(13);
    assertThat(shown.lastBinOpen()).isTrue();
  }

  @Test
  void anEmptyOneHasNoMedian() {
    assertThat(Histogram.empty().median()).isNaN();
    assertThat(Histogram.ofCounts(0.1, new long[50]).median()).isNaN();
    assertThat(Histogram.ofCounts(0.1, new long[50]).withoutTail().total()).isZero();
  }

  @Test
  void binsHaveAWidth() {
    assertThatThrownBy(() -> Histogram.ofCounts(0, new long[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a histogram: bin width must be positive, was 0.0");
  }
}
