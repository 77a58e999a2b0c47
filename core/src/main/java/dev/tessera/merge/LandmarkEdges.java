package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.merge.Edge.Verdict;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Measures the similarity between two chunks that need not share a photo, from what they remember:
 * landmarks that look alike vote for it, and those that agree settle it. An edge of this kind is
 * accepted only if
 *
 * <ul>
 *   <li>enough landmarks agree;
 *   <li>no other similarity has nearly as many of its own: what repeats itself fits twice;
 *   <li>both chunks saw the landmarks from the same side: a scene and its mirror image fit in a
 *       plane, with the cameras behind it;
 *   <li>the way back, measured by itself, leads back;
 *   <li>the evidence leaves nothing open.
 * </ul>
 *
 * <p>All thresholds are relative to depth or are angles. Cost: {@link
 * dev.tessera.landmarks.LandmarkMatches}, and linear in what they have in common.
 */
public final class LandmarkEdges {
  private LandmarkEdges() {}

  /**
   * @param minLandmarks fewest landmarks that must agree
   * @param maxRelativeError of a landmark that agrees, in units of its depth
   * @param maxRivalShare another similarity may have so many landmarks of its own, as a share
   * @param maxTurnDegrees most of the median angle between the ways to the cameras of either chunk
   * @param edges sigmas, floors and gates of all edges
   */
  public record Config(
      int minLandmarks,
      double maxRelativeError,
      double maxRivalShare,
      double maxTurnDegrees,
      EdgeEstimator.Config edges) {
    public static Config defaults() {
      return new Config(30, 0.015, 0.5, 75, EdgeEstimator.Config.defaults());
    }
  }

  /** A rival that moves landmarks by less than this part of their depth is the same similarity. */
  private static final double SAME_PLACE = 0.1;

  /**
   * The edge {@code aFromB}, accepted or with the reason why not.
   *
   * @param logFocalRatio log(focal length in a / in b) of cameras they have in common; 0 for none
   */
  public static Edge estimate(
      RememberedChunk a, RememberedChunk b, double logFocalRatio, Config config) {
    LandmarkPairs pairs = LandmarkPairs.of(a, b);
    Edge edge = measured(a, b, pairs, logFocalRatio, config);
    if (!edge.accepted()) {
      return edge;
    }
    Edge back = measured(b, a, pairs.swapped(), -logFocalRatio, config);
    return EdgeEstimator.thereAndBack(edge, back, config.edges());
  }

  private static Edge measured(
      RememberedChunk a,
      RememberedChunk b,
      LandmarkPairs pairs,
      double logFocalRatio,
      Config config) {
    LandmarkConsensus consensus = new LandmarkConsensus(pairs, config.maxRelativeError());
    Sim3 start = consensus.best();
    int[] inliers = start == null ? new int[0] : consensus.inliers(start);
    if (inliers.length < config.minLandmarks()) {
      return edge(a, b, pairs, inliers.length, null, logFocalRatio, Verdict.TOO_FEW_LANDMARKS);
    }
    EdgeRefinement refinement =
        EdgeRefinement.of(
            pairs.only(inliers).evidence(start.scale(), logFocalRatio), start, config.edges());
    Verdict verdict = refinement.verdict();
    if (Math.abs(logFocalRatio) > config.edges().maxLogFocalRatio()) {
      verdict = Verdict.FOCAL_LENGTHS_DISAGREE;
    } else if (hasRival(pairs, inliers, start, config)) {
      verdict = Verdict.AMBIGUOUS;
    } else if (turn(pairs, inliers, start) > Math.toRadians(config.maxTurnDegrees())) {
      verdict = Verdict.OPPOSITE_SIDES;
    }
    return edge(a, b, pairs, inliers.length, refinement, logFocalRatio, verdict);
  }

  private static boolean hasRival(LandmarkPairs pairs, int[] inliers, Sim3 aFromB, Config config) {
    int[] others =
        IntStream.range(0, pairs.count())
            .filter(i -> Arrays.binarySearch(inliers, i) < 0)
            .toArray();
    LandmarkPairs left = pairs.only(others);
    LandmarkConsensus consensus = new LandmarkConsensus(left, config.maxRelativeError());
    Sim3 rival = consensus.best();
    if (rival == null) {
      return false;
    }
    int[] own = consensus.inliers(rival);
    return own.length >= config.maxRivalShare() * inliers.length
        && median(own, i -> left.error(i, aFromB)) > SAME_PLACE;
  }

  private static double turn(LandmarkPairs pairs, int[] inliers, Sim3 aFromB) {
    return median(inliers, i -> pairs.turn(i, aFromB));
  }

  private static double median(int[] pairs, java.util.function.IntToDoubleFunction of) {
    return RobustScale.median(Arrays.stream(pairs).mapToDouble(of).toArray());
  }

  private static Edge edge(
      RememberedChunk a,
      RememberedChunk b,
      LandmarkPairs pairs,
      int inliers,
      EdgeRefinement refinement,
      double logFocalRatio,
      Verdict verdict) {
    boolean measured = refinement != null && refinement.covariance() != null;
    return new Edge(
        a.chunk(),
        b.chunk(),
        Edge.Kind.QUERY,
        measured ? refinement.aFromB() : null,
        measured ? Sim3Tangent.pack(refinement.covariance()) : null,
        0,
        0,
        pairs.count(),
        inliers,
        refinement == null ? Double.NaN : refinement.relativeRms(),
        logFocalRatio,
        Double.NaN,
        Double.NaN,
        verdict);
  }
}
