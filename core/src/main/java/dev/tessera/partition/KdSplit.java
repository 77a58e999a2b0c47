package dev.tessera.partition;

import dev.tessera.partition.PlannedChunk.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Balanced kd split of atoms into leaves of bounded size: the longer side is cut near the weighted
 * median, in the widest gap found there; a gap that sets islands apart is cut first. Ties of the
 * coordinate are broken by the other one and then by the sequence, so that a crowd of any shape,
 * also one at a single point, comes apart.
 */
final class KdSplit {
  /** How far from the balanced place a cut may move, as a share of one leaf. */
  private static final double CUT_TOLERANCE = 0.15;

  /** A gap of this share of the longer side sets islands apart. */
  private static final double ISLAND_GAP = 0.25;

  /** A node of the kd tree; a leaf has no children and is numbered from left to right. */
  static final class Node {
    final Region region;
    final List<Atom> atoms;
    Node left;
    Node right;
    int leaf = -1;

    private Node(Region region, List<Atom> atoms) {
      this.region = region;
      this.atoms = atoms;
    }

    boolean isLeaf() {
      return left == null;
    }
  }

  /**
   * Closed ranges of cells and orders; after a cut within a row of cells both sides hold the row.
   */
  record Region(long minX, long maxX, long minY, long maxY, long minOrder, long maxOrder) {
    static final Region ALL =
        new Region(
            Integer.MIN_VALUE,
            Integer.MAX_VALUE,
            Integer.MIN_VALUE,
            Integer.MAX_VALUE,
            0,
            1L << 62);

    /** Whether the regions overlap, or share a face: next to each other along one axis only. */
    boolean touches(Region o) {
      long x = Math.max(minX - o.maxX, o.minX - maxX);
      long y = Math.max(minY - o.maxY, o.minY - maxY);
      long order = Math.max(minOrder - o.maxOrder, o.minOrder - maxOrder);
      int beside = (x > 0 ? 1 : 0) + (y > 0 ? 1 : 0) + (order > 0 ? 1 : 0);
      return x <= 1 && y <= 1 && order <= 1 && beside <= 1;
    }
  }

  private enum Axis {
    X(Atom.BY_X),
    Y(Atom.BY_Y),
    ORDER(Atom.BY_ORDER);

    private final Comparator<Atom> comparator;

    Axis(Comparator<Atom> comparator) {
      this.comparator = comparator;
    }

    long low(Atom atom) {
      return this == X ? atom.x() : this == Y ? atom.y() : atom.firstOrder();
    }

    long high(Atom atom) {
      return this == ORDER ? atom.lastOrder() : low(atom);
    }

    Region below(Region r, long max) {
      return switch (this) {
        case X -> new Region(r.minX, max, r.minY, r.maxY, r.minOrder, r.maxOrder);
        case Y -> new Region(r.minX, r.maxX, r.minY, max, r.minOrder, r.maxOrder);
        case ORDER -> new Region(r.minX, r.maxX, r.minY, r.maxY, r.minOrder, max);
      };
    }

    Region from(Region r, long min) {
      return switch (this) {
        case X -> new Region(min, r.maxX, r.minY, r.maxY, r.minOrder, r.maxOrder);
        case Y -> new Region(r.minX, r.maxX, min, r.maxY, r.minOrder, r.maxOrder);
        case ORDER -> new Region(r.minX, r.maxX, r.minY, r.maxY, min, r.maxOrder);
      };
    }
  }

  /** A cut before atom {@code index}, and the leaves planned for either side. */
  private record Cut(int index, int leftLeaves, int rightLeaves) {}

  private final int capacity;
  private final Kind kind;
  private final List<Node> leaves = new ArrayList<>();
  private final Node root;

  private KdSplit(List<Atom> atoms, int capacity, Kind kind) {
    this.capacity = capacity;
    this.kind = kind;
    root = new Node(Region.ALL, atoms);
    split(root, leavesFor(count(atoms)));
  }

  /** Splits the atoms, none of which is larger than the capacity. */
  static KdSplit of(List<Atom> atoms, int capacity, Kind kind) {
    return new KdSplit(new ArrayList<>(atoms), capacity, kind);
  }

  List<Node> leaves() {
    return leaves;
  }

  /** Pairs of leaf numbers whose regions touch. They connect all leaves, empty space or not. */
  List<int[]> touching() {
    List<int[]> pairs = new ArrayList<>();
    collect(root, pairs);
    return pairs;
  }

