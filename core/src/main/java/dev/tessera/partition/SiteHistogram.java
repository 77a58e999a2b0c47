package dev.tessera.partition;

import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How many views stand in each cell of a grid, with the first and last of them in the sequence.
 *
 * <p>Mergeable: shards counted apart and merged in any order give the same histogram. The number of
 * cells is bounded: whenever there are more than the configured maximum, the cell side doubles. A
 * shard that had to double proves that the whole must, so that the final side depends on the
 * collection only.
 */
public final class SiteHistogram implements Serializable {
  /** Views of one cell. */
  record Tally(int count, long firstOrder, long lastOrder) implements Serializable {
    Tally plus(Tally o) {
      return new Tally(
          Math.addExact(count, o.count),
          Math.min(firstOrder, o.firstOrder),
          Math.max(lastOrder, o.lastOrder));
    }
  }

  private static final Tally NONE = new Tally(0, Long.MAX_VALUE, 0);

  private final double finestCellMeters;
  private final int maxCells;
  private Grid grid;
  private Map<Long, Tally> cells = new HashMap<>();
  private long views;
  private Tally unpositioned = NONE;

  public SiteHistogram(ChunkPlanner.Config config) {
    finestCellMeters = config.cellMeters();
    maxCells = config.maxCells();
    grid = new Grid(finestCellMeters);
  }

  public SiteHistogram add(ViewSite site) {
    views++;
    if (site.hasPosition()) {
      cells.merge(grid.cellOf(site), new Tally(1, site.order(), site.order()), Tally::plus);
      coarsenToBound();
    } else {
      unpositioned = unpositioned.plus(new Tally(1, site.order(), site.order()));
    }
    return this;
  }

  /** Adds the counts of another shard, which stays as it is. */
  public SiteHistogram merge(SiteHistogram other) {
    if (other.finestCellMeters != finestCellMeters || other.maxCells != maxCells) {
      throw new IllegalArgumentException(
          "Cannot merge histograms: cells of %s m (at most %d) and of %s m (at most %d)"
              .formatted(finestCellMeters, maxCells, other.finestCellMeters, other.maxCells));
    }
    while (grid.cellMeters() < other.grid.cellMeters()) {
      coarsen();
    }
    int shift = Math.getExponent(grid.cellMeters() / other.grid.cellMeters());
    other.cells.forEach((cell, tally) -> cells.merge(ancestor(cell, shift), tally, Tally::plus));
    views += other.views;
    unpositioned = unpositioned.plus(other.unpositioned);
    coarsenToBound();
    return this;
  }

  /**
   * An empty count of what the cells do not tell: where in the sequence the views of crowded cells
   * and the views without a position are. The same sites are to be added to it in a second pass.
   */
  public SequenceHistogram crowds(ChunkPlanner.Config config) {
    Set<Long> crowded = new HashSet<>();
    if (views > config.maxViews()) {
      cells.forEach(
          (cell, tally) -> {
            if (tally.count() > config.grainViews()) {
              crowded.add(cell);
            }
          });
      if (unpositioned.count() > 0) {
        crowded.add(Grid.NOWHERE);
      }
    }
    return new SequenceHistogram(grid, crowded, config.blockBits());
  }

  public long views() {
    return views;
  }

  public int unpositioned() {
    return unpositioned.count();
  }

  /** Occupied cells: what the driver holds. */
  public int cells() {
    return cells.size();
  }

  /** Side of a cell after the doublings. */
  public double cellMeters() {
    return grid.cellMeters();
  }

  Grid grid() {
    return grid;
  }

  Map<Long, Tally> tallies() {
    return cells;
  }

  Tally unpositionedTally() {
    return unpositioned;
  }

  private void coarsenToBound() {
    while (cells.size() > maxCells) {
      coarsen();
    }
  }

  private void coarsen() {
    grid = grid.coarser();
    Map<Long, Tally> coarse = new HashMap<>();
    cells.forEach((cell, tally) -> coarse.merge(Grid.parent(cell), tally, Tally::plus));
    cells = coarse;
  }

  private static long ancestor(long cell, int levels) {
    long up = cell;
    for (int i = 0; i < levels; i++) {
      up = Grid.parent(up);
    }
    return up;
  }
}
