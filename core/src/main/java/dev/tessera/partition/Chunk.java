package dev.tessera.partition;

import dev.tessera.imagery.ViewId;
import java.io.Serializable;
import java.util.List;

/**
 * The views reconstructed together.
 *
 * @param owned views whose points come from this chunk, in sequence order
 * @param halo views borrowed from the neighbours, in sequence order; alignment feeds on them
 */
public record Chunk(ChunkId id, List<ViewId> owned, List<ViewId> halo) implements Serializable {
  public Chunk {
    owned = List.copyOf(owned);
    halo = List.copyOf(halo);
  }

  public int size() {
    return owned.size() + halo.size();
  }
}
