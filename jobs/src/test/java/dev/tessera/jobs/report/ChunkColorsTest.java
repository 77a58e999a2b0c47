package dev.tessera.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChunkColorsTest {
  @Test
  void chunksJoinedByAnEdgeDiffer() {
    MapReport report = Reports.full();

    ChunkColors colors = new ChunkColors(report);

    assertThat(report.edges())
        .allSatisfy(
            e -> assertThat(colors.classOf(e.chunkA())).isNotEqualTo(colors.classOf(e.chunkB())));
  }
}
