package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.landmarks.LandmarkMatches;
import dev.tessera.merge.EdgeEvidence.Term;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Landmarks that two chunks may have in common. A landmark's depth is its distance to the nearest
 * camera of its chunk: errors of a scene grow with it.
 */
final class LandmarkPairs {
  /** Fewest landmarks of a group: what a similarity of its own needs, with room for error. */
  private static final int LEAST_OF_A_GROUP = 8;

  /** Times that pairs are halved into groups, at most. */
  private static final int MOST_HALVINGS = 3;

  /** A landmark in both chunks, with the way to its nearest camera in each. */
  private record Pair(Vec3 inA, Vec3 inB, Vec3 toCameraInA, Vec3 toCameraInB, double weight) {
    Pair swapped() {
      return new Pair(inB, inA, toCameraInB, toCameraInA, weight);
    }

    /** In units of chunk a. */
    double depth(double scale) {
      return Math.hypot(toCameraInA.norm(), scale * toCameraInB.norm());
    }
  }

  private final List<Pair> pairs;

  private LandmarkPairs(List<Pair> pairs) {
    this.pairs = pairs;
  }

  static LandmarkPairs of(RememberedChunk a, RememberedChunk b) {
    LandmarkMatches matches = LandmarkMatches.between(a.landmarks(), b.landmarks());
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < matches.count(); i++) {
      Vec3 inA = a.landmarks().position(matches.inA()[i]);
      Vec3 inB = b.landmarks().position(matches.inB()[i]);
      Vec3 toA = nearest(a.centers(), inA).minus(inA);
      Vec3 toB = nearest(b.centers(), inB).minus(inB);
      if (toA.norm() > 0 && toB.norm() > 0) {
        pairs.add(new Pair(inA, inB, toA, toB, matches.confidence()[i]));
      }
    }
    return new LandmarkPairs(pairs);
  }

  private static Vec3 nearest(List<Vec3> centers, Vec3 x) {
    return centers.stream().min(Comparator.comparingDouble(x::distanceTo)).orElseThrow();
  }

  int count() {
    return pairs.size();
  }

  Vec3 inA(int pair) {
    return pairs.get(pair).inA();
  }

  Vec3 inB(int pair) {
    return pairs.get(pair).inB();
  }

  /** How far the pair is apart, in units of its depth. */
  double error(int pair, Sim3 aFromB) {
    Pair p = pairs.get(pair);
    return aFromB.apply(p.inB()).distanceTo(p.inA()) / p.depth(aFromB.scale());
  }

  /** Angle between the ways to the cameras of either chunk, radians. */
  double turn(int pair, Sim3 aFromB) {
    Pair p = pairs.get(pair);
    Vec3 there = aFromB.rotation().rotate(p.toCameraInB());
    return Math.atan2(p.toCameraInA().cross(there).norm(), p.toCameraInA().dot(there));
  }

  LandmarkPairs swapped() {
    return new LandmarkPairs(pairs.stream().map(Pair::swapped).toList());
  }

  /** Some of the pairs, by index, in their order. */
  LandmarkPairs only(int[] which) {
    return new LandmarkPairs(Arrays.stream(which).mapToObj(pairs::get).toList());
  }

  /**
   * Evidence of all pairs: neighbours are a group, for what is bent in a scene moves them together.
   *
   * @param scale of {@code aFromB}, about
   */
  EdgeEvidence evidence(double scale, double logFocalRatio) {
    int[] groups = new int[pairs.size()];
    group(all(), 0, MOST_HALVINGS, groups);
    List<Term> terms = new ArrayList<>();
    for (int i = 0; i < groups.length; i++) {
      Pair p = pairs.get(i);
      terms.add(Term.point(groups[i], p.inA(), p.inB(), p.depth(scale), p.weight()));
    }
    double[] depths = pairs.stream().mapToDouble(p -> p.depth(scale)).toArray();
    return new EdgeEvidence(terms, RobustScale.median(depths), logFocalRatio);
  }

  private Integer[] all() {
    Integer[] all = new Integer[pairs.size()];
    Arrays.setAll(all, i -> i);
    return all;
  }

  /** Halves along the longest side, as often as may be; returns the next group's number. */
  private int group(Integer[] members, int next, int halvings, int[] groups) {
    if (halvings == 0 || members.length < 2 * LEAST_OF_A_GROUP) {
      for (int member : members) {
        groups[member] = next;
      }
      return next + 1;
    }
    int axis = longestAxis(members);
    Arrays.sort(members, Comparator.comparingDouble(i -> coordinate(i, axis)));
    int middle = members.length / 2;
    int after = group(Arrays.copyOfRange(members, 0, middle), next, halvings - 1, groups);
    return group(Arrays.copyOfRange(members, middle, members.length), after, halvings - 1, groups);
  }

  private int longestAxis(Integer[] members) {
    int longest = 0;
    double length = -1;
    for (int axis = 0; axis < 3; axis++) {
      int of = axis;
      double[] x = Arrays.stream(members).mapToDouble(i -> coordinate(i, of)).sorted().toArray();
      double own = x[x.length - 1] - x[0];
      if (own > length) {
        length = own;
        longest = axis;
      }
    }
    return longest;
  }

  private double coordinate(int pair, int axis) {
    Vec3 x = pairs.get(pair).inA();
    return axis == 0 ? x.x() : axis == 1 ? x.y() : x.z();
  }
}
