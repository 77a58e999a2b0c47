package dev.tessera.reconstruct;

import dev.tessera.partition.ChunkId;

/** What became of a chunk: a scene, or a reason that can be counted. */
public sealed interface ChunkOutcome {
  /** The chunk was reconstructed, perhaps without some of its views. */
  record Reconstructed(ChunkScene scene) implements ChunkOutcome {}

  /**
   * The chunk could not be reconstructed.
   *
   * @param detail enough to understand the case without running it again
   */
  record Failed(ChunkId chunk, Reason reason, String detail) implements ChunkOutcome {}

  /** Why a chunk has no scene. */
  enum Reason {
    TOO_FEW_VIEWS,
    UNREADABLE_PHOTOS,
    TOO_FEW_MATCHES,
    DEGENERATE_GEOMETRY,
    OUT_OF_MEMORY,
    /** The engine threw what it should not throw; the detail names it, the log has its trace. */
    ENGINE_ERROR,
    /** It took longer than a chunk may. */
    TIMEOUT
  }
}
