package dev.tessera.map;

/**
 * Sorts Morton keys by their bytes, the least significant first (LSD radix sort): keys of one chunk
 * agree in most of their high bytes, which are skipped.
 */
final class KeyOrder {
  private static final int DIGITS = 256;

  private KeyOrder() {}

  /** Indices of the keys, ascending by key (none is negative); equal keys in the order given. */
  static int[] of(long[] keys) {
    int[] order = new int[keys.length];
    long differing = 0;
    for (int i = 0; i < keys.length; i++) {
      order[i] = i;
      differing |= keys[i] ^ keys[0];
    }
    int[] spare = new int[keys.length];
    for (int shift = 0; shift < Long.SIZE; shift += 8) {
      if ((differing >>> shift & 0xff) != 0) {
        deal(keys, order, spare, shift);
        int[] sorted = spare;
        spare = order;
        order = sorted;
      }
    }
    return order;
  }

  private static void deal(long[] keys, int[] from, int[] to, int shift) {
    int[] next = new int[DIGITS + 1];
    for (long key : keys) {
      next[(int) (key >>> shift & 0xff) + 1]++;
    }
    for (int digit = 0; digit < DIGITS; digit++) {
      next[digit + 1] += next[digit];
    }
    for (int i : from) {
      to[next[(int) (keys[i] >>> shift & 0xff)]++] = i;
    }
  }
}
