package dev.tessera.map;

import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Fuses the runs of several chunks: one point for each voxel and component, in Morton order.
 *
 * <p>The runs are merged by the first Morton key of their voxels. A fused point lies anywhere in
 * its voxel, so it waits until no voxel to come begins before it; where voxels of components have
 * different sizes, as many points wait as there are components, at most.
 */
public final class FusedRuns implements Iterator<FusedRuns.Fused> {
  private final Map<Integer, VoxelFusion> fusions;
  private final PriorityQueue<Head> others;
  private final PriorityQueue<Fused> waiting =
      new PriorityQueue<>(
          Comparator.comparingLong(Fused::morton).thenComparingInt(Fused::component));
  private final Voxel fused = new Voxel();
  private Head lowest; // null when all runs are used up

  /** A point in its place. */
  public record Fused(int component, long morton, MapPoint point) {}

  /**
   * @param fusions voxels of each component
   */
  public FusedRuns(Map<Integer, VoxelFusion> fusions, Collection<VoxelRun> runs) {
    this.fusions = fusions;
    this.others = new PriorityQueue<>(Math.max(1, runs.size()));
    for (VoxelRun run : runs) {
      Head head = new Head(run.cursor(), fusions.get(run.component()));
      if (head.advance()) {
        others.add(head);
      }
    }
    lowest = others.poll();
  }

  @Override
  public boolean hasNext() {
    return lowest != null || !waiting.isEmpty();
  }

  @Override
  public Fused next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    while (waiting.isEmpty() || (lowest != null && waiting.peek().morton() >= lowest.firstKey)) {
      waiting.add(fuseLowest());
    }
    return waiting.poll();
  }

  private Fused fuseLowest() {
    long firstKey = lowest.firstKey;
    int component = lowest.cursor.component();
    long name = lowest.cursor.name();
    fused.clear();
    while (lowest != null && lowest.firstKey == firstKey && lowest.is(component)) {
      fused.merge(lowest.cursor.voxel());
      stepLowest();
    }
    VoxelFusion fusion = fusions.get(component);
    MapPoint point = fusion.fused(name, fused);
    return new Fused(component, fusion.morton().encode(point.xInWorld()), point);
  }

  /** A run often stays the lowest for many voxels: then the queue is not touched. */
  private void stepLowest() {
    if (!lowest.advance()) {
      lowest = others.poll();
    } else if (!others.isEmpty() && lowest.compareTo(others.peek()) > 0) {
      others.add(lowest);
      lowest = others.poll();
    }
  }

  /** The next voxel of a run. */
  private static final class Head implements Comparable<Head> {
    private final VoxelRun.Cursor cursor;
    private final int shift;
    private long firstKey;

    Head(VoxelRun.Cursor cursor, VoxelFusion fusion) {
      this.cursor = cursor;
      this.shift = 3 * fusion.levels();
    }

    boolean advance() {
      boolean more = cursor.advance();
      firstKey = cursor.name() << shift;
      return more;
    }

    boolean is(int component) {
      return cursor.component() == component;
    }

    @Override
    public int compareTo(Head o) {
      int order = Long.compare(firstKey, o.firstKey);
      return order != 0 ? order : Integer.compare(cursor.component(), o.cursor.component());
    }
  }
}
