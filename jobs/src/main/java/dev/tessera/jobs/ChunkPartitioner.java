package dev.tessera.jobs;

import dev.tessera.partition.PlannedChunk;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.apache.spark.Partitioner;

/** Each chunk is a partition: one task per chunk. Spark starts tasks in the order of partitions. */
final class ChunkPartitioner extends Partitioner {
  private final int first;

  /** Partition of each chunk, from the first on. */
  private final int[] partitions;

  private ChunkPartitioner(int first, int[] partitions) {
    this.first = first;
    this.partitions = partitions;
  }

  /** Of the chunks 0 to {@code chunks - 1}, in this order. */
  ChunkPartitioner(int chunks) {
    this(0, chunks);
  }

  /** Of so many chunks, numbered on from {@code first}, in this order. */
  ChunkPartitioner(int first, int chunks) {
    this(first, IntStream.range(0, chunks).toArray());
  }

  /**
   * Of successively numbered chunks, those first that take longest, so that no long one is left
   * when all others are done (longest processing time first, Graham 1969). What a chunk takes grows
   * with its views.
   */
  static ChunkPartitioner longestFirst(Collection<PlannedChunk> chunks) {
    int first = chunks.stream().mapToInt(chunk -> chunk.id().value()).min().orElse(0);
    int[] partitions = new int[chunks.size()];
    int next = 0;
    for (PlannedChunk chunk :
        chunks.stream()
            .sorted(
                Comparator.comparingInt(PlannedChunk::views)
                    .reversed()
                    .thenComparing(PlannedChunk::id))
            .toList()) {
      partitions[chunk.id().value() - first] = next++;
    }
    return new ChunkPartitioner(first, partitions);
  }

  @Override
  public int numPartitions() {
    return partitions.length;
  }

  @Override
  public int getPartition(Object chunkId) {
    return partitions[(Integer) chunkId - first];
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ChunkPartitioner other
        && other.first == first
        && Arrays.equals(other.partitions, partitions);
  }

  @Override
  public int hashCode() {
    return 31 * first + Arrays.hashCode(partitions);
  }
}
