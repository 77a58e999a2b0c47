package dev.tessera.sfm;

/** Two different views of a chunk by their indices, the smaller first. */
record ViewPair(int a, int b) implements Comparable<ViewPair> {
  ViewPair {
    if (a < 0 || a >= b) {
      throw new IllegalArgumentException("Pair must be ordered, was (%d, %d)".formatted(a, b));
    }
  }

  static ViewPair of(int i, int j) {
    return new ViewPair(Math.min(i, j), Math.max(i, j));
  }

  @Override
  public int compareTo(ViewPair o) {
    return a != o.a ? Integer.compare(a, o.a) : Integer.compare(b, o.b);
  }
}
