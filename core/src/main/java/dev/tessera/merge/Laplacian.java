package dev.tessera.merge;

/**
 * Weighted differences along links and weighted values at nodes, the linear problem of each stage
 * of {@link Synchronization}:
 *
 * <pre>min over x  sum_k w_k (x_b - x_a - d_k)^2 + sum_i v_i (x_i - u_i)^2</pre>
 *
 * for several coordinates at a time that share their weights. One factorisation per set of weights.
 */
final class Laplacian {
  /** Against the largest weight: holds the nodes that nothing else holds at what they are. */
  private static final double HOLD = 1e-9;

  private final int[] a;
  private final int[] b;
  private final int nodes;
  private final BlockCholesky cholesky;

  Laplacian(int[] a, int[] b, double[][] places) {
    this.a = a;
    this.b = b;
    this.nodes = places.length;
    this.cholesky = new BlockCholesky(1, a, b, places);
  }

  /**
   * The x nearest to zero that is best.
   *
   * @param differences coordinate -> link
   * @param values coordinate -> node
   * @return coordinate -> node
   */
  double[][] solve(
      double[] linkWeights, double[][] differences, double[] nodeWeights, double[][] values) {
    double[] diagonal = nodeWeights.clone();
    double[] off = new double[linkWeights.length];
    double largest = Double.MIN_NORMAL;
    for (int k = 0; k < linkWeights.length; k++) {
      diagonal[a[k]] += linkWeights[k];
      diagonal[b[k]] += linkWeights[k];
      off[k] = -linkWeights[k];
    }
    for (double weight : diagonal) {
      largest = Math.max(largest, weight);
    }
    for (int i = 0; i < nodes; i++) {
      diagonal[i] += HOLD * largest;
    }
    if (!cholesky.factor(diagonal, off)) {
      throw new IllegalStateException("A Laplacian with positive weights is positive definite");
    }
    double[][] x = new double[differences.length][nodes];
    for (int c = 0; c < x.length; c++) {
      for (int i = 0; i < nodes; i++) {
        x[c][i] = nodeWeights[i] * values[c][i];
      }
      for (int k = 0; k < linkWeights.length; k++) {
        x[c][a[k]] -= linkWeights[k] * differences[c][k];
        x[c][b[k]] += linkWeights[k] * differences[c][k];
      }
      cholesky.solve(x[c]);
    }
    return x;
  }
}
