package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairMatcherTest {
  private static final PairMatcher.Config CONFIG = PairMatcher.Config.defaults();

  @Test
  void findsWhatComparingAllWithAllFinds() {
    Random random = new Random(7);
    Features a = features(random, 700, null);
    Features b = features(random, 600, a);

    int[] matches = new PairMatcher(CONFIG).match(a, b);

    assertThat(matches).isEqualTo(bruteForce(a, b)).hasSizeGreaterThan(400);
  }

  @Test
  void rolesOfThePhotosDoNotMatter() {
    Random random = new Random(8);
    Features a = features(random, 300, null);
    Features b = features(random, 310, a);

    int[] forth = new PairMatcher(CONFIG).match(a, b);
    int[] back = new PairMatcher(CONFIG).match(b, a);

    assertThat(sorted(back, true)).isEqualTo(sorted(forth, false));
  }

  @Test
  void featuresAtTheSamePixelMatchOnce() {
    Random random = new Random(9);
    byte[] sift = new byte[2 * Features.DESCRIPTOR_LENGTH];
    random.nextBytes(sift);
    Features twice = new Features(new float[] {5, 5, 5, 5}, new int[2], sift, 1);

    int[] matches = new PairMatcher(CONFIG).match(twice, twice);

    assertThat(matches).containsExactly(0, 0);
  }

  @Test
  void photoWithoutFeaturesHasNoMatches() {
    Features none = new Features(new float[0], new int[0], new byte[0], 1);
    Features some = features(new Random(1), 10, null);

    assertThat(new PairMatcher(CONFIG).match(none, some)).isEmpty();
    assertThat(new PairMatcher(CONFIG).match(some, none)).isEmpty();
  }

  @Test
  void ratioOverOneIsRefused() {
    assertThatThrownBy(() -> new PairMatcher.Config(1.5, 0.7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Ratio must be in (0, 1], was 1.5");
  }

  /** Random descriptors; half of them noisy copies of the other photo's. */
  private static Features features(Random random, int count, Features like) {
    float[] pixel = new float[2 * count];
    byte[] sift = new byte[count * Features.DESCRIPTOR_LENGTH];
    for (int i = 0; i < count; i++) {
      pixel[2 * i] = i;
      for (int e = 0; e < Features.DESCRIPTOR_LENGTH; e++) {
        int at = i * Features.DESCRIPTOR_LENGTH + e;
        boolean copy = like != null && i % 2 == 0 && i < like.count();
        double value = copy ? value(like, i, e) + 4 * random.nextGaussian() : 80 * sparse(random);
        sift[at] = (byte) Math.max(0, Math.min(255, Math.round(value)));
      }
    }
    return new Features(pixel, new int[count], sift, 1);
  }

  private static double sparse(Random random) {
    return Math.max(0, random.nextGaussian());
  }

  /** RootSIFT squared is the descriptor up to its sum. */
  private static double value(Features features, int i, int e) {
    float root = features.rootSift()[i * Features.DESCRIPTOR_LENGTH + e];
    return root * root * 4000;
  }

  private static int[] bruteForce(Features a, Features b) {
    float[] rootA = a.rootSift();
    float[] rootB = b.rootSift();
    List<Integer> matches = new ArrayList<>();
    for (int i = 0; i < a.count(); i++) {
      int j = nearest(rootA, i, rootB, b.count());
      if (j >= 0 && nearest(rootB, j, rootA, a.count()) == i) {
        matches.add(i);
        matches.add(j);
      }
    }
    return matches.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The nearest feature if it passes the tests, else -1. */
  private static int nearest(float[] from, int i, float[] to, int count) {
    int best = -1;
    double nearest = Double.POSITIVE_INFINITY;
    double next = Double.POSITIVE_INFINITY;
    for (int j = 0; j < count; j++) {
      double sum = 0;
      for (int e = 0; e < Features.DESCRIPTOR_LENGTH; e++) {
        double d =
            from[i * Features.DESCRIPTOR_LENGTH + e] - to[j * Features.DESCRIPTOR_LENGTH + e];
        sum += d * d;
      }
      double distance = Math.sqrt(sum);
      if (distance < nearest) {
        next = nearest;
        nearest = distance;
        best = j;
      } else {
        next = Math.min(next, distance);
      }
    }
    return nearest <= CONFIG.maxDistance() && nearest <= CONFIG.maxRatio() * next ? best : -1;
  }

  private static List<String> sorted(int[] matches, boolean exchanged) {
    List<String> pairs = new ArrayList<>();
    for (int m = 0; m < matches.length; m += 2) {
      pairs.add(matches[m + (exchanged ? 1 : 0)] + "-" + matches[m + (exchanged ? 0 : 1)]);
    }
    return pairs.stream().sorted().toList();
  }
}
