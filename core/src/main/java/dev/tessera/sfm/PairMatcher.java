package dev.tessera.sfm;

import dev.tessera.imagery.MatScope;
import dev.tessera.imagery.OpenCv;
import java.io.Serializable;
import java.util.Arrays;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/**
 * Exhaustive matching of two photos' RootSIFT descriptors: nearest neighbours both ways, Lowe's
 * ratio test (Lowe 2004, section 7.1) both ways, and the two must agree. With unit vectors the
 * squared distance is {@code 2 - 2 s} of the similarity s, so one matrix product gives all
 * distances; it is taken in strips that stay in the cache.
 *
 * <p>Cost: 2 * 128 * N * M operations. Safe for many threads.
 */
final class PairMatcher {
  /** Rows of the product computed at a time: 256 * 4000 floats are four megabytes. */
  private static final int STRIP_ROWS = 256;

  private final Config config;

  /**
   * @param maxRatio largest ratio of the best distance to the second best
   * @param maxDistance largest distance of a match, of unit vectors
   */
  public record Config(double maxRatio, double maxDistance) implements Serializable {
    public Config {
      if (!(maxRatio > 0 && maxRatio <= 1)) {
        throw new IllegalArgumentException("Ratio must be in (0, 1], was " + maxRatio);
      }
      if (!(maxDistance > 0 && maxDistance <= 2)) {
        throw new IllegalArgumentException("Distance must be in (0, 2], was " + maxDistance);
      }
    }

    public static Config defaults() {
      return new Config(0.8, 0.7);
    }
  }

  PairMatcher(Config config) {
    this.config = config;
    OpenCv.ensureLoaded();
  }

  /** Best and second best partner of each of N features. */
  private static final class TopTwo {
    final float[] best;
    final float[] second;
    final int[] partner;

    TopTwo(int count, float floor) {
      best = new float[count];
      second = new float[count];
      partner = new int[count];
      Arrays.fill(best, floor);
      Arrays.fill(second, floor);
      Arrays.fill(partner, -1);
    }
  }

  /** Matches as pairs (feature of a, feature of b), flat, ascending in a; canonical features. */
  int[] match(Features a, Features b) {
    if (a.count() == 0 || b.count() == 0) {
      return new int[0];
    }
    float floor = leastSimilarityThatMatters();
    TopTwo ofA = new TopTwo(a.count(), floor);
    TopTwo ofB = new TopTwo(b.count(), floor);
    try (MatScope scope = new MatScope()) {
      Mat descriptorsA = matrixOf(scope, a);
      Mat descriptorsB = matrixOf(scope, b);
      Mat strip = scope.empty();
      Mat none = scope.empty();
      float[] row = new float[b.count()];
      for (int begin = 0; begin < a.count(); begin += STRIP_ROWS) {
        int end = Math.min(begin + STRIP_ROWS, a.count());
        Mat rows = scope.own(descriptorsA.rowRange(begin, end));
        Core.gemm(rows, descriptorsB, 1, none, 0, strip, Core.GEMM_2_T);
        for (int i = begin; i < end; i++) {
          strip.get(i - begin, 0, row);
          scan(row, i, ofA, ofB);
        }
      }
    }
    return mutual(a, b, ofA, ofB);
  }

  /**
   * Offers the similarities of feature i of a to both sides. Nearly all are too small to matter to
   * either, so that the loop is two comparisons a number.
   */
  private static void scan(float[] row, int i, TopTwo ofA, TopTwo ofB) {
    float[] bestOfB = ofB.best;
    float[] secondOfB = ofB.second;
    float best = ofA.best[i];
    float second = ofA.second[i];
    int partner = -1;
    for (int j = 0; j < row.length; j++) {
      float similarity = row[j];
      if (similarity > second) {
        if (similarity > best) {
          second = best;
          best = similarity;
          partner = j;
        } else {
          second = similarity;
        }
      }
      if (similarity > secondOfB[j]) {
        if (similarity > bestOfB[j]) {
          secondOfB[j] = bestOfB[j];
          bestOfB[j] = similarity;
          ofB.partner[j] = i;
        } else {
          secondOfB[j] = similarity;
        }
      }
    }
    ofA.best[i] = best;
    ofA.second[i] = second;
    ofA.partner[i] = partner;
  }

  /**
   * A best match is at most {@code maxDistance} away, and a second best matters only if it is
   * nearer than {@code maxDistance / maxRatio}: all that is farther need not be looked at.
   */
  private float leastSimilarityThatMatters() {
    double farthest = config.maxDistance / config.maxRatio;
    return (float) (1 - farthest * farthest / 2);
  }

  private int[] mutual(Features a, Features b, TopTwo ofA, TopTwo ofB) {
    int[] matches = new int[2 * Math.min(a.count(), b.count())];
    boolean[] takenA = new boolean[a.count()];
    boolean[] takenB = new boolean[b.count()];
    int used = 0;
    for (int i = 0; i < a.count(); i++) {
      int j = ofA.partner[i];
      if (j < 0 || ofB.partner[j] != i || !distinct(ofA, i) || !distinct(ofB, j)) {
        continue;
      }
      int inA = a.canonical(i);
      int inB = b.canonical(j);
      if (!takenA[inA] && !takenB[inB]) {
        takenA[inA] = true;
        takenB[inB] = true;
        matches[used++] = inA;
        matches[used++] = inB;
      }
    }
    return Arrays.copyOf(matches, used);
  }

  private boolean distinct(TopTwo of, int i) {
    double nearest2 = Math.max(0, 2 - 2 * (double) of.best[i]);
    double next2 = Math.max(0, 2 - 2 * (double) of.second[i]);
    return nearest2 <= config.maxDistance * config.maxDistance
        && nearest2 <= config.maxRatio * config.maxRatio * next2;
  }

  private static Mat matrixOf(MatScope scope, Features features) {
    Mat matrix = scope.own(new Mat(features.count(), Features.DESCRIPTOR_LENGTH, CvType.CV_32F));
    matrix.put(0, 0, features.rootSift());
    return matrix;
  }
}
