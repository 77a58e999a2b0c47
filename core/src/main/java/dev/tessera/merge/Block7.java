package dev.tessera.merge;

import java.util.Arrays;

/** Dense 7x7 algebra on flat row-major arrays of 49 numbers. */
final class Block7 {
  static final int N = 7;
  static final int SIZE = N * N;

  /** A pivot this small against its diagonal entry is rounding, so the matrix is singular. */
  private static final double SINGULAR_PIVOT = 1e-13;

  private Block7() {}

  static double[] identity() {
    double[] m = new double[SIZE];
    for (int i = 0; i < N; i++) {
      m[i * N + i] = 1;
    }
    return m;
  }

  static double[] times(double[] a, double[] b) {
    double[] c = new double[SIZE];
    for (int i = 0; i < N; i++) {
      for (int k = 0; k < N; k++) {
        double aik = a[i * N + k];
        for (int j = 0; j < N; j++) {
          c[i * N + j] += aik * b[k * N + j];
        }
      }
    }
    return c;
  }

  static double[] transposed(double[] a) {
    double[] t = new double[SIZE];
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        t[j * N + i] = a[i * N + j];
      }
    }
    return t;
  }

  /** {@code target -= a b^T}. */
  static void subtractTimesTransposed(double[] target, double[] a, double[] b) {
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        double sum = 0;
        for (int k = 0; k < N; k++) {
          sum += a[i * N + k] * b[j * N + k];
        }
        target[i * N + j] -= sum;
      }
    }
  }

  static void add(double[] target, double[] a, double factor) {
    for (int i = 0; i < target.length; i++) {
      target[i] += factor * a[i];
    }
  }

  static double[] timesVector(double[] a, double[] x) {
    double[] y = new double[N];
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        y[i] += a[i * N + j] * x[j];
      }
    }
    return y;
  }

  /** {@code x^T a x}. */
  static double quadratic(double[] a, double[] x) {
    double[] y = timesVector(a, x);
    double sum = 0;
    for (int i = 0; i < N; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  /** {@code a s a^T}. */
  static double[] congruent(double[] a, double[] s) {
    return times(times(a, s), transposed(a));
  }

  /**
   * Replaces a symmetric matrix by its lower Cholesky factor, zeros above the diagonal.
   *
   * @return {@link #N}, or the index of the first pivot that is not positive
   */
  static int cholesky(double[] m) {
    for (int j = 0; j < N; j++) {
      double pivot = m[j * N + j];
      double floor = SINGULAR_PIVOT * Math.abs(pivot);
      for (int k = 0; k < j; k++) {
        pivot -= m[j * N + k] * m[j * N + k];
      }
      if (!(pivot > floor)) {
        return j;
      }
      double root = Math.sqrt(pivot);
      m[j * N + j] = root;
      for (int i = j + 1; i < N; i++) {
        double sum = m[i * N + j];
        for (int k = 0; k < j; k++) {
          sum -= m[i * N + k] * m[j * N + k];
        }
        m[i * N + j] = sum / root;
        m[j * N + i] = 0;
      }
    }
    return N;
  }

  /** Solves {@code L y = x} in place. */
  static void solveLower(double[] lower, double[] x, int offset) {
    for (int i = 0; i < N; i++) {
      double sum = x[offset + i];
      for (int k = 0; k < i; k++) {
        sum -= lower[i * N + k] * x[offset + k];
      }
      x[offset + i] = sum / lower[i * N + i];
    }
  }

  /** Solves {@code L^T y = x} in place. */
  static void solveUpper(double[] lower, double[] x, int offset) {
    for (int i = N - 1; i >= 0; i--) {
      double sum = x[offset + i];
      for (int k = i + 1; k < N; k++) {
        sum -= lower[k * N + i] * x[offset + k];
      }
      x[offset + i] = sum / lower[i * N + i];
    }
  }

  /** Inverse of a lower triangular factor. */
  static double[] inverseLower(double[] lower) {
    double[] inverse = new double[SIZE];
    double[] column = new double[N];
    for (int j = 0; j < N; j++) {
      Arrays.fill(column, 0);
      column[j] = 1;
      solveLower(lower, column, 0);
      for (int i = 0; i < N; i++) {
        inverse[i * N + j] = column[i];
      }
    }
    return inverse;
  }

  /** Inverse of a symmetric positive definite matrix, or null if it is not. */
  static double[] inverseSpd(double[] m) {
    double[] lower = m.clone();
    if (cholesky(lower) < N) {
      return null;
    }
    double[] inverse = inverseLower(lower);
    return times(transposed(inverse), inverse);
  }
}
