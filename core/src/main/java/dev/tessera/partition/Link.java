package dev.tessera.partition;

import java.util.Comparator;

/**
 * A candidate border between chunks number a and b, a &lt; b. Stronger links come first: those
 * within space or within the sequence before those that tie the two, then the nearer.
 *
 * @param meters how far into the farther side one has to reach for the views to share
 * @param orderGap steps of the sequence between the two where metres say nothing
 */
record Link(int a, int b, Metric metric, double meters, long orderGap) {
  /** What makes two chunks neighbours. */
  enum Metric {
    SPACE,
    SEQUENCE,
    TIE
  }

  static final Comparator<Link> STRONGEST_FIRST =
      Comparator.<Link>comparingInt(link -> link.metric == Metric.TIE ? 1 : 0)
          .thenComparingDouble(Link::meters)
          .thenComparingLong(Link::orderGap)
          .thenComparingInt(Link::a)
          .thenComparingInt(Link::b);

  int other(int chunk) {
    return chunk == a ? b : a;
  }
}
