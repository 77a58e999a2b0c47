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
  static final Comparator<Atom> BY_ORDER = Atom::compareOrder;
  static final Comparator<Atom> BY_X = Atom::compareX;
  static final Comparator<Atom> BY_Y = Atom::compareY;

  boolean positioned() {
    return key.cell() != Grid.NOWHERE;
  }

  Atom at(Atom place) {
    return new Atom(key, place.x, place.y, firstOrder, lastOrder, count);
  }

  private static int compareX(Atom a, Atom b) {
    int byX = Integer.compare(a.x, b.x);
    int byY = byX != 0 ? byX : Integer.compare(a.y, b.y);
    return byY != 0 ? byY : compareOrder(a, b);
  }

  private static int compareY(Atom a, Atom b) {
    int byY = Integer.compare(a.y, b.y);
    int byX = byY != 0 ? byY : Integer.compare(a.x, b.x);
    return byX != 0 ? byX : compareOrder(a, b);
  }

  private static int compareOrder(Atom a, Atom b) {
    int byOrder = Long.compare(a.firstOrder, b.firstOrder);
    return byOrder != 0 ? byOrder : Long.compare(a.key.cell(), b.key.cell());
  }
}
