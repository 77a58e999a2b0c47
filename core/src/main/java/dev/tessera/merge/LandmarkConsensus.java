package dev.tessera.merge;

import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The similarity that most pairs agree on: samples of three pairs, each judged by all (Torr and
 * Zisserman 2000, MSAC), the best refitted to those that agree (Chum, Matas, Kittler 2003). Samples
 * whose triangles are not alike are not judged. The same pairs give the same answer.
 */
final class LandmarkConsensus {
  private static final int MOST_SAMPLES = 20_000;

  /** Chance of having missed a sample without a wrong pair, after which no more are drawn. */
  private static final double MISS = 1e-4;

  /** Sides of two triangles that are alike have one ratio, but for this. */
  private static final double SIDES_ALIKE = 1.15;

  private static final int REFITS = 4;
  private static final long SEED = 5;

  private final LandmarkPairs pairs;
  private final double maxError;

  /**
   * @param maxError of a pair that agrees, in units of its depth
   */
  LandmarkConsensus(LandmarkPairs pairs, double maxError) {
    this.pairs = pairs;
    this.maxError = maxError;
  }

  private record Model(Sim3 aFromB, double cost) {}

  /** {@code aFromB}, or null if no three pairs have one. */
  Sim3 best() {
    SplittableRandom random = new SplittableRandom(SEED);
    Model best = null;
    double needed = MOST_SAMPLES;
    for (int sample = 0; sample < needed && pairs.count() >= 3; sample++) {
      Sim3 aFromB = proposal(random);
      double cost = aFromB == null ? Double.POSITIVE_INFINITY : cost(aFromB);
      if (aFromB != null && (best == null || cost < best.cost())) {
        best = refitted(new Model(aFromB, cost));
        needed = Math.min(MOST_SAMPLES, samples(inliers(best.aFromB()).length));
      }
    }
    return best == null ? null : best.aFromB();
  }

  /** Indices of the pairs that agree. */
  int[] inliers(Sim3 aFromB) {
    return IntStream.range(0, pairs.count())
        .filter(i -> pairs.error(i, aFromB) < maxError)
        .toArray();
  }

  private double samples(int inliers) {
    double share = Math.pow(inliers / (double) pairs.count(), 3);
    return share < 1 ? Math.log(MISS) / Math.log1p(-share) : 1;
  }

  private double cost(Sim3 aFromB) {
    double sum = 0;
    for (int i = 0; i < pairs.count(); i++) {
      double e = Math.min(pairs.error(i, aFromB) / maxError, 1);
      sum += e * e;
    }
    return sum;
  }

  private Sim3 proposal(SplittableRandom random) {
    int i = random.nextInt(pairs.count());
    int j = random.nextInt(pairs.count());
    int k = random.nextInt(pairs.count());
    if (i == j || j == k || i == k || !alike(i, j, k)) {
      return null;
    }
    return fit(new int[] {i, j, k});
  }

  private boolean alike(int i, int j, int k) {
    double[] ratios = {ratio(i, j), ratio(j, k), ratio(k, i)};
    Arrays.sort(ratios);
    return ratios[0] > 0 && ratios[2] <= SIDES_ALIKE * ratios[0];
  }

  private double ratio(int i, int j) {
    return pairs.inA(i).distanceTo(pairs.inA(j)) / pairs.inB(i).distanceTo(pairs.inB(j));
  }

  private Model refitted(Model model) {
    Model best = model;
    for (int i = 0; i < REFITS; i++) {
      int[] inliers = inliers(best.aFromB());
      Sim3 again = inliers.length < 3 ? null : fit(inliers);
      double cost = again == null ? Double.POSITIVE_INFINITY : cost(again);
      if (!(cost < best.cost())) {
        return best;
      }
      best = new Model(again, cost);
    }
    return best;
  }

  /** Null for pairs that leave the similarity open. */
  private Sim3 fit(int[] which) {
    List<Vec3> inA = Arrays.stream(which).mapToObj(pairs::inA).toList();
    List<Vec3> inB = Arrays.stream(which).mapToObj(pairs::inB).toList();
    try {
      return Umeyama.fit(inB, inA);
    } catch (DegenerateGeometryException | IllegalArgumentException e) {
      return null; // on a line, or in one place: another sample will do
    }
  }
}
