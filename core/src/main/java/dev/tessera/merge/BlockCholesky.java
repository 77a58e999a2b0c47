package dev.tessera.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * Sparse Cholesky factorisation {@code H = L L^T} of a symmetric matrix of 7x7 blocks, one block
 * row per node, in minimum-degree order of the nodes. The pattern is analysed once and serves all
 * steps of Gauss-Newton.
 *
 * <p>Right-looking: column j updates the columns that its blocks name. For the near-planar graphs
 * of chunks the fill is O(n log n).
 */
final class BlockCholesky {
  private static final int N = Block7.N;

  private final int nodes;
  private final List<int[]> pairs;
  private final int[] position; // node -> place in elimination order
  private final int[][] rows; // place -> later places it has a block with, ascending
  private final double[][] diagonal; // place -> lower factor of its pivot
  private final double[][][] lower; // place -> block for each of rows[place]

  /**
   * @param pairs {i, j} of the nodes whose off-diagonal block H_ij is not zero; blocks of a pair
   *     given twice add up
   */
  BlockCholesky(int nodes, List<int[]> pairs) {
    this.nodes = nodes;
    this.pairs = pairs;
    this.position = new int[nodes];
    this.rows = eliminate();
    this.diagonal = new double[nodes][];
    this.lower = new double[nodes][][];
  }

  /**
   * Factorises.
   *
   * @param h blocks H_ii of the nodes
   * @param off blocks H_ij of the pairs, in their order
   * @return false if the matrix is not positive definite
   */
  boolean factor(double[][] h, double[][] off) {
    for (int node = 0; node < nodes; node++) {
      diagonal[position[node]] = h[node].clone();
      int place = position[node];
      lower[place] = new double[rows[place].length][Block7.SIZE];
    }
    for (int k = 0; k < pairs.size(); k++) {
      int i = position[pairs.get(k)[0]];
      int j = position[pairs.get(k)[1]];
      double[] below = i > j ? off[k] : Block7.transposed(off[k]);
      Block7.add(block(Math.max(i, j), Math.min(i, j)), below, 1);
    }
    for (int j = 0; j < nodes; j++) {
      if (!eliminateColumn(j)) {
        return false;
      }
    }
    return true;
  }

  /** Solves {@code H x = b} in place; 7 numbers per node. */
  void solve(double[] b) {
    double[] x = new double[b.length];
    for (int node = 0; node < nodes; node++) {
      System.arraycopy(b, node * N, x, position[node] * N, N);
    }
    for (int j = 0; j < nodes; j++) {
      Block7.solveLower(diagonal[j], x, j * N);
      for (int k = 0; k < rows[j].length; k++) {
        subtract(lower[j][k], x, j * N, rows[j][k] * N, false);
      }
    }
    for (int j = nodes - 1; j >= 0; j--) {
      for (int k = 0; k < rows[j].length; k++) {
        subtract(lower[j][k], x, rows[j][k] * N, j * N, true);
      }
      Block7.solveUpper(diagonal[j], x, j * N);
    }
    for (int node = 0; node < nodes; node++) {
      System.arraycopy(x, position[node] * N, b, node * N, N);
    }
  }

  /**
   * Diagonal blocks of the inverse, by node: the recursion of Takahashi et al. (1973) over the
   * pattern of L, from the last column to the first.
   */
  double[][] inverseDiagonal() {
    double[][] zDiagonal = new double[nodes][];
    double[][][] z = new double[nodes][][];
    for (int j = nodes - 1; j >= 0; j--) {
      double[] inverse = Block7.inverseLower(diagonal[j]);
      z[j] = new double[rows[j].length][];
      for (int i = 0; i < rows[j].length; i++) {
        double[] sum = new double[Block7.SIZE];
        for (int k = 0; k < rows[j].length; k++) {
          double[] zik = inverseBlock(zDiagonal, z, rows[j][i], rows[j][k]);
          Block7.add(sum, Block7.times(zik, lower[j][k]), -1);
        }
        z[j][i] = Block7.times(sum, inverse);
      }
      double[] pivot = Block7.transposed(inverse);
      for (int k = 0; k < rows[j].length; k++) {
        Block7.add(pivot, Block7.times(Block7.transposed(z[j][k]), lower[j][k]), -1);
      }
      zDiagonal[j] = Block7.times(pivot, inverse);
    }
    double[][] byNode = new double[nodes][];
    for (int node = 0; node < nodes; node++) {
      byNode[node] = zDiagonal[position[node]];
    }
    return byNode;
  }

  private double[] inverseBlock(double[][] zDiagonal, double[][][] z, int row, int column) {
    if (row == column) {
      return zDiagonal[row];
    }
    int first = Math.min(row, column);
    double[] below = z[first][Arrays.binarySearch(rows[first], Math.max(row, column))];
    return row > column ? below : Block7.transposed(below);
  }

  private boolean eliminateColumn(int j) {
    if (Block7.cholesky(diagonal[j]) < N) {
      return false;
    }
    for (double[] block : lower[j]) { // H_ij becomes L_ij = H_ij L_jj^-T, row by row
      for (int row = 0; row < N; row++) {
        Block7.solveLower(diagonal[j], block, row * N);
      }
    }
    for (int i = 0; i < rows[j].length; i++) {
      for (int k = 0; k <= i; k++) {
        double[] target = i == k ? diagonal[rows[j][i]] : block(rows[j][i], rows[j][k]);
        Block7.subtractTimesTransposed(target, lower[j][i], lower[j][k]);
      }
    }
    return true;
  }

  private double[] block(int row, int column) {
    return lower[column][Arrays.binarySearch(rows[column], row)];
  }

  /** {@code x[to] -= block x[from]}, or with the block transposed. */
  private static void subtract(double[] block, double[] x, int from, int to, boolean transposed) {
    for (int i = 0; i < N; i++) {
      double sum = 0;
      for (int k = 0; k < N; k++) {
        sum += block[transposed ? k * N + i : i * N + k] * x[from + k];
      }
      x[to + i] -= sum;
    }
  }

  /** Minimum-degree elimination of the graph; fills {@link #position}, returns the rows of L. */
  private int[][] eliminate() {
    List<TreeSet<Integer>> neighbours = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      neighbours.add(new TreeSet<>());
    }
    for (int[] pair : pairs) {
      neighbours.get(pair[0]).add(pair[1]);
      neighbours.get(pair[1]).add(pair[0]);
    }
    TreeSet<Long> byDegree = new TreeSet<>();
    for (int i = 0; i < nodes; i++) {
      byDegree.add(key(neighbours.get(i).size(), i));
    }
    int[][] rowNodes = new int[nodes][];
    for (int place = 0; place < nodes; place++) {
      int node = byDegree.pollFirst().intValue();
      position[node] = place;
      TreeSet<Integer> left = neighbours.get(node);
      rowNodes[place] = left.stream().mapToInt(Integer::intValue).toArray();
      for (int i : left) {
        TreeSet<Integer> of = neighbours.get(i);
        byDegree.remove(key(of.size(), i));
        of.addAll(left);
        of.remove(i);
        of.remove(node);
        byDegree.add(key(of.size(), i));
      }
    }
    for (int place = 0; place < nodes; place++) {
      rowNodes[place] = Arrays.stream(rowNodes[place]).map(i -> position[i]).sorted().toArray();
    }
    return rowNodes;
  }

  private static long key(int degree, int node) {
    return (long) degree << 32 | node;
  }
}
