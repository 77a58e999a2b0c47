package dev.tessera.synthetic;

/**
 * Value noise on the plane that never repeats: random values at the points of an integer lattice,
 * smoothly interpolated. Sums of octaves are cut off at the resolution they are looked at, which is
 * what keeps them free of aliasing at any distance without stored textures.
 */
final class Noise {
  private static final double PER_HALF_RANGE = 1.0 / 2147483648.0;

  /** Finest detail painted, metres. */
  private static final double FINEST_METERS = 0.025;

  /** Shades of an octave fade in between these numbers of samples per wavelength. */
  private static final double FADE_IN_SAMPLES = 2;

  private static final double FULL_SAMPLES = 4;

  private Noise() {}

  /** One octave of wavelength 1, in [-1, 1], mean zero. */
  static double octave(double x, double y, int salt) {
    double floorX = Math.floor(x);
    double floorY = Math.floor(y);
    int i = (int) floorX;
    int j = (int) floorY;
    double fx = smooth(x - floorX);
    double fy = smooth(y - floorY);
    double a = Hashes.of(i, j, salt);
    double b = Hashes.of(i + 1, j, salt);
    double c = Hashes.of(i, j + 1, salt);
    double d = Hashes.of(i + 1, j + 1, salt);
    double low = a + (b - a) * fx;
    double high = c + (d - c) * fx;
    return (low + (high - low) * fy) * PER_HALF_RANGE;
  }

  /**
   * Octaves of equal amplitude from {@code coarsestMeters} down to what a pixel resolves.
   *
   * @param pixelMeters width of a pixel on the surface; wavelengths under two of them are left out
   */
  static double octaves(double x, double y, double coarsestMeters, double pixelMeters, int salt) {
    double sum = 0;
    double wavelength = coarsestMeters;
    for (int k = 0; wavelength > FINEST_METERS; k++) {
      double samples = wavelength / pixelMeters;
      if (samples <= FADE_IN_SAMPLES) {
        break;
      }
      double weight = Math.min(1, (samples - FADE_IN_SAMPLES) / (FULL_SAMPLES - FADE_IN_SAMPLES));
      sum += weight * octave(x / wavelength, y / wavelength, salt + k * 7919);
      wavelength *= 0.5;
    }
    return sum;
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }
}
