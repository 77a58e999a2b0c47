package dev.tessera.partition;

import dev.tessera.partition.KdSplit.Node;
import dev.tessera.partition.PlannedChunk.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The collection's atoms in groups of one kind, and their split at one capacity into the pieces
 * that become chunks.
 */
final class Layout {
  /** One chunk to be: number = position in the list of pieces. */
  record Piece(Kind kind, List<Atom> atoms, Footprint footprint) {}

  private final double cellMeters;
  private final List<Atom> spatial = new ArrayList<>();
  private final List<Atom> sequence = new ArrayList<>();
  private final List<Piece> pieces = new ArrayList<>();
  private final List<int[]> touching = new ArrayList<>();

  private Layout(double cellMeters) {
    this.cellMeters = cellMeters;
  }

  /** Everything in one piece. */
  static Layout whole(List<Atom> atoms, double cellMeters) {
    Layout layout = new Layout(cellMeters);
    layout.group(atoms, Integer.MAX_VALUE);
    boolean anyPosition = !layout.spatial.isEmpty();
    layout.add(anyPosition ? layout.spatial : layout.sequence, kind(anyPosition));
    return layout;
  }

  /**
   * Positioned atoms split in space, the others into windows of the sequence. A remainder of either
   * kind too small for a chunk of its own joins the other kind.
   */
  static Layout split(List<Atom> atoms, double cellMeters, int capacity, int minSharedViews) {
    Layout layout = new Layout(cellMeters);
    layout.group(atoms, Math.max(minSharedViews, (capacity + 1) / 2));
    layout.splitGroup(layout.spatial, capacity, Kind.SPATIAL);
    layout.splitGroup(layout.sequence, capacity, Kind.SEQUENCE);
    return layout;
  }

  double cellMeters() {
    return cellMeters;
  }

  List<Piece> pieces() {
    return pieces;
  }

  int[] owned() {
    return pieces.stream().mapToInt(piece -> piece.footprint().owned()).toArray();
  }

  List<int[]> touching() {
    return touching;
  }

  /** The atoms of one kind by the orders they are known to hold. */
  static NavigableMap<Long, Atom> byOrder(List<Atom> atoms) {
    NavigableMap<Long, Atom> index = new TreeMap<>();
    for (Atom atom : atoms) {
      index.put(atom.firstOrder(), atom);
      index.put(atom.lastOrder(), atom);
    }
    return index;
  }

  private static Kind kind(boolean spatial) {
    return spatial ? Kind.SPATIAL : Kind.SEQUENCE;
  }

  private void group(List<Atom> atoms, int fewest) {
    int positioned = 0;
    int others = 0;
    for (Atom atom : atoms) {
      if (atom.positioned()) {
        spatial.add(atom);
        positioned += atom.count();
      } else {
        sequence.add(atom);
        others += atom.count();
      }
    }
    spatial.sort(Atom.BY_X);
    sequence.sort(Atom.BY_ORDER);
    if (positioned > 0 && others > 0 && others < fewest) {
      placeBesideNeighbours();
    } else if (positioned > 0 && others > 0 && positioned < fewest) {
      sequence.addAll(spatial);
      spatial.clear();
    }
  }

  /** Gives each atom without a position the place of the positioned one next to it in sequence. */
  private void placeBesideNeighbours() {
    NavigableMap<Long, Atom> index = byOrder(spatial);
    for (Atom atom : sequence) {
      var before = index.floorEntry(atom.firstOrder());
      var after = index.ceilingEntry(atom.firstOrder());
      boolean useBefore =
          after == null
              || (before != null
                  && atom.firstOrder() - before.getKey() <= after.getKey() - atom.firstOrder());
      spatial.add(atom.at((useBefore ? before : after).getValue()));
    }
    sequence.clear();
  }

  private void splitGroup(List<Atom> atoms, int capacity, Kind kind) {
    if (atoms.isEmpty()) {
      return;
    }
    int first = pieces.size();
    KdSplit split = KdSplit.of(atoms, capacity, kind);
    for (Node leaf : split.leaves()) {
      add(leaf.atoms, kind);
    }
    for (int[] pair : split.touching()) {
      touching.add(new int[] {first + pair[0], first + pair[1]});
    }
  }

  private void add(List<Atom> atoms, Kind kind) {
    pieces.add(new Piece(kind, atoms, new Footprint(atoms, cellMeters)));
  }
}
