package dev.tessera.partition;

import java.io.Serializable;

/** Names a chunk within one partition of a collection: 0, 1, 2, ... */
public record ChunkId(int value) implements Serializable, Comparable<ChunkId> {
  public ChunkId {
    if (value < 0) {
      throw new IllegalArgumentException("Chunk id must not be negative, was " + value);
    }
  }

  /** The chunk of this number where chunks are numbered on from {@code first}. */
  public ChunkId numberedFrom(int first) {
    return new ChunkId(first + value);
  }

  @Override
  public int compareTo(ChunkId o) {
    return Integer.compare(value, o.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
