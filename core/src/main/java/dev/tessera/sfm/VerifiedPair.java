package dev.tessera.sfm;

/**
 * Two views that see the same things, with the matches that one rigid motion explains. Shared by
 * all chunks that contain both.
 *
 * @param matches M pairs (feature of the first view, feature of the second), flat
 * @param fundamental F of {@code x_b^T F x_a = 0} in working pixels, row-major; empty when M is 0
 * @param homographyRatio share of the matches that a single homography explains too: near 1 for a
 *     flat scene or a camera that only turned
 */
record VerifiedPair(int[] matches, double[] fundamental, double homographyRatio) {
  static final VerifiedPair NONE = new VerifiedPair(new int[0], new double[0], 1);

  int count() {
    return matches.length / 2;
  }

  int featureOfA(int match) {
    return matches[2 * match];
  }

  int featureOfB(int match) {
    return matches[2 * match + 1];
  }

  /** The same pair with the views' roles exchanged. */
  VerifiedPair swapped() {
    int[] exchanged = new int[matches.length];
    for (int m = 0; m < matches.length; m += 2) {
      exchanged[m] = matches[m + 1];
      exchanged[m + 1] = matches[m];
    }
    double[] transposed = new double[fundamental.length];
    for (int i = 0; i < transposed.length; i++) {
      transposed[i] = fundamental[i % 3 * 3 + i / 3];
    }
    return new VerifiedPair(exchanged, transposed, homographyRatio);
  }

  long bytes() {
    return 4L * matches.length + 8L * fundamental.length + 64;
  }
}
