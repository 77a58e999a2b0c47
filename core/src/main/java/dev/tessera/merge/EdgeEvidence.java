package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.SharedEvidence.PointPair;
import dev.tessera.merge.SharedEvidence.SharedView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What settles the similarity between two chunks, in three kinds of 3-vector residuals: points
 * {@code (aFromB(x_b) - x_a) / depth}, camera centres {@code (aFromB(c_b) - c_a) / depth}, camera
 * rotations {@code log(R_ab R_b^-1 R_a)}.
 *
 * @param terms in groups whose errors have causes in common, such as a view's own pose
 * @param unit a length of chunk a: about the depth of the evidence
 * @param logFocalRatio log(focal length in a / in b)
 */
record EdgeEvidence(List<Term> terms, double unit, double logFocalRatio) {

  enum Kind {
    POINT,
    CENTER,
    ROTATION
  }

  /**
   * One 3-vector residual; rotations have {@code aFromBOfView = R_a^-1 R_b} of the view only.
   *
   * @param group from 0
   * @param weight inverse variance among its kind
   */
  record Term(
      Kind kind,
      int group,
      Vec3 inA,
      Vec3 inB,
      double depth,
      double weight,
      Quaternion aFromBOfView) {

    static Term point(int group, Vec3 inA, Vec3 inB, double depthInA, double weight) {
      return new Term(Kind.POINT, group, inA, inB, depthInA, weight, null);
    }

    boolean hasPlace() {
      return kind != Kind.ROTATION;
    }

    /** The same in other frames. */
    Term moved(Sim3 fromA, Sim3 fromB) {
      return hasPlace()
          ? new Term(
              kind,
              group,
              fromA.apply(inA),
              fromB.apply(inB),
              depth * fromA.scale(),
              weight,
              aFromBOfView)
          : this;
    }

    Vec3 residual(Sim3 aFromB) {
      return kind == Kind.ROTATION
          ? aFromB.rotation().times(aFromBOfView.inverse()).toRotationVector()
          : aFromB.apply(inB).minus(inA).times(1 / depth);
    }

    double weightedNorm(Sim3 aFromB) {
      return Math.sqrt(weight) * residual(aFromB).norm();
    }

    /** Adds the three rows; near the solution the derivative of the rotation's log is I. */
    void addTo(NormalEquations equations, Sim3 aFromB, double robustWeight) {
      Vec3 r = residual(aFromB);
      if (kind == Kind.ROTATION) {
        equations.add(new double[] {1, 0, 0, 0, 0, 0, 0}, r.x(), robustWeight);
        equations.add(new double[] {0, 1, 0, 0, 0, 0, 0}, r.y(), robustWeight);
        equations.add(new double[] {0, 0, 1, 0, 0, 0, 0}, r.z(), robustWeight);
        return;
      }
      Vec3 y = aFromB.apply(inB).times(1 / depth);
      double d = 1 / depth;
      equations.add(new double[] {0, y.z(), -y.y(), d, 0, 0, y.x()}, r.x(), robustWeight);
      equations.add(new double[] {-y.z(), 0, y.x(), 0, d, 0, y.y()}, r.y(), robustWeight);
      equations.add(new double[] {y.y(), -y.x(), 0, 0, 0, d, y.z()}, r.z(), robustWeight);
    }
  }

  /** That of some of the shared views: their cameras, and the points that both chunks have. */
  static EdgeEvidence of(SharedEvidence shared, List<Integer> views) {
    double[] depths = ViewConsensus.depths(shared, shared.pairsByView());
    List<Term> terms = new ArrayList<>();
    for (PointPair p : shared.pairs()) {
      if (views.contains(p.view())) {
        terms.add(Term.point(p.view(), p.xInA(), p.xInB(), p.depthInA(), p.weight()));
      }
    }
    for (int v : views) {
      SharedView view = shared.views().get(v);
      Vec3 inA = view.cameraFromA().center();
      Vec3 inB = view.cameraFromB().center();
      Quaternion turn =
          view.cameraFromA().rotation().inverse().times(view.cameraFromB().rotation());
      terms.add(new Term(Kind.CENTER, v, inA, inB, depths[v], 1, null));
      terms.add(new Term(Kind.ROTATION, v, null, null, 1, 1, turn));
    }
    double unit = RobustScale.median(views.stream().mapToDouble(v -> depths[v]).toArray());
    return new EdgeEvidence(terms, unit, shared.logFocalRatio());
  }

  /** Groups that the terms are in, counted from 0. */
  int groups() {
    return 1 + terms.stream().mapToInt(Term::group).max().orElse(-1);
  }

  /** Where centres and points are, in chunk a; rotations are nowhere. */
  List<Vec3> places(Predicate<Term> which) {
    return terms.stream().filter(t -> t.hasPlace() && which.test(t)).map(Term::inA).toList();
  }
}
