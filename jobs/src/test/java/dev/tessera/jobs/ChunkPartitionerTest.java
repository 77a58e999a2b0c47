package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkPartitionerTest {
  @Test
  void chunksWithMoreViewsComeFirstAndEqualOnesInTheirOrder() {
    ChunkPartitioner perChunk =
        ChunkPartitioner.longestFirst(
            List.of(chunk(7, 10, 2), chunk(8, 30, 0), chunk(9, 8, 4), chunk(10, 20, 20)));

    assertThat(perChunk.numPartitions()).isEqualTo(4);
    assertThat(List.of(10, 8, 7, 9)).extracting(perChunk::getPartition).containsExactly(0, 1, 2, 3);
  }

  private static PlannedChunk chunk(int id, int owned, int borrowed) {
    return new PlannedChunk(
        new ChunkId(id), PlannedChunk.Kind.SPATIAL, owned, borrowed, 0, 0, 1, 1, 0, 1);
  }
}
