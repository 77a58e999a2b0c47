package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunkBatchesTest {
  @Test
  void aPartitionHasPhotosOfOneChunkAndNotManyOfThem() {
    Random random = new Random(3);
    Map<Integer, Long> photos = Map.of(0, 1L, 4, 64L, 5, 65L, 99_999, 10_000L);
    ChunkBatches batches = new ChunkBatches(photos);

    Map<Integer, Integer> chunkOf = new HashMap<>();
    Map<Integer, Integer> photosIn = new HashMap<>();
    photos.forEach(
        (chunk, count) -> {
          for (int i = 0; i < count; i++) {
            var key = new ChunkBatches.Key(chunk, random.nextLong() >>> 1);
            int partition = batches.getPartition(key);
            assertThat(chunkOf.computeIfAbsent(partition, p -> chunk)).isEqualTo(chunk);
            photosIn.merge(partition, 1, Integer::sum);
          }
        });

    assertThat(batches.numPartitions()).isEqualTo(1 + 1 + 2 + 157);
    Set<Integer> used = new HashSet<>(photosIn.keySet());
    assertThat(used).allMatch(partition -> partition >= 0 && partition < 161);
    assertThat(photosIn.values()).allMatch(count -> count < 2 * 64); // ids fall at random
  }

  @Test
  void whereNothingIsAskedThereIsNoPartition() {
    assertThat(new ChunkBatches(Map.of()).numPartitions()).isZero();
  }
}
