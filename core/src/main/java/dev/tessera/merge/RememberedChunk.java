package dev.tessera.merge;

import dev.tessera.geometry.Vec3;
import dev.tessera.landmarks.LandmarkMemory;
import dev.tessera.partition.ChunkId;
import java.util.List;

/**
 * What is asked of a chunk to be aligned without a photo in common.
 *
 * @param centers of its cameras, chunk frame
 */
public record RememberedChunk(ChunkId chunk, LandmarkMemory landmarks, List<Vec3> centers) {
  public RememberedChunk {
    centers = List.copyOf(centers);
    if (centers.isEmpty()) {
      throw new IllegalArgumentException("Chunk " + chunk + " has no camera");
    }
  }
}
