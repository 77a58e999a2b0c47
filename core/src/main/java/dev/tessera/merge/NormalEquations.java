package dev.tessera.merge;

/**
 * Gauss-Newton's {@code H xi = -g} for one similarity: sums of {@code w J^T J} and {@code w J^T r}.
 */
final class NormalEquations {
  final double[] h = new double[Block7.SIZE];
  final double[] g = new double[Block7.N];

  /** Adds one scalar residual with its row of derivatives. */
  void add(double[] row, double residual, double weight) {
    for (int i = 0; i < Block7.N; i++) {
      double wi = weight * row[i];
      if (wi == 0) {
        continue;
      }
      g[i] += wi * residual;
      for (int j = 0; j < Block7.N; j++) {
        h[i * Block7.N + j] += wi * row[j];
      }
    }
  }

  void add(NormalEquations o) {
    Block7.add(h, o.h, 1);
    Block7.add(g, o.g, 1);
  }

  /** The step {@code -(H + damping diag(H))^-1 g}, or null where that matrix is singular. */
  double[] step(double damping) {
    double[] lower = h.clone();
    for (int i = 0; i < Block7.N; i++) {
      lower[i * Block7.N + i] += damping * h[i * Block7.N + i];
    }
    if (Block7.cholesky(lower) < Block7.N) {
      return null;
    }
    double[] x = new double[Block7.N];
    for (int i = 0; i < Block7.N; i++) {
      x[i] = -g[i];
    }
    Block7.solveLower(lower, x, 0);
    Block7.solveUpper(lower, x, 0);
    return x;
  }
}
