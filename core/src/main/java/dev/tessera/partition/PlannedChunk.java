package dev.tessera.partition;

import java.io.Serializable;

/**
 * A chunk as the plan knows it: counts and extent, no views.
 *
 * @param owned views it owns
 * @param borrowed views it borrows from its neighbours
 * @param minEastMeters bounds of its occupied cells; NaN, like the other three, for a chunk of a
 *     sequence
 * @param firstOrder smallest order in its cells
 * @param lastOrder largest order in its cells
 */
public record PlannedChunk(
    ChunkId id,
    Kind kind,
    int owned,
    int borrowed,
    double minEastMeters,
    double minNorthMeters,
    double maxEastMeters,
    double maxNorthMeters,
    long firstOrder,
    long lastOrder)
    implements Serializable {

  /** Views of the chunk, owned and borrowed. */
  public int views() {
    return owned + borrowed;
  }

  /** The same chunk when others have taken its views. */
  public PlannedChunk withoutViews() {
    return new PlannedChunk(
        id,
        kind,
        0,
        0,
        minEastMeters,
        minNorthMeters,
        maxEastMeters,
        maxNorthMeters,
        firstOrder,
        lastOrder);
  }

  /** What holds the views of a chunk together. */
  public enum Kind {
    /** Near each other in space. */
    SPATIAL,
    /** Successive in the sequence. */
    SEQUENCE
  }
}
