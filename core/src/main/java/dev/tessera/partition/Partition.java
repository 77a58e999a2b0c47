package dev.tessera.partition;

import java.io.Serializable;
import java.util.List;

/** A collection split into chunks: each view owned once, neighbours tied by borrowed views. */
public record Partition(List<Chunk> chunks, List<Adjacency> adjacencies) implements Serializable {
  public Partition {
    chunks = List.copyOf(chunks);
    adjacencies = List.copyOf(adjacencies);
  }
}
