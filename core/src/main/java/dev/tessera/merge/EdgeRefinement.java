package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.SharedEvidence.PointPair;
import dev.tessera.merge.SharedEvidence.SharedView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Least squares over the agreeing views of two chunks, robust and free of absolute units.
 *
 * <p>Three kinds of 3-vector residuals: points {@code (aFromB(x_b) - x_a) / depth}, camera centres
 * {@code (aFromB(c_b) - c_a) / depth of the view}, camera rotations {@code log(R_ab R_b^-1 R_a)}.
 * Each kind has its own sigma from the median of its norms (so that the exact kind leads) and
 * Cauchy weights; points also weigh by their confidences. Gauss-Newton in a frame centred on the
 * overlap, with the median depth as unit.
 *
 * <p>Covariance: the inverse normal matrix times a design effect. Residuals of one view share the
 * view's own pose error, so views and not points are the independent sample (Kish 1965). With H_v,
 * G_v the normal equations of view v at the solution, V views, r_v the rank of H_v,
 *
 * <pre>effect = sum_v G_v^T H_v^-1 G_v / (sum_v r_v - 7)</pre>
 *
 * is 1 if residuals are independent, and grows with the spread of the views' own similarities.
 */
record EdgeRefinement(
    Sim3 aFromB, double[] covariance, int inlierPoints, double relativeRms, Edge.Verdict verdict) {

  private static final int ITERATIONS = 50;

  /** A step below this (radians, depths, log scale) changes nothing. */
  private static final double CONVERGED = 1e-13;

  /** Median of the norm of a standard normal 3-vector: chi with 3 degrees of freedom. */
  private static final double MEDIAN_NORM = 1.5381722;

  /** Cauchy's constant for 95 % efficiency on normal residuals. */
  private static final double CAUCHY = 2.3849;

  /** Sigmas of residuals end here: double rounding of coordinates near 1. */
  private static final double ROUNDING = 1e-12;

  /** Small samples make the median too small: factor 1 + 5 / n (Rousseeuw and Leroy 1987). */
  private static final double SMALL_SAMPLE = 5;

  /** Sigmas within which a point pair counts as inlier. */
  private static final double INLIER_SIGMAS = 3;

  /** Least design effect; below one only because Cauchy weights shrink the normal matrix. */
  private static final double LEAST_EFFECT = 0.5;

  private enum Kind {
    POINT,
    CENTER,
    ROTATION
  }

  /**
   * One 3-vector residual; rotations have {@code aFromBOfView = R_a^-1 R_b} of the view only.
   *
   * @param weight inverse variance among its kind
   */
  private record Term(
      Kind kind,
      int view,
      Vec3 inA,
      Vec3 inB,
      double depth,
      double weight,
      Quaternion aFromBOfView) {
    Vec3 residual(Sim3 aFromB) {
      return kind == Kind.ROTATION
          ? aFromB.rotation().times(aFromBOfView.inverse()).toRotationVector()
          : aFromB.apply(inB).minus(inA).times(1 / depth);
    }

    double weightedNorm(Sim3 aFromB) {
      return Math.sqrt(weight) * residual(aFromB).norm();
    }

    /** Adds the three rows; near the solution the derivative of the rotation's log is I. */
    void addTo(NormalEquations equations, Sim3 aFromB, double weight) {
      Vec3 r = residual(aFromB);
      if (kind == Kind.ROTATION) {
        equations.add(new double[] {1, 0, 0, 0, 0, 0, 0}, r.x(), weight);
        equations.add(new double[] {0, 1, 0, 0, 0, 0, 0}, r.y(), weight);
        equations.add(new double[] {0, 0, 1, 0, 0, 0, 0}, r.z(), weight);
        return;
      }
      Vec3 y = aFromB.apply(inB).times(1 / depth);
      double d = 1 / depth;
      equations.add(new double[] {0, y.z(), -y.y(), d, 0, 0, y.x()}, r.x(), weight);
      equations.add(new double[] {-y.z(), 0, y.x(), 0, d, 0, y.y()}, r.y(), weight);
      equations.add(new double[] {y.y(), -y.x(), 0, 0, 0, d, y.z()}, r.z(), weight);
    }
  }

  static EdgeRefinement of(
      SharedEvidence shared, List<Integer> views, Sim3 start, EdgeEstimator.Config config) {
    Frame frame = Frame.of(shared, views, start);
    List<Term> terms = frame.terms(shared, views);
    Sim3 anchored = frame.aFromAnchor.inverse().after(start).after(frame.bFromAnchor);
    double[] weights = new double[terms.size()];
    for (int i = 0; i < ITERATIONS; i++) {
      weigh(terms, anchored, weights);
      double[] step = sum(terms, anchored, weights, -1).step(0);
      if (step == null) {
        break;
      }
      anchored = Sim3Tangent.perturb(anchored, step);
      if (Arrays.stream(step).map(Math::abs).max().getAsDouble() < CONVERGED) {
        break;
      }
    }
    weigh(terms, anchored, weights);
    return frame.result(anchored, terms, weights, shared, config);
  }

  /** Sets robust weights over sigma squared, kind by kind. */
  private static void weigh(List<Term> terms, Sim3 aFromB, double[] weights) {
    for (Kind kind : Kind.values()) {
      int[] of = indices(terms, kind);
      if (of.length == 0) {
        continue;
      }
      double[] norms =
          Arrays.stream(of).mapToDouble(i -> terms.get(i).weightedNorm(aFromB)).toArray();
      double sigma = sigma(norms);
      for (int i = 0; i < of.length; i++) {
        double e = norms[i] / (CAUCHY * sigma);
        weights[of[i]] = terms.get(of[i]).weight() / (sigma * sigma * (1 + e * e));
      }
    }
  }

  private static double sigma(double[] norms) {
    double small = 1 + SMALL_SAMPLE / norms.length;
    return Math.max(small * RobustScale.median(norms) / MEDIAN_NORM, ROUNDING);
  }

  private static int[] indices(List<Term> terms, Kind kind) {
    return IntStream.range(0, terms.size()).filter(i -> terms.get(i).kind() == kind).toArray();
  }

  /** Normal equations of all views, or of one if {@code view} is not negative. */
  private static NormalEquations sum(List<Term> terms, Sim3 aFromB, double[] weights, int view) {
    NormalEquations equations = new NormalEquations();
    for (int i = 0; i < weights.length; i++) {
      if (view < 0 || terms.get(i).view() == view) {
        terms.get(i).addTo(equations, aFromB, weights[i]);
      }
    }
    return equations;
  }

  /** The overlap's own frame: origin at its middle, unit of length its median depth. */
  private record Frame(Sim3 aFromAnchor, Sim3 bFromAnchor, double[] depths) {
    static Frame of(SharedEvidence shared, List<Integer> views, Sim3 aFromB) {
      double[] depths = ViewConsensus.depths(shared, shared.pairsByView());
      double unit = RobustScale.median(views.stream().mapToDouble(v -> depths[v]).toArray());
      Vec3 sum = Vec3.ZERO;
      int count = 0;
      for (PointPair pair : shared.pairs()) {
        if (views.contains(pair.view())) {
          sum = sum.plus(pair.xInA());
          count++;
        }
      }
      for (int v : views) {
        sum = sum.plus(shared.views().get(v).cameraFromA().center());
        count++;
      }
      Sim3 aFromAnchor = new Sim3(unit, Quaternion.IDENTITY, sum.times(1.0 / count));
      Vec3 middleInB = aFromB.inverse().apply(aFromAnchor.translation());
      Sim3 bFromAnchor = new Sim3(unit / aFromB.scale(), Quaternion.IDENTITY, middleInB);
      return new Frame(aFromAnchor, bFromAnchor, depths);
    }

    List<Term> terms(SharedEvidence shared, List<Integer> views) {
      Sim3 anchorFromA = aFromAnchor.inverse();
      Sim3 anchorFromB = bFromAnchor.inverse();
      List<Term> terms = new ArrayList<>();
      for (PointPair p : shared.pairs()) {
        if (views.contains(p.view())) {
          double depth = p.depthInA() / aFromAnchor.scale();
          Vec3 inA = anchorFromA.apply(p.xInA());
          Vec3 inB = anchorFromB.apply(p.xInB());
          terms.add(new Term(Kind.POINT, p.view(), inA, inB, depth, p.weight(), null));
        }
      }
      for (int v : views) {
        SharedView view = shared.views().get(v);
        Vec3 inA = anchorFromA.apply(view.cameraFromA().center());
        Vec3 inB = anchorFromB.apply(view.cameraFromB().center());
        double depth = depths[v] / aFromAnchor.scale();
        terms.add(new Term(Kind.CENTER, v, inA, inB, depth, 1, null));
        Quaternion turn =
            view.cameraFromA().rotation().inverse().times(view.cameraFromB().rotation());
        terms.add(new Term(Kind.ROTATION, v, null, null, 1, 1, turn));
      }
      return terms;
    }

    EdgeRefinement result(
        Sim3 anchored,
        List<Term> terms,
        double[] weights,
        SharedEvidence shared,
        EdgeEstimator.Config config) {
      Sim3 aFromB = aFromAnchor.after(anchored).after(bFromAnchor.inverse());
      int[] points = indices(terms, Kind.POINT);
      double[] errors =
          Arrays.stream(points).mapToDouble(i -> terms.get(i).residual(anchored).norm()).toArray();
      double limit = errors.length == 0 ? 0 : INLIER_SIGMAS * sigma(errors);
      double[] within = Arrays.stream(errors).filter(e -> e <= limit).toArray();
      double rms = Math.sqrt(Arrays.stream(within).map(e -> e * e).average().orElse(Double.NaN));
      Degeneracy degeneracy =
          new Degeneracy(places(terms, t -> t.kind() == Kind.CENTER), places(terms, t -> true));
      double[] h = sum(terms, anchored, weights, -1).h;
      int bad = Block7.cholesky(h.clone());
      if (bad < Block7.N) {
        return new EdgeRefinement(aFromB, null, within.length, rms, degeneracy.named(bad));
      }
      double[] covariance = Block7.inverseSpd(h);
      double effect = designEffect(terms, anchored, weights, shared.views().size());
      Block7.add(covariance, covariance.clone(), effect - 1);
      Edge.Verdict verdict = degeneracy.verdict(covariance, config);
      addFloors(covariance, shared.logFocalRatio(), config);
      double[] inA = Sim3Tangent.carry(aFromAnchor, covariance);
      return new EdgeRefinement(aFromB, inA, within.length, rms, verdict);
    }
  }

  private static double designEffect(
      List<Term> terms, Sim3 anchored, double[] weights, int sharedViews) {
    double spread = 0;
    int freedom = -Block7.N;
    int points = 0;
    for (int v = 0; v < sharedViews; v++) {
      int view = v;
      int inView = (int) terms.stream().filter(t -> t.view() == view).count();
      if (inView == 0) {
        continue;
      }
      points += inView;
      NormalEquations own = sum(terms, anchored, weights, v);
      boolean full = inView > 2; // with a point beside the camera the scale is seen as well
      if (!full) {
        own.h[Block7.SIZE - 1] += own.h[3 * Block7.N + 3]; // any positive number: G_v is 0 there
      }
      double[] step = own.step(0);
      if (step != null) {
        for (int i = 0; i < Block7.N; i++) {
          spread -= own.g[i] * step[i];
        }
        freedom += full ? Block7.N : Block7.N - 1;
      }
    }
    return freedom > 0 ? Math.max(spread / freedom, LEAST_EFFECT) : points;
  }

  /** Where centres and points are, in chunk a; rotations are nowhere. */
  private static List<Vec3> places(List<Term> terms, Predicate<Term> which) {
    return terms.stream()
        .filter(t -> t.kind() != Kind.ROTATION && which.test(t))
        .map(Term::inA)
        .toList();
  }

  /**
   * Adds what the views' own scatter cannot show. Chunks that disagree about the focal length by a
   * factor disagree by the same factor about depth against width, which no similarity mends: along
   * the views, translation and scale are no better than that.
   */
  private static void addFloors(
      double[] covariance, double logFocalRatio, EdgeEstimator.Config config) {
    double turn = Math.toRadians(config.floorRotationDegrees());
    double relative = Math.hypot(config.floorRelative(), logFocalRatio);
    for (int i = 0; i < Block7.N; i++) {
      double floor = i < 3 ? turn : relative;
      covariance[i * Block7.N + i] += floor * floor;
    }
  }
}
