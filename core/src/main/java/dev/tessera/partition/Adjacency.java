package dev.tessera.partition;

import java.io.Serializable;

/**
 * Two chunks that are to be aligned through the views they share.
 *
 * @param a the smaller id
 * @param borrowedByA how many views owned by b the chunk a borrows
 * @param borrowedByB how many views owned by a the chunk b borrows
 */
public record Adjacency(ChunkId a, ChunkId b, int borrowedByA, int borrowedByB)
    implements Serializable {
  public Adjacency {
    if (a.compareTo(b) >= 0) {
      throw new IllegalArgumentException("Cannot link chunk %s to %s: order them".formatted(a, b));
    }
    if (borrowedByA < 0 || borrowedByB < 0) {
      throw new IllegalArgumentException(
          "Borrowed counts must not be negative, were %d and %d"
              .formatted(borrowedByA, borrowedByB));
    }
  }

  /**
   * Views both chunks hold through this border; views both borrow from third chunks come on top.
   */
  public int shared() {
    return borrowedByA + borrowedByB;
  }
}
