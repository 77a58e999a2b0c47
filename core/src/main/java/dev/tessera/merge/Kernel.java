package dev.tessera.merge;

/** Robust kernels on a squared error in sigmas: {@code rho} near zero is the squared error. */
enum Kernel {
  /** Quadratic up to the width, then linear: convex, for the first rounds. */
  HUBER {
    @Override
    double rho(double squared, double width) {
      return squared <= width * width ? squared : 2 * width * Math.sqrt(squared) - width * width;
    }

    @Override
    double weight(double squared, double width) {
      return squared <= width * width ? 1 : width / Math.sqrt(squared);
    }
  },
  /** Grows with the logarithm: far values all but lose their say. */
  CAUCHY {
    @Override
    double rho(double squared, double width) {
      return width * width * Math.log1p(squared / (width * width));
    }

    @Override
    double weight(double squared, double width) {
      return 1 / (1 + squared / (width * width));
    }
  };

  abstract double rho(double squared, double width);

  /** Derivative of rho by the squared error. */
  abstract double weight(double squared, double width);
}
