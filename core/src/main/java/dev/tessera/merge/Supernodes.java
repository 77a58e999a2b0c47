package dev.tessera.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The pattern of a sparse Cholesky factor: runs of columns with the same rows below them. Found
 * once for a graph and an order of elimination, it serves every matrix on that graph.
 *
 * <p>Elimination tree after Liu (1990); a child is joined to its parent where that stores few zeros
 * (relaxed supernodes, Ashcraft and Grimes 1989).
 */
final class Supernodes {
  /** Joined columns may be zero to this part, */
  private static final double MAX_ZERO_SHARE = 0.15;

  /** and runs of up to this many columns to a larger part: they are slow when left alone. */
  private static final int SMALL_RUN = 6;

  private static final double MAX_ZERO_SHARE_OF_SMALL = 0.5;

  final int nodes;
  final int[] position; // node -> place in the order
  final int[] first; // run -> its first place; one more at the end
  final int[][] below; // run -> places below it, ascending
  final int[] runOf; // place -> run
  final int[] parent; // run -> run of the first place below it, or -1
  final int[][] updaters; // run -> earlier runs with a place below them in it, ascending

  /**
   * @param starts neighbours of node i are at {@code starts[i] .. starts[i + 1] - 1}
   * @param order nodes in the order of elimination
   */
  Supernodes(int[] starts, int[] neighbours, int[] order) {
    nodes = order.length;
    int[] post = postorder(starts, neighbours, order);
    position = new int[nodes];
    for (int place = 0; place < nodes; place++) {
      position[post[place]] = place;
    }
    List<int[]> rows = new ArrayList<>();
    List<Integer> firsts = new ArrayList<>();
    runs(columns(starts, neighbours, post), firsts, rows);
    first = new int[rows.size() + 1];
    runOf = new int[nodes];
    below = rows.toArray(new int[0][]);
    for (int run = 0; run < below.length; run++) {
      first[run] = firsts.get(run);
    }
    first[below.length] = nodes;
    parent = new int[below.length];
    for (int run = 0; run < below.length; run++) {
      Arrays.fill(runOf, first[run], first[run + 1], run);
    }
    for (int run = 0; run < below.length; run++) {
      parent[run] = below[run].length == 0 ? -1 : runOf[below[run][0]];
    }
    updaters = updaters();
  }

  int count() {
    return below.length;
  }

  int columns(int run) {
    return first[run + 1] - first[run];
  }

  private int[] postorder(int[] starts, int[] neighbours, int[] order) {
    int[] place = new int[nodes];
    for (int k = 0; k < nodes; k++) {
      place[order[k]] = k;
    }
    int[] up = eliminationTree(starts, neighbours, order, place);
    int[] head = new int[nodes + 1];
    int[] next = new int[nodes];
    Arrays.fill(head, -1);
    for (int k = nodes - 1; k >= 0; k--) { // children in ascending order
      int of = up[k] < 0 ? nodes : up[k];
      next[k] = head[of];
      head[of] = k;
    }
    int[] post = new int[nodes];
    int[] stack = new int[nodes + 1];
    int depth = 0;
    stack[0] = nodes;
    for (int done = 0; depth >= 0; ) {
      int at = stack[depth];
      if (head[at] >= 0) {
        stack[++depth] = head[at];
        head[at] = next[head[at]];
      } else {
        depth--;
        if (at < nodes) {
          post[done++] = order[at];
        }
      }
    }
    return post;
  }

  private int[] eliminationTree(int[] starts, int[] neighbours, int[] order, int[] place) {
    int[] up = new int[nodes];
    int[] ancestor = new int[nodes];
    Arrays.fill(up, -1);
    Arrays.fill(ancestor, -1);
    for (int k = 0; k < nodes; k++) {
      for (int e = starts[order[k]]; e < starts[order[k] + 1]; e++) {
        int i = place[neighbours[e]];
        while (i >= 0 && i < k) {
          int next = ancestor[i];
          ancestor[i] = k;
          if (next < 0) {
            up[i] = k;
          }
          i = next;
        }
      }
    }
    return up;
  }

  /** Places below each column, ascending. */
  private int[][] columns(int[] starts, int[] neighbours, int[] post) {
    int[][] rows = new int[nodes][];
    int[] firstChild = new int[nodes];
    int[] nextChild = new int[nodes];
    Arrays.fill(firstChild, -1);
    int[] mark = new int[nodes];
    Arrays.fill(mark, -1);
    int[] found = new int[nodes];
    for (int k = 0; k < nodes; k++) {
      int count = 0;
      mark[k] = k;
      for (int e = starts[post[k]]; e < starts[post[k] + 1]; e++) {
        int i = position[neighbours[e]];
        if (i > k && mark[i] != k) {
          mark[i] = k;
          found[count++] = i;
        }
      }
      for (int child = firstChild[k]; child >= 0; child = nextChild[child]) {
        for (int i : rows[child]) {
          if (mark[i] != k) {
            mark[i] = k;
            found[count++] = i;
          }
        }
      }
      rows[k] = Arrays.copyOf(found, count);
      Arrays.sort(rows[k]);
      if (count > 0) {
        nextChild[k] = firstChild[rows[k][0]];
        firstChild[rows[k][0]] = k;
      }
    }
    return rows;
  }

  /** Joins columns, each the only or last child of the next, from left to right. */
  private void runs(int[][] columns, List<Integer> firsts, List<int[]> rows) {
    List<Long> zeros = new ArrayList<>(); // stored in each run
    for (int k = 0; k < nodes; k++) {
      firsts.add(k);
      rows.add(columns[k]);
      zeros.add(0L);
      columns[k] = null;
      while (rows.size() > 1) {
        int last = rows.size() - 1;
        int[] child = rows.get(last - 1);
        int start = firsts.get(last - 1);
        int middle = firsts.get(last);
        if (child.length == 0 || child[0] >= k + 1 || child[0] < middle) {
          break;
        }
        int width = k + 1 - start;
        int length = rows.get(last).length;
        long stored = (long) width * (width + 1) / 2 + (long) width * length;
        long added = (long) (middle - start) * (k + 1 - middle + length - child.length);
        double limit = width <= SMALL_RUN ? MAX_ZERO_SHARE_OF_SMALL : MAX_ZERO_SHARE;
        long all = zeros.get(last - 1) + zeros.get(last) + added;
        if (all > limit * stored) {
          break;
        }
        zeros.set(last - 1, all);
        zeros.remove(last);
        rows.set(last - 1, rows.get(last));
        rows.remove(last);
        firsts.remove(last);
      }
    }
  }

  private int[][] updaters() {
    int[] counts = new int[count()];
    int[][] lists = new int[count()][];
    for (int pass = 0; pass < 2; pass++) {
      for (int run = 0; run < count(); run++) {
        int previous = -1;
        for (int place : below[run]) {
          int of = runOf[place];
          if (of != previous) {
            previous = of;
            if (pass == 1) {
              lists[of][counts[of]] = run;
            }
            counts[of]++;
          }
        }
      }
      for (int run = 0; run < count() && pass == 0; run++) {
        lists[run] = new int[counts[run]];
        counts[run] = 0;
      }
    }
    return lists;
  }
}
