package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import dev.tessera.reconstruct.ChunkScene;
import java.io.Serializable;
import java.util.List;

/**
 * Measures the similarity between two chunks from the views they share: their camera centres and
 * rotations, and the points both have from the same pixels.
 *
 * <p>Every shared view proposes a similarity; the one that brings most views together wins, and is
 * then refined over the views that agree with it. The way back from a to b is measured by itself:
 * if the two do not meet, there is more than one answer, and none to trust. All thresholds are
 * relative to depth or are angles, so the gauges of the chunks do not matter. Linear in the
 * observations of the two scenes, quadratic in the shared views.
 */
public final class EdgeEstimator {
  private EdgeEstimator() {}

  /**
   * @param minViews fewest shared views that must agree
   * @param minInlierShare least share of the shared views that must agree
   * @param maxPairsPerView most point pairs taken of one view
   * @param maxViewRotationDegrees a view disagrees if its rotation is off by more
   * @param maxViewRelativeError a view disagrees if its centre, or the median of its points, is off
   *     by more, in units of its depth
   * @param maxRotationSigmaDegrees a rotation less certain is degenerate
   * @param maxRelativeSigma a log scale, or a translation over depth, less certain is degenerate
   * @param maxLogScaleSpread shared views whose log scales differ by more have no scale in common
   * @param maxLogFocalRatio chunks whose log focal lengths differ by more see another shape
   * @param maxRoundTripSigmas the way to b and back may miss by so much, per coordinate: both are
   *     made of the same observations, so even one is much
   * @param floorRotationDegrees added in quadrature to the rotation's sigma: what the model of
   *     independent views cannot see (lens model, bent chunks)
   * @param floorRelative the same for log scale and for translation over depth
   */
  public record Config(
      int minViews,
      double minInlierShare,
      int maxPairsPerView,
      double maxViewRotationDegrees,
      double maxViewRelativeError,
      double maxRotationSigmaDegrees,
      double maxRelativeSigma,
      double maxLogScaleSpread,
      double maxLogFocalRatio,
      double maxRoundTripSigmas,
      double floorRotationDegrees,
      double floorRelative)
      implements Serializable {
    public Config {
      if (minViews < 1) {
        throw new IllegalArgumentException("An edge needs a view at least, was " + minViews);
      }
      if (!(minInlierShare >= 0) || minInlierShare > 1) {
        throw new IllegalArgumentException("A share is in [0, 1], was " + minInlierShare);
      }
    }

    /** Three views, half of the shared ones; 3 degrees and a tenth of the depth for each. */
    public static Config defaults() {
      return new Config(3, 0.5, 256, 3, 0.1, 5, 0.2, 0.1, 0.2, 3, 0.01, 2e-4);
    }
  }

  /** The edge {@code aFromB}, accepted or with the reason why not. */
  public static Edge estimate(ChunkScene a, ChunkScene b, Config config) {
    SharedEvidence shared = SharedEvidence.of(a, b, config.maxPairsPerView());
    if (shared.views().isEmpty()) {
      return Edge.unmeasured(shared, Edge.Verdict.NO_SHARED_VIEWS);
    }
    if (shared.views().size() < config.minViews()) {
      return Edge.unmeasured(shared, Edge.Verdict.TOO_FEW_VIEWS);
    }
    Edge edge = measured(shared, config);
    return edge.accepted() ? thereAndBack(edge, measured(shared.swapped(), config), config) : edge;
  }

  /** The edge with what the way back says of it. */
  static Edge thereAndBack(Edge edge, Edge back, Config config) {
    if (!back.accepted()) {
      boolean contradicts = back.verdict().isContradiction();
      return edge.with(contradicts ? Edge.Verdict.ASYMMETRIC : back.verdict());
    }
    double[] miss = Sim3Tangent.between(edge.aFromB(), back.aFromB().inverse());
    double[] information = Block7.inverseSpd(Sim3Tangent.unpack(edge.covariance28()));
    if (information == null) {
      return edge.with(Edge.Verdict.DEGENERATE_TRANSLATION); // too large to invert beside the rest
    }
    double sigmas = Math.sqrt(Block7.quadratic(information, miss) / Block7.N);
    boolean meet = sigmas <= config.maxRoundTripSigmas();
    return edge.withRoundTrip(sigmas, meet ? edge.verdict() : Edge.Verdict.ASYMMETRIC);
  }

  private static Edge measured(SharedEvidence shared, Config config) {
    ViewConsensus consensus = new ViewConsensus(shared, config);
    Sim3 start = consensus.bestProposal();
    if (start == null) {
      return Edge.unmeasured(shared, Edge.Verdict.DEGENERATE_SCALE);
    }
    List<Integer> inliers = consensus.inliers(start);
    if (!enough(inliers, shared, config)) {
      return Edge.unmeasured(shared, Edge.Verdict.NO_CONSENSUS);
    }
    EdgeRefinement refinement = EdgeRefinement.of(EdgeEvidence.of(shared, inliers), start, config);
    List<Integer> again = consensus.inliers(refinement.aFromB());
    if (!again.equals(inliers) && enough(again, shared, config)) {
      inliers = again;
      EdgeEvidence evidence = EdgeEvidence.of(shared, inliers);
      refinement = EdgeRefinement.of(evidence, refinement.aFromB(), config);
    }
    return edge(shared, inliers, refinement, config);
  }

  /** Chunks that no similarity fits are named as such, however sure of it the numbers are. */
  private static Edge.Verdict verdict(
      SharedEvidence shared, EdgeRefinement refinement, Config config) {
    if (Math.abs(shared.logFocalRatio()) > config.maxLogFocalRatio()) {
      return Edge.Verdict.FOCAL_LENGTHS_DISAGREE;
    }
    return shared.logScaleSpread() > config.maxLogScaleSpread()
        ? Edge.Verdict.SCALES_DISAGREE
        : refinement.verdict();
  }

  private static boolean enough(List<Integer> inliers, SharedEvidence shared, Config config) {
    return inliers.size() >= config.minViews()
        && inliers.size() >= config.minInlierShare() * shared.views().size();
  }

  private static Edge edge(
      SharedEvidence shared, List<Integer> inliers, EdgeRefinement refinement, Config config) {
    boolean measured = refinement.covariance() != null;
    return new Edge(
        shared.a(),
        shared.b(),
        Edge.Kind.OVERLAP,
        measured ? refinement.aFromB() : null,
        measured ? Sim3Tangent.pack(refinement.covariance()) : null,
        shared.views().size(),
        inliers.size(),
        shared.pairs().size(),
        refinement.inlierPoints(),
        refinement.relativeRms(),
        shared.logFocalRatio(),
        shared.logScaleSpread(),
        Double.NaN,
        verdict(shared, refinement, config));
  }
}
