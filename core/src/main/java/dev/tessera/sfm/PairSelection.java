package dev.tessera.sfm;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Chooses which pairs of views are matched, so that their number grows linearly with the views:
 * nearest neighbours where positions are known, neighbours in the sequence everywhere, and all
 * pairs of a small set without positions.
 */
public final class PairSelection {
  private PairSelection() {}

  /**
   * @param nearest neighbours by position prior
   * @param sequenceNeighbors neighbours ahead in the sequence, for views with a position
   * @param blindSequenceNeighbors the same for views without one; beyond them those at distances
   *     that double are taken as well, so that a path that returns is noticed
   * @param allPairsUpTo most views without positions of which all pairs are taken
   */
  public record Config(
      int nearest, int sequenceNeighbors, int blindSequenceNeighbors, int allPairsUpTo)
      implements Serializable {
    public Config {
      if (nearest < 1 || sequenceNeighbors < 0 || blindSequenceNeighbors < 1 || allPairsUpTo < 2) {
        throw new IllegalArgumentException(
            "Pair selection must look at neighbours, was %d, %d, %d, %d"
                .formatted(nearest, sequenceNeighbors, blindSequenceNeighbors, allPairsUpTo));
      }
    }

    public static Config defaults() {
      return new Config(10, 2, 10, 40);
    }
  }

  /**
   * Pairs in ascending order.
   *
   * @param positions position prior of each view in metres, null where there is none
   */
  static List<ViewPair> select(List<Vec3> positions, Config config) {
    int count = positions.size();
    long known = positions.stream().filter(p -> p != null).count();
    TreeSet<ViewPair> pairs = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      addSequence(pairs, i, positions, config);
      if (positions.get(i) != null) {
        addNearest(pairs, i, positions, config.nearest);
      }
    }
    if (known < count && count <= config.allPairsUpTo) {
      addAllBlind(pairs, positions);
    }
    return new ArrayList<>(pairs);
  }

  private static void addSequence(
      TreeSet<ViewPair> pairs, int i, List<Vec3> positions, Config config) {
    boolean blind = positions.get(i) == null;
    int near = blind ? config.blindSequenceNeighbors : config.sequenceNeighbors;
    for (int step = 1; step <= near; step++) {
      addIfInside(pairs, i, i + step, positions.size());
      if (blind) {
        addIfInside(pairs, i, i - step, positions.size());
      }
    }
    for (int step = 2 * near; blind && step < positions.size(); step *= 2) {
      addIfInside(pairs, i, i + step, positions.size());
    }
  }

  private static void addIfInside(TreeSet<ViewPair> pairs, int i, int j, int count) {
    if (j >= 0 && j < count && i != j) {
      pairs.add(ViewPair.of(i, j));
    }
  }

  private static void addNearest(
      TreeSet<ViewPair> pairs, int i, List<Vec3> positions, int nearest) {
    List<Integer> others = new ArrayList<>();
    for (int j = 0; j < positions.size(); j++) {
      if (j != i && positions.get(j) != null) {
        others.add(j);
      }
    }
    Vec3 here = positions.get(i);
    others.sort(
        Comparator.<Integer>comparingDouble(j -> here.distanceTo(positions.get(j)))
            .thenComparing(Comparator.naturalOrder()));
    for (int j : others.subList(0, Math.min(nearest, others.size()))) {
      pairs.add(ViewPair.of(i, j));
    }
  }

  private static void addAllBlind(TreeSet<ViewPair> pairs, List<Vec3> positions) {
    for (int i = 0; i < positions.size(); i++) {
      for (int j = i + 1; j < positions.size(); j++) {
        if (positions.get(i) == null || positions.get(j) == null) {
          pairs.add(new ViewPair(i, j));
        }
      }
    }
  }
}
