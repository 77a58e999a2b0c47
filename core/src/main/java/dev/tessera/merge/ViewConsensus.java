package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.SharedEvidence.PointPair;
import dev.tessera.merge.SharedEvidence.SharedView;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets every shared view propose a similarity and every other view judge it. A view's proposal has
 * the rotation of its camera, the scale from the depths of its point pairs (or, with too few of
 * them, from the distances to the other shared cameras) and the translation that joins its centres.
 */
final class ViewConsensus {
  /** Pairs of one view that judge a proposal. */
  private static final int JUDGING_PAIRS = 64;

  /** Centres closer than this part of their distance from the origin are one but for rounding. */
  private static final double SAME_PLACE = 1e-10;

  private final SharedEvidence shared;
  private final List<List<PointPair>> pairs;
  private final double[] depthInA;
  private final double maxRadians;
  private final double maxRelative;

  ViewConsensus(SharedEvidence shared, EdgeEstimator.Config config) {
    this.shared = shared;
    this.pairs = shared.pairsByView();
    this.depthInA = depths(shared, pairs);
    this.maxRadians = Math.toRadians(config.maxViewRotationDegrees());
    this.maxRelative = config.maxViewRelativeError();
  }

  /** The proposal with the lowest sum of squared errors, each cut at its limit; null for none. */
  Sim3 bestProposal() {
    Sim3 best = null;
    double lowest = Double.POSITIVE_INFINITY;
    for (int v = 0; v < shared.views().size(); v++) {
      Sim3 aFromB = proposal(v);
      double score = aFromB == null ? Double.POSITIVE_INFINITY : score(aFromB);
      if (score < lowest) {
        lowest = score;
        best = aFromB;
      }
    }
    return best;
  }

  /** Indices of the views that agree with {@code aFromB}. */
  List<Integer> inliers(Sim3 aFromB) {
    List<Integer> inliers = new ArrayList<>();
    for (int v = 0; v < shared.views().size(); v++) {
      if (error(aFromB, v) < 1) {
        inliers.add(v);
      }
    }
    return inliers;
  }

  /**
   * Unit of length of each view, in chunk a: the median depth of its pairs, or with too few of them
   * the median distance to the other shared cameras; 0 where there is neither.
   */
  static double[] depths(SharedEvidence shared, List<List<PointPair>> pairs) {
    double[] depths = new double[shared.views().size()];
    for (int v = 0; v < depths.length; v++) {
      if (pairs.get(v).size() >= SharedEvidence.MIN_PAIRS_FOR_DEPTH) {
        depths[v] =
            RobustScale.median(pairs.get(v).stream().mapToDouble(PointPair::depthInA).toArray());
        continue;
      }
      int from = v;
      double[] distances =
          shared.views().stream()
              .mapToDouble(o -> centerInA(o).distanceTo(centerInA(shared.views().get(from))))
              .filter(d -> d > SAME_PLACE * centerInA(shared.views().get(from)).norm())
              .toArray();
      depths[v] = distances.length == 0 ? 0 : RobustScale.median(distances);
    }
    return depths;
  }

  private double score(Sim3 aFromB) {
    double sum = 0;
    for (int v = 0; v < shared.views().size(); v++) {
      double error = Math.min(error(aFromB, v), 1);
      sum += error * error;
    }
    return sum;
  }

  /** Disagreement of a view in units of its limits; 1 and more is too much. */
  private double error(Sim3 aFromB, int v) {
    SharedView view = shared.views().get(v);
    double turn = aFromB.rotation().angleRadiansTo(rotation(view)) / maxRadians;
    if (!(turn < 1) || !(depthInA[v] > 0)) {
      return 1;
    }
    double shift = aFromB.apply(view.cameraFromB().center()).distanceTo(centerInA(view));
    double error = Math.max(turn, shift / (depthInA[v] * maxRelative));
    int judging = Math.min(pairs.get(v).size(), JUDGING_PAIRS);
    if (judging < SharedEvidence.MIN_PAIRS_FOR_DEPTH) {
      return error;
    }
    double[] distances = new double[judging];
    for (int i = 0; i < judging; i++) {
      PointPair pair = pairs.get(v).get(i);
      distances[i] = aFromB.apply(pair.xInB()).distanceTo(pair.xInA()) / pair.depthInA();
    }
    return Math.max(error, RobustScale.median(distances) / maxRelative);
  }

  private Sim3 proposal(int v) {
    SharedView view = shared.views().get(v);
    double scale = scale(v);
    if (!(scale > 0) || Double.isInfinite(scale)) {
      return null;
    }
    Quaternion rotation = rotation(view);
    Vec3 moved = rotation.rotate(view.cameraFromB().center()).times(scale);
    return new Sim3(scale, rotation, centerInA(view).minus(moved));
  }

  private double scale(int v) {
    double[] ratios;
    if (pairs.get(v).size() >= SharedEvidence.MIN_PAIRS_FOR_DEPTH) {
      ratios = pairs.get(v).stream().mapToDouble(p -> p.depthInA() / p.depthInB()).toArray();
    } else {
      SharedView from = shared.views().get(v);
      Vec3 inA = centerInA(from);
      Vec3 inB = from.cameraFromB().center();
      ratios =
          shared.views().stream()
              .filter(o -> centerInA(o).distanceTo(inA) > SAME_PLACE * inA.norm())
              .filter(o -> o.cameraFromB().center().distanceTo(inB) > SAME_PLACE * inB.norm())
              .mapToDouble(
                  o -> centerInA(o).distanceTo(inA) / o.cameraFromB().center().distanceTo(inB))
              .toArray();
    }
    return ratios.length == 0 ? Double.NaN : RobustScale.median(ratios);
  }

  private static Vec3 centerInA(SharedView view) {
    return view.cameraFromA().center();
  }

  private static Quaternion rotation(SharedView view) {
    return view.cameraFromA().rotation().inverse().times(view.cameraFromB().rotation());
  }
}
