package dev.tessera.partition;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * How many views of each crowded cell, and of those without a position, fall into each block of
 * 2^bits successive orders. Orders are distinct, so a block never holds more than a chunk can own:
 * any crowd can be split, also thousands of photos with one and the same position.
 *
 * <p>Mergeable in any order.
 */
public final class SequenceHistogram implements Serializable {
  /** Block of the sequence within a cell; block {@link #WHOLE} is all of an uncrowded cell. */
  record Key(long cell, long block) implements Serializable {}

  static final long WHOLE = -1;

  private final Grid grid;
  private final Set<Long> crowded;
  private final int blockBits;
  private final Map<Key, Integer> counts = new HashMap<>();

  SequenceHistogram(Grid grid, Set<Long> crowded, int blockBits) {
    this.grid = grid;
    this.crowded = crowded;
    this.blockBits = blockBits;
  }

  public SequenceHistogram add(ViewSite site) {
    Key key = keyOf(site);
    if (key.block() != WHOLE) {
      counts.merge(key, 1, Integer::sum);
    }
    return this;
  }

  /** Adds the counts of another shard, which stays as it is. */
  public SequenceHistogram merge(SequenceHistogram other) {
    if (!other.grid.equals(grid) || !other.crowded.equals(crowded)) {
      throw new IllegalArgumentException(
          "Cannot merge sequence histograms: they count the crowds of different collections");
    }
    other.counts.forEach((key, count) -> counts.merge(key, count, Integer::sum));
    return this;
  }

  /** An empty histogram that counts the same crowds, for another shard. */
  public SequenceHistogram emptyCopy() {
    return new SequenceHistogram(grid, crowded, blockBits);
  }

  /** Whether no cell is crowded and every view has a position, so that nothing need be added. */
  public boolean isIdle() {
    return crowded.isEmpty();
  }

  Key keyOf(ViewSite site) {
    long cell = grid.cellOf(site);
    return new Key(cell, crowded.contains(cell) ? site.order() >> blockBits : WHOLE);
  }

  boolean isCrowded(long cell) {
    return crowded.contains(cell);
  }

  Map<Key, Integer> counts() {
    return counts;
  }

  long firstOrder(Key key) {
    return key.block() << blockBits;
  }

  long lastOrder(Key key) {
    return firstOrder(key) + (1L << blockBits) - 1;
  }

  int blockViews() {
    return 1 << blockBits;
  }
}
