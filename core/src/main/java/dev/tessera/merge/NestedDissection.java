package dev.tessera.merge;

import java.util.Arrays;

/**
 * An order of elimination with little fill for graphs whose nodes lie in space and whose pairs are
 * near each other (George 1973): the longer side of the bounding box is cut at the median, nodes
 * right of the cut that touch the left go last, then each side the same way. For n nodes of a plane
 * the factor has O(n log n) blocks.
 */
final class NestedDissection {
  /** Parts of this many nodes are eliminated as they come. */
  private static final int LEAF = 8;

  private final int[] starts; // CSR of the graph
  private final int[] neighbours;
  private final double[][] xyz;
  private final byte[] side;
  private final int[] order;
  private final int[] scratch;

  private NestedDissection(int[] starts, int[] neighbours, double[][] xyz) {
    this.starts = starts;
    this.neighbours = neighbours;
    this.xyz = xyz;
    this.side = new byte[xyz.length];
    this.order = new int[xyz.length];
    this.scratch = new int[xyz.length];
    Arrays.setAll(order, i -> i);
  }

  /**
   * Nodes in order of elimination. Any places give a correct order; wrong ones cost fill.
   *
   * @param starts neighbours of node i are at {@code starts[i] .. starts[i + 1] - 1}
   * @param xyz a place of each node; finite
   */
  static int[] order(int[] starts, int[] neighbours, double[][] xyz) {
    NestedDissection dissection = new NestedDissection(starts, neighbours, xyz);
    dissection.split(0, xyz.length);
    return dissection.order;
  }

  private void split(int from, int to) {
    if (to - from <= LEAF) {
      return;
    }
    int axis = longestAxis(from, to);
    sortAlong(axis, from, to);
    int middle = (from + to) / 2;
    for (int k = from; k < to; k++) {
      side[order[k]] = (byte) (k < middle ? 1 : 2);
    }
    int right = middle;
    int cut = 0;
    for (int k = middle; k < to; k++) {
      if (touchesLeft(order[k])) {
        scratch[cut++] = order[k];
      } else {
        order[right++] = order[k];
      }
    }
    System.arraycopy(scratch, 0, order, right, cut);
    for (int k = from; k < to; k++) {
      side[order[k]] = 0;
    }
    split(from, middle);
    split(middle, right);
  }

  private boolean touchesLeft(int node) {
    for (int k = starts[node]; k < starts[node + 1]; k++) {
      if (side[neighbours[k]] == 1) {
        return true;
      }
    }
    return false;
  }

  private int longestAxis(int from, int to) {
    int longest = 0;
    double length = -1;
    for (int axis = 0; axis < 3; axis++) {
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      for (int k = from; k < to; k++) {
        low = Math.min(low, xyz[order[k]][axis]);
        high = Math.max(high, xyz[order[k]][axis]);
      }
      if (high - low > length) {
        length = high - low;
        longest = axis;
      }
    }
    return longest;
  }

  /** Sorts by coordinate, equal ones by node. */
  private void sortAlong(int axis, int from, int to) {
    record Placed(double at, int node) {}
    Placed[] placed = new Placed[to - from];
    Arrays.setAll(placed, k -> new Placed(xyz[order[from + k]][axis], order[from + k]));
    Arrays.sort(
        placed,
        (p, q) ->
            p.at() == q.at()
                ? Integer.compare(p.node(), q.node())
                : Double.compare(p.at(), q.at()));
    for (int k = 0; k < placed.length; k++) {
      order[from + k] = placed[k].node();
    }
  }
}
