package dev.tessera.partition;

import dev.tessera.partition.Layout.Piece;
import dev.tessera.partition.Link.Metric;
import dev.tessera.partition.PlannedChunk.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/**
 * Which chunks are to share views: those whose regions touch, and windows of the sequence with the
 * spatial chunks next to them in the sequence. The strongest links that connect everything form a
 * spanning tree (Kruskal 1956), which is always kept; a link much longer than those of the tree, as
 * across a river, is not worth its halo.
 */
final class ChunkLinks {
  /** A link beside the tree may be this many times longer than the tree's median link. */
  private static final double FAR_FACTOR = 3;

  /** A link beside the tree must not leave out more than this many views of the sequence. */
  private static final long FAR_ORDERS = 20;

  private final Layout layout;
  private final int viewsToReach;
  private final List<Link> tree = new ArrayList<>();
  private final List<Link> others = new ArrayList<>();
  private final List<Link> borders = new ArrayList<>();

  ChunkLinks(Layout layout, int minSharedViews) {
    this.layout = layout;
    this.viewsToReach = Math.max(1, minSharedViews); // neighbours without a halo are neighbours too
    List<Link> candidates = new ArrayList<>(ties());
    for (int[] pair : layout.touching()) {
      candidates.add(link(Math.min(pair[0], pair[1]), Math.max(pair[0], pair[1])));
    }
    candidates.sort(Link.STRONGEST_FIRST);
    grow(candidates);
    double far = farMeters();
    borders.addAll(tree);
    others.stream().filter(link -> isNear(link, far)).forEach(borders::add);
    dropFar(far);
  }

  List<Link> tree() {
    return tree;
  }

  /** Links beside the tree, strongest first. */
  List<Link> others() {
    return others;
  }

  /**
   * All neighbourhoods, whether or not there is room for a halo: the tree, and those beside it
   * whose nearest views are no farther apart than links may be long.
   */
  List<Link> borders() {
    return borders;
  }

  /** The chunks in their order along the split, each tied to the next: what always has room. */
  List<Link> chain() {
    List<Link> chain = new ArrayList<>();
    for (int i = 1; i < layout.pieces().size(); i++) {
      chain.add(link(i - 1, i));
    }
    return chain;
  }

  private Link link(int a, int b) {
    Piece one = layout.pieces().get(a);
    Piece two = layout.pieces().get(b);
    Footprint f = one.footprint();
    Footprint g = two.footprint();
    if (one.kind() == Kind.SPATIAL && two.kind() == Kind.SPATIAL) {
      double meters = Math.max(f.reachMeters(g, viewsToReach), g.reachMeters(f, viewsToReach));
      return new Link(a, b, Metric.SPACE, meters, meters > 0 ? 0 : f.orderGap(g));
    }
    Metric metric = one.kind() == two.kind() ? Metric.SEQUENCE : Metric.TIE;
    return new Link(a, b, metric, 0, f.orderGap(g));
  }

  private List<Link> ties() {
    if (layout.pieces().stream().allMatch(piece -> piece.kind() == Kind.SPATIAL)) {
      return List.of();
    }
    List<Atom> placed = new ArrayList<>();
    Map<Atom, Integer> pieceOf = new HashMap<>();
    List<Piece> pieces = layout.pieces();
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i).kind() == Kind.SPATIAL) {
        for (Atom atom : pieces.get(i).atoms()) {
          placed.add(atom);
          pieceOf.put(atom, i);
        }
      }
    }
    NavigableMap<Long, Atom> byOrder = Layout.byOrder(placed);
    List<Link> ties = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i).kind() == Kind.SEQUENCE) {
        int window = i;
        neighbours(pieces.get(i).atoms(), byOrder, pieceOf)
            .forEach((piece, gap) -> ties.add(new Link(piece, window, Metric.TIE, 0, gap)));
      }
    }
    return ties;
  }

  private static Map<Integer, Long> neighbours(
      List<Atom> window, NavigableMap<Long, Atom> byOrder, Map<Atom, Integer> pieceOf) {
    Map<Integer, Long> gaps = new HashMap<>();
    for (Atom atom : window) {
      var before = byOrder.floorEntry(atom.firstOrder());
      if (before != null) {
        gaps.merge(pieceOf.get(before.getValue()), atom.firstOrder() - before.getKey(), Math::min);
      }
      var after = byOrder.ceilingEntry(atom.lastOrder());
      if (after != null) {
        gaps.merge(pieceOf.get(after.getValue()), after.getKey() - atom.lastOrder(), Math::min);
      }
    }
    return gaps;
  }

  private void grow(List<Link> candidates) {
    int[] parent = new int[layout.pieces().size()];
    for (int i = 0; i < parent.length; i++) {
      parent[i] = i;
    }
    for (Link link : candidates) {
      int a = root(parent, link.a());
      int b = root(parent, link.b());
      if (a == b) {
        others.add(link);
      } else {
        parent[a] = b;
        tree.add(link);
      }
    }
  }

  private static int root(int[] parent, int start) {
    int i = start;
    while (parent[i] != i) {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
    return i;
  }

  private boolean isNear(Link link, double farMeters) {
    if (link.metric() != Metric.SPACE) {
      return link.orderGap() <= FAR_ORDERS;
    }
    Footprint f = layout.pieces().get(link.a()).footprint();
    return f.reachMeters(layout.pieces().get(link.b()).footprint(), 1) <= farMeters;
  }

  private double farMeters() {
    double[] meters =
        tree.stream()
            .filter(link -> link.metric() == Metric.SPACE)
            .mapToDouble(Link::meters)
            .sorted()
            .toArray();
    double median = meters.length == 0 ? 0 : meters[meters.length / 2];
    return FAR_FACTOR * Math.max(median, layout.cellMeters());
  }

  private void dropFar(double far) {
    others.removeIf(
        link -> link.metric() == Metric.SPACE ? link.meters() > far : link.orderGap() > FAR_ORDERS);
  }
}