  private static void collect(Node node, List<int[]> pairs) {
    if (!node.isLeaf()) {
      collect(node.left, pairs);
      collect(node.right, pairs);
      across(node.left, node.right, pairs);
    }
  }

  private static void across(Node a, Node b, List<int[]> pairs) {
    if (!a.region.touches(b.region)) {
      return;
    }
    if (a.isLeaf() && b.isLeaf()) {
      pairs.add(new int[] {a.leaf, b.leaf});
    } else if (a.isLeaf()) {
      across(a, b.left, pairs);
      across(a, b.right, pairs);
    } else {
      across(a.left, b, pairs);
      across(a.right, b, pairs);
    }
  }

  private void split(Node node, int wantedLeaves) {
    int views = count(node.atoms);
    int parts = Math.max(wantedLeaves, leavesFor(views));
    if (parts == 1 || node.atoms.size() == 1) {
      node.leaf = leaves.size();
      leaves.add(node);
      return;
    }
    Axis axis = longerSide(node.atoms);
    node.atoms.sort(axis.comparator);
    Cut cut = cut(node.atoms, axis, views, parts);
    long before = axis.low(node.atoms.get(cut.index() - 1));
    long at = axis.low(node.atoms.get(cut.index()));
    Region below = axis.below(node.region, before == at ? at : at - 1);
    node.left = new Node(below, new ArrayList<>(node.atoms.subList(0, cut.index())));
    int n = node.atoms.size();
    node.right =
        new Node(axis.from(node.region, at), new ArrayList<>(node.atoms.subList(cut.index(), n)));
    split(node.left, cut.leftLeaves());
    split(node.right, cut.rightLeaves());
  }

  private Axis longerSide(List<Atom> atoms) {
    if (kind == Kind.SEQUENCE) {
      return Axis.ORDER;
    }
    long width = extent(atoms, Axis.X);
    long height = extent(atoms, Axis.Y);
    return width == 0 && height == 0 ? Axis.ORDER : width >= height ? Axis.X : Axis.Y;
  }

  private static long extent(List<Atom> atoms, Axis axis) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (Atom atom : atoms) {
      min = Math.min(min, axis.low(atom));
      max = Math.max(max, axis.low(atom));
    }
    return max - min;
  }

  private Cut cut(List<Atom> atoms, Axis axis, int views, int parts) {
    Cut island = islandCut(atoms, axis, views);
    return island != null ? island : balancedCut(atoms, axis, views, parts);
  }

  /** The widest gap, if it sets islands apart that each fill half a chunk; else null. */
  private Cut islandCut(List<Atom> atoms, Axis axis, int views) {
    long widest = (long) Math.ceil(ISLAND_GAP * extent(atoms, axis));
    Cut best = null;
    int left = 0;
    for (int i = 1; i < atoms.size(); i++) {
      left += atoms.get(i - 1).count();
      long gap = axis.low(atoms.get(i)) - axis.high(atoms.get(i - 1));
      if (gap > Math.max(1, widest) && 2 * Math.min(left, views - left) >= capacity) {
        widest = gap;
        best = new Cut(i, leavesFor(left), leavesFor(views - left));
      }
    }
    return best;
  }

  /** The widest gap near the balanced place, where both sides still fit their leaves. */
  private Cut balancedCut(List<Atom> atoms, Axis axis, int views, int parts) {
    int leftParts = parts / 2;
    double target = (double) views * leftParts / parts;
    double tolerance = CUT_TOLERANCE * views / parts;
    int best = 0;
    long bestGap = -1;
    double bestOff = Double.MAX_VALUE;
    int left = 0;
    for (int i = 1; i < atoms.size(); i++) {
      left += atoms.get(i - 1).count();
      double off = Math.abs(left - target);
      boolean fits = leavesFor(left) <= leftParts && leavesFor(views - left) <= parts - leftParts;
      boolean near = off <= tolerance && fits;
      long gap = near ? axis.low(atoms.get(i)) - axis.low(atoms.get(i - 1)) : -1;
      if (gap > bestGap || (gap == bestGap && off < bestOff)) {
        best = i;
        bestGap = gap;
        bestOff = off;
      }
    }
    return new Cut(best, leftParts, parts - leftParts);
  }

  private int leavesFor(int views) {
    return Math.max(1, (views + capacity - 1) / capacity);
  }

  private static int count(List<Atom> atoms) {
    int views = 0;
    for (Atom atom : atoms) {
      views = Math.addExact(views, atom.count());
    }
    return views;
  }
}
