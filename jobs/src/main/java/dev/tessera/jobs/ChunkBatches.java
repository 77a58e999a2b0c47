package dev.tessera.jobs;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.Partitioner;

/**
 * The photos to ask a chunk about, in partitions of one chunk each: as many as keep them small, so
 * that a chunk that all photos are near does not keep a single task busy.
 */
final class ChunkBatches extends Partitioner {
  /** Enough that reading the memory is a small part of the work. */
  private static final int PHOTOS_PER_TASK = 64;

  /** A photo to ask a chunk about. */
  record Key(int chunk, long imageId) implements Serializable {}

  private record Batches(int first, int count) implements Serializable {}

  private final Map<Integer, Batches> ofChunk = new HashMap<>();
  private final int partitions;

  /**
   * @param photos numbers of photos by chunk
   */
  ChunkBatches(Map<Integer, Long> photos) {
    int next = 0;
    for (Map.Entry<Integer, Long> chunk : new TreeMap<>(photos).entrySet()) {
      int count = (int) (1 + (chunk.getValue() - 1) / PHOTOS_PER_TASK);
      ofChunk.put(chunk.getKey(), new Batches(next, count));
      next += count;
    }
    partitions = next;
  }

  @Override
  public int numPartitions() {
    return partitions;
  }

  @Override
  public int getPartition(Object key) {
    Key photo = (Key) key;
    Batches batches = ofChunk.get(photo.chunk());
    return batches.first() + Math.floorMod(photo.imageId(), batches.count());
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ChunkBatches other && other.ofChunk.equals(ofChunk);
  }

  @Override
  public int hashCode() {
    return ofChunk.hashCode();
  }
}
