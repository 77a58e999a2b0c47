package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.EdgeEvidence.Kind;
import dev.tessera.merge.EdgeEvidence.Term;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Least squares over the {@link EdgeEvidence} of two chunks, robust and free of absolute units.
 *
 * <p>Each kind has its own sigma from the median of its norms (so that the exact kind leads) and
 * Cauchy weights; points also weigh by their confidences. Gauss-Newton in a frame centred on the
 * overlap, with the median depth as unit.
 *
 * <p>Covariance: the inverse normal matrix times a design effect. Residuals of one group share
 * errors, as those of a view share the error of its pose, so groups and not points are the
 * independent sample (Kish 1965). With H_v, G_v the normal equations of group v at the solution,
 * r_v the rank of H_v,
 *
 * <pre>effect = sum_v G_v^T H_v^-1 G_v / (sum_v r_v - 7)</pre>
 *
 * is 1 if residuals are independent, and grows with the spread of the groups' own similarities.
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

  /**
   * @param start near the solution
   */
  static EdgeRefinement of(EdgeEvidence given, Sim3 start, EdgeEstimator.Config config) {
    Frame frame = Frame.of(given, start);
    EdgeEvidence evidence = frame.move(given);
    List<Term> terms = evidence.terms();
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
    return frame.result(anchored, evidence, weights, config);
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

  /** Normal equations of all groups, or of one if {@code group} is not negative. */
  private static NormalEquations sum(List<Term> terms, Sim3 aFromB, double[] weights, int group) {
    NormalEquations equations = new NormalEquations();
    for (int i = 0; i < weights.length; i++) {
      if (group < 0 || terms.get(i).group() == group) {
        terms.get(i).addTo(equations, aFromB, weights[i]);
      }
    }
    return equations;
  }

  /** The overlap's own frame: origin at its middle, unit of length its depth. */
  private record Frame(Sim3 aFromAnchor, Sim3 bFromAnchor) {
    static Frame of(EdgeEvidence evidence, Sim3 aFromB) {
      List<Vec3> places = evidence.places(t -> true);
      Vec3 sum = places.stream().reduce(Vec3.ZERO, Vec3::plus);
      Sim3 aFromAnchor =
          new Sim3(evidence.unit(), Quaternion.IDENTITY, sum.times(1.0 / places.size()));
      Vec3 middleInB = aFromB.inverse().apply(aFromAnchor.translation());
      Sim3 bFromAnchor = new Sim3(evidence.unit() / aFromB.scale(), Quaternion.IDENTITY, middleInB);
      return new Frame(aFromAnchor, bFromAnchor);
    }

    EdgeEvidence move(EdgeEvidence evidence) {
      Sim3 anchorFromA = aFromAnchor.inverse();
      Sim3 anchorFromB = bFromAnchor.inverse();
      return new EdgeEvidence(
          evidence.terms().stream().map(t -> t.moved(anchorFromA, anchorFromB)).toList(),
          1,
          evidence.logFocalRatio());
    }

    EdgeRefinement result(
        Sim3 anchored, EdgeEvidence evidence, double[] weights, EdgeEstimator.Config config) {
      Sim3 aFromB = aFromAnchor.after(anchored).after(bFromAnchor.inverse());
      List<Term> terms = evidence.terms();
      int[] points = indices(terms, Kind.POINT);
      double[] errors =
          Arrays.stream(points).mapToDouble(i -> terms.get(i).residual(anchored).norm()).toArray();
      double limit = errors.length == 0 ? 0 : INLIER_SIGMAS * sigma(errors);
      double[] within = Arrays.stream(errors).filter(e -> e <= limit).toArray();
      double rms = Math.sqrt(Arrays.stream(within).map(e -> e * e).average().orElse(Double.NaN));
      Degeneracy degeneracy =
          new Degeneracy(evidence.places(t -> t.kind() == Kind.CENTER), evidence.places(t -> true));
      double[] h = sum(terms, anchored, weights, -1).h;
      int bad = Block7.cholesky(h.clone());
      if (bad < Block7.N) {
        return new EdgeRefinement(aFromB, null, within.length, rms, degeneracy.named(bad));
      }
      double[] covariance = Block7.inverseSpd(h);
      double effect = designEffect(evidence, anchored, weights);
      Block7.add(covariance, covariance.clone(), effect - 1);
      Edge.Verdict verdict = degeneracy.verdict(covariance, config);
      addFloors(covariance, evidence.logFocalRatio(), config);
      double[] inA = Sim3Tangent.carry(aFromAnchor, covariance);
      return new EdgeRefinement(aFromB, inA, within.length, rms, verdict);
    }
  }

  private static double designEffect(EdgeEvidence evidence, Sim3 anchored, double[] weights) {
    List<Term> terms = evidence.terms();
    double spread = 0;
    int freedom = -Block7.N;
    int residuals = 0;
    for (int group = 0; group < evidence.groups(); group++) {
      int g = group;
      int inGroup = (int) terms.stream().filter(t -> t.group() == g).count();
      if (inGroup == 0) {
        continue;
      }
      residuals += inGroup;
      NormalEquations own = sum(terms, anchored, weights, group);
      boolean full = inGroup > 2; // with a point beside the camera the scale is seen as well
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
    return freedom > 0 ? Math.max(spread / freedom, LEAST_EFFECT) : residuals;
  }

  /**
   * Adds what the groups' own scatter cannot show. Chunks that disagree about the focal length by a
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
