package dev.tessera.imagery;

/** A kernel that weighs source pixels by their distance, in output pixels when shrinking. */
public enum ResizeFilter {
  /** Keys (1981), eq. 4, with {@code a = -0.5}. */
  BICUBIC(2) {
    @Override
    double at(double distance) {
      double x = Math.abs(distance);
      if (x >= 2) {
        return 0;
      }
      return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
    }
  },

  /** {@code sinc(x) sinc(x / 3)} for {@code |x| < 3}, with {@code sinc(x) = sin(pi x) / (pi x)}. */
  LANCZOS3(3) {
    @Override
    double at(double distance) {
      return Math.abs(distance) < 3 ? sinc(distance) * sinc(distance / 3) : 0;
    }
  };

  private final double support;

  ResizeFilter(double support) {
    this.support = support;
  }

  /** Distance from which on the kernel is zero. */
  double support() {
    return support;
  }

  abstract double at(double distance);

  private static double sinc(double x) {
    double angle = Math.PI * x;
    return angle == 0 ? 1 : Math.sin(angle) / angle;
  }
}
