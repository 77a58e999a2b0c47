package dev.tessera.partition;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Two chunks that are neighbours in space or in the sequence.
 *
 * @param a the smaller id
 */
public record Border(ChunkId a, ChunkId b) implements Serializable, Comparable<Border> {
  private static final Comparator<Border> ORDER =
      Comparator.comparing(Border::a).thenComparing(Border::b);

  public Border {
    if (a.compareTo(b) >= 0) {
      throw new IllegalArgumentException(
          "A border is between two chunks in order, was %s - %s".formatted(a, b));
    }
  }

  /** The border between two chunks in any order. */
  public static Border between(ChunkId x, ChunkId y) {
    return x.compareTo(y) < 0 ? new Border(x, y) : new Border(y, x);
  }

  @Override
  public int compareTo(Border o) {
    return ORDER.compare(this, o);
  }
}
