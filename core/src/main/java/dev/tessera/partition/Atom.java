package dev.tessera.partition;

import java.util.Comparator;

/**
 * What the planner moves as a whole: the views of a cell, or of a block of the sequence within a
 * crowded cell or among the views without a position.
 *
 * @param x cell index east, meaningful within the spatial part of a plan
 * @param y cell index north
 */
record Atom(SequenceHistogram.Key key, int x, int y, long firstOrder, long lastOrder, int count) {
  static final Comparator<Atom> BY_ORDER =
      Comparator.comparingLong(Atom::firstOrder)
          .thenComparingInt(Atom::x)
          .thenComparingInt(Atom::y)
          .thenComparingLong(atom -> atom.key().cell());
  static final Comparator<Atom> BY_X =
      Comparator.comparingInt(Atom::x)
          .thenComparing(Comparator.comparingInt(Atom::y).thenComparing(BY_ORDER));
  static final Comparator<Atom> BY_Y =
      Comparator.comparingInt(Atom::y)
          .thenComparing(Comparator.comparingInt(Atom::x).thenComparing(BY_ORDER));

  boolean positioned() {
    return key.cell() != Grid.NOWHERE;
  }

  Atom at(Atom place) {
    return new Atom(key, place.x, place.y, firstOrder, lastOrder, count);
  }

  /** Steps of the sequence from an order to the nearer end of this atom. */
  long orderGap(long order) {
    return Math.min(Math.abs(order - firstOrder), Math.abs(order - lastOrder));
  }
}
