package dev.tessera.merge;

/** The graph of pairs as lists of neighbours. */
final class Adjacency {
  private Adjacency() {}

  /**
   * Neighbours of all nodes, in the order of their pairs.
   *
   * @param starts filled: those of node i are at {@code starts[i] .. starts[i + 1] - 1}
   */
  static int[] neighbours(int[] starts, int[] pairA, int[] pairB) {
    int[] pairs = pairs(starts, pairA, pairB);
    int[] neighbours = new int[pairs.length];
    for (int node = 0; node + 1 < starts.length; node++) {
      for (int k = starts[node]; k < starts[node + 1]; k++) {
        neighbours[k] = pairA[pairs[k]] == node ? pairB[pairs[k]] : pairA[pairs[k]];
      }
    }
    return neighbours;
  }

  /** As {@link #neighbours}, but the indices of the pairs. */
  static int[] pairs(int[] starts, int[] pairA, int[] pairB) {
    for (int k = 0; k < pairA.length; k++) {
      starts[pairA[k] + 1]++;
      starts[pairB[k] + 1]++;
    }
    for (int i = 1; i < starts.length; i++) {
      starts[i] += starts[i - 1];
    }
    int[] next = starts.clone();
    int[] pairs = new int[2 * pairA.length];
    for (int k = 0; k < pairA.length; k++) {
      pairs[next[pairA[k]]++] = k;
      pairs[next[pairB[k]]++] = k;
    }
    return pairs;
  }
}
