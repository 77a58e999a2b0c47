package dev.tessera.synthetic;

/** Integer hashes: random numbers that are a function of a place and not of an order. */
final class Hashes {
  private static final double PER_UNSIGNED_INT = 1.0 / 4294967296.0;

  private Hashes() {}

  /** Mixes three numbers to 32 well spread bits (finaliser of MurmurHash3). */
  static int of(int x, int y, int salt) {
    int h = x * 0x8da6b343 ^ y * 0xd8163841 ^ salt * 0xcb1ab31f;
    h = (h ^ (h >>> 16)) * 0x85ebca6b;
    h = (h ^ (h >>> 13)) * 0xc2b2ae35;
    return h ^ (h >>> 16);
  }

  /** Uniform in [0, 1). */
  static double unit(int x, int y, int salt) {
    return (of(x, y, salt) & 0xffffffffL) * PER_UNSIGNED_INT;
  }

  /** Uniform in [low, high). */
  static double between(double low, double high, int x, int y, int salt) {
    return low + (high - low) * unit(x, y, salt);
  }
}
