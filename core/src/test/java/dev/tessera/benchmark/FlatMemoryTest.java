package dev.tessera.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Forward passes leave nothing behind. */
class FlatMemoryTest {
  private static final int PASSES = 1000;
  private static final int THREADS = 1;

  /**
   * From the 500th pass to the 1000th. Less than half of what they would leave if each forgot one
   * image of a dense head at full size, 2 x 8 x 42 x 42 float32 = 113 kB, which no manager would
   * know of; more than the heap and the allocator move when nothing is left.
   */
  private static final double MEGABYTES = 24;

  @Test
  void aThousandPassesOfATinyNetworkKeepArraysExactlyAndMemoryNearlyFlat() throws IOException {
    List<Map<String, Object>> rows = new MemoryBenchmark().run(PASSES, THREADS).rows();

    assertThat(rows).extracting(row -> row.get("arrays")).containsOnly(rows.get(0).get("arrays"));
    double middle = resident(rows.get(rows.size() / 2));
    double end = resident(rows.get(rows.size() - 1));
    if (!Double.isNaN(end)) { // the system says it
      assertThat(end - middle).isLessThan(MEGABYTES);
    }
  }

  private static double resident(Map<String, Object> row) {
    return (double) row.get("resident MB");
  }
}
