package dev.tessera.sfm;

import java.util.List;

/**
 * A focal length for cameras whose header says nothing, from their fundamental matrices. With the
 * right focal length {@code E = K^T F K} has two equal singular values (Mendonca and Cipolla, CVPR
 * 1999); each pair votes on a grid of focal lengths by how nearly equal they are.
 *
 * <pre>disparity(f) = (s1^2 - s2^2) / (s1^2 + s2^2) = sqrt(a^2 - 4 b) / a,
 * a = tr(E E^T),  b = (a^2 - tr((E E^T)^2)) / 2</pre>
 *
 * <p>Flat scenes and pure rotations say nothing of the focal length: pairs that a homography
 * explains have no vote.
 */
final class FocalVote {
  private static final int STEPS = 240;
  private static final double LEAST_PER_ASSUMED = 0.4;
  private static final double MOST_PER_ASSUMED = 2.5;

  /** Disparity at which a vote has fallen to one half; noise of one pixel makes about this. */
  private static final double HALF_VOTE_DISPARITY = 0.03;

  private static final double MAX_HOMOGRAPHY_RATIO = 0.75;
  private static final int MIN_MATCHES = 40;

  private FocalVote() {}

  /**
   * The focal length with most votes, working pixels; the assumed one where under three pairs have
   * a vote.
   */
  static double of(int group, double assumed, MappingInput input) {
    double[] votes = new double[STEPS];
    int voters = 0;
    List<ViewPair> pairs = input.pairs();
    for (int p = 0; p < pairs.size(); p++) {
      VerifiedPair pair = input.verified().get(p);
      boolean inside =
          input.groupOf()[pairs.get(p).a()] == group && input.groupOf()[pairs.get(p).b()] == group;
      if (inside && pair.count() >= MIN_MATCHES && pair.homographyRatio() < MAX_HOMOGRAPHY_RATIO) {
        voters++;
        addVotes(votes, pair, assumed);
      }
    }
    if (voters < 3) {
      return assumed;
    }
    int best = 0;
    for (int i = 1; i < STEPS; i++) {
      best = votes[i] > votes[best] ? i : best;
    }
    return focal(best, assumed);
  }

  private static void addVotes(double[] votes, VerifiedPair pair, double assumed) {
    for (int i = 0; i < STEPS; i++) {
      double z = disparity(pair.fundamental(), focal(i, assumed)) / HALF_VOTE_DISPARITY;
      votes[i] += Math.sqrt(pair.count()) / (1 + z * z);
    }
  }

  private static double focal(int step, double assumed) {
    double at = step / (STEPS - 1.0);
    return assumed * LEAST_PER_ASSUMED * Math.pow(MOST_PER_ASSUMED / LEAST_PER_ASSUMED, at);
  }

  static double disparity(double[] fundamental, double focal) {
    double[] e = fundamental.clone();
    for (int i = 0; i < 9; i++) {
      e[i] *= (i < 6 ? focal : 1) * (i % 3 < 2 ? focal : 1);
    }
    double trace = 0;
    double traceOfSquare = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        double dot = 0;
        for (int k = 0; k < 3; k++) {
          dot += e[3 * i + k] * e[3 * j + k];
        }
        trace += i == j ? dot : 0;
        traceOfSquare += dot * dot;
      }
    }
    double b = (trace * trace - traceOfSquare) / 2;
    return Math.sqrt(Math.max(0, trace * trace - 4 * b)) / trace;
  }
}
