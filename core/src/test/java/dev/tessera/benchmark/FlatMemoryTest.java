package dev.tessera.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Forward passes leave no array behind, in whatever manager. */
class FlatMemoryTest {
  private static final int PASSES = 1000;
  private static final int THREADS = 1;

  @Test
  void aThousandPassesOfATinyNetworkKeepTheNumberOfArrays() throws IOException {
    List<Map<String, Object>> rows = new MemoryBenchmark().run(PASSES, THREADS).rows();

    assertThat(rows).extracting(row -> row.get("arrays")).containsOnly(rows.get(0).get("arrays"));
  }
}
