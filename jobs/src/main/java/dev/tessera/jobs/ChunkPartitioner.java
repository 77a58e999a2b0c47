package dev.tessera.jobs;

import org.apache.spark.Partitioner;

/** Each chunk is a partition: one task per chunk. */
final class ChunkPartitioner extends Partitioner {
  private final int first;
  private final int chunks;

  /** Of the chunks 0 to {@code chunks - 1}. */
  ChunkPartitioner(int chunks) {
    this(0, chunks);
  }

  /** Of so many chunks, numbered on from {@code first}. */
  ChunkPartitioner(int first, int chunks) {
    this.first = first;
    this.chunks = chunks;
  }

  @Override
  public int numPartitions() {
    return chunks;
  }

  @Override
  public int getPartition(Object chunkId) {
    return (Integer) chunkId - first;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ChunkPartitioner other && other.first == first && other.chunks == chunks;
  }

  @Override
  public int hashCode() {
    return 31 * first + chunks;
  }
}
