package dev.tessera.sfm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Ranks the pairs from which a model may start: many matches, a wide angle, not a flat scene.
 *
 * <pre>score = matches * min(1, angle / 12 degrees) * (1.2 - homography ratio)</pre>
 *
 * <p>A camera that moves along its view direction offers no wide angle: the list is a ladder, pairs
 * over 4 degrees first, then over 2, then over 1.
 */
final class InitialPair {
  private static final int CANDIDATES = 40;
  private static final double FULL_ANGLE_DEGREES = 12;
  private static final double FLAT_PENALTY = 1.2;
  private static final double[] LADDER_DEGREES = {4, 2, 1};
  private static final int MIN_IN_FRONT = 20;

  /** A pair with its pose. */
  record Start(int pair, RelativePose pose, double score) {}

  private InitialPair() {}

  /** Best first; empty if no pair has parallax. */
  static List<Start> rank(
      MappingInput input, Features[] features, double[] focals, WorkerPool pool) {
    int[] candidates =
        IntStream.range(0, input.pairs().size())
            .boxed()
            .sorted(
                Comparator.<Integer>comparingDouble(p -> -promise(input.verified().get(p)))
                    .thenComparing(Comparator.naturalOrder()))
            .limit(Math.max(CANDIDATES, input.views()))
            .mapToInt(Integer::intValue)
            .toArray();
    Start[] starts = new Start[candidates.length];
    pool.forEach(
        candidates.length,
        i -> {
          int p = candidates[i];
          RelativePose pose = RelativePose.estimate(input, p, features, focals);
          if (pose != null && pose.inFront() >= MIN_IN_FRONT) {
            starts[i] = new Start(p, pose, score(input.verified().get(p), pose));
          }
        });
    return ladder(starts);
  }

  private static double promise(VerifiedPair pair) {
    return pair.count() * (FLAT_PENALTY - pair.homographyRatio());
  }

  private static double score(VerifiedPair pair, RelativePose pose) {
    return pose.inFront()
        * Math.min(1, pose.medianAngleDegrees() / FULL_ANGLE_DEGREES)
        * (FLAT_PENALTY - pair.homographyRatio());
  }

  private static List<Start> ladder(Start[] starts) {
    List<Start> ranked = new ArrayList<>();
    double below = Double.POSITIVE_INFINITY;
    for (double least : LADDER_DEGREES) {
      List<Start> rung = new ArrayList<>();
      for (Start start : starts) {
        if (start != null
            && start.pose().medianAngleDegrees() >= least
            && start.pose().medianAngleDegrees() < below) {
          rung.add(start);
        }
      }
      rung.sort(Comparator.comparingDouble(Start::score).reversed().thenComparingInt(Start::pair));
      ranked.addAll(rung);
      below = least;
    }
    return ranked;
  }
}
