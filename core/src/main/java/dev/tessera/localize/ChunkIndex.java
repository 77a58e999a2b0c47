package dev.tessera.localize;

import dev.tessera.geometry.Vec3;
import dev.tessera.map.Bounds;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToDoubleFunction;

/**
 * Finds the chunks nearest to a position, among any number. A binary tree of boxes: each node's
 * chunks are halved at the median of their middles along the longer side of their bounds. Boxes are
 * opened best first (Hjaltason and Samet 1999), so that of n chunks that overlap little about log n
 * boxes are looked at.
 */
public final class ChunkIndex implements Serializable {
  private static final int CHUNKS_PER_LEAF = 4;

  /** In the order of the leaves: node {@code i}'s chunks are one range, its halves' the halves. */
  private final PlacedChunk[] chunks;

  /** Bounds of node i, whose children are 2 i + 1 and 2 i + 2; null below the leaves. */
  private final Bounds[] boxes;

  public ChunkIndex(List<PlacedChunk> chunks) {
    this.chunks = chunks.toArray(PlacedChunk[]::new);
    int nodes = 1;
    for (int widest = this.chunks.length; widest > CHUNKS_PER_LEAF; widest = (widest + 1) / 2) {
      nodes = 2 * nodes + 1;
    }
    this.boxes = new Bounds[nodes];
    build(0, 0, this.chunks.length);
  }

  public boolean isEmpty() {
    return chunks.length == 0;
  }

  /**
   * The nearest chunks, nearest first: by horizontal distance to their cameras' bounds, then to the
   * middle of these, then by id.
   *
   * @param most how many at most
   * @param reachMeters none farther than this
   */
  public List<PlacedChunk> nearest(Vec3 xInWorld, int most, double reachMeters) {
    return search(xInWorld, most, reachMeters).found;
  }

  Search search(Vec3 xInWorld, int most, double reachMeters) {
    Search search = new Search(xInWorld, reachMeters);
    search.run(most);
    return search;
  }

  private void build(int node, int begin, int end) {
    Bounds box = Bounds.empty();
    for (int i = begin; i < end; i++) {
      box = box.union(chunks[i].cameras());
    }
    boxes[node] = box;
    if (end - begin > CHUNKS_PER_LEAF) {
      boolean wide = box.maxX() - box.minX() >= box.maxY() - box.minY();
      ToDoubleFunction<PlacedChunk> twiceMiddle =
          wide
              ? c -> c.cameras().minX() + c.cameras().maxX()
              : c -> c.cameras().minY() + c.cameras().maxY();
      Arrays.sort(
          chunks,
          begin,
          end,
          Comparator.comparingDouble(twiceMiddle).thenComparing(c -> c.frame().chunk()));
      int middle = (begin + end + 1) / 2;
      build(2 * node + 1, begin, middle);
      build(2 * node + 2, middle, end);
    }
  }

  /** A box to open, or a chunk to give. Boxes come first: what they hold may be nearer still. */
  private record Candidate(
      double meters, double metersToMiddle, PlacedChunk chunk, int node, int begin, int end) {
    static final Comparator<Candidate> NEAREST_FIRST =
        Comparator.comparingDouble(Candidate::meters)
            .thenComparing(c -> c.chunk() != null)
            .thenComparingDouble(Candidate::metersToMiddle)
            .thenComparingInt(
                c -> c.chunk() == null ? c.node() : c.chunk().frame().chunk().value());
  }

  /** One search: what it found, and how many boxes it opened for it. */
  final class Search {
    final List<PlacedChunk> found = new ArrayList<>();
    int opened;
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Candidate.NEAREST_FIRST);
    private final Vec3 x;
    private final double reach;

    private Search(Vec3 x, double reach) {
      this.x = x;
      this.reach = reach;
    }

    private void run(int most) {
      offer(0, 0, chunks.length);
      while (found.size() < most && !queue.isEmpty()) {
        Candidate next = queue.remove();
        if (next.chunk() != null) {
          found.add(next.chunk());
        } else {
          open(next);
        }
      }
    }

    private void open(Candidate box) {
      opened++;
      if (box.end() - box.begin() > CHUNKS_PER_LEAF) {
        int middle = (box.begin() + box.end() + 1) / 2;
        offer(2 * box.node() + 1, box.begin(), middle);
        offer(2 * box.node() + 2, middle, box.end());
        return;
      }
      for (int i = box.begin(); i < box.end(); i++) {
        PlacedChunk chunk = chunks[i];
        offer(new Candidate(chunk.metersTo(x), chunk.metersToMiddle(x), chunk, 0, 0, 0));
      }
    }

    private void offer(int node, int begin, int end) {
      offer(new Candidate(PlacedChunk.metersTo(boxes[node], x), 0, null, node, begin, end));
    }

    private void offer(Candidate candidate) {
      if (candidate.meters() <= reach) {
        queue.add(candidate);
      }
    }
  }
}
