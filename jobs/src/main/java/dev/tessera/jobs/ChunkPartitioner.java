package dev.tessera.jobs;

import org.apache.spark.Partitioner;

/** Chunk i is partition i: one task per chunk. */
final class ChunkPartitioner extends Partitioner {
  private final int chunks;

  ChunkPartitioner(int chunks) {
    this.chunks = chunks;
  }

  @Override
  public int numPartitions() {
    return chunks;
  }

  @Override
  public int getPartition(Object chunkId) {
    return (Integer) chunkId;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ChunkPartitioner other && other.chunks == chunks;
  }

  @Override
  public int hashCode() {
    return chunks;
  }
}
