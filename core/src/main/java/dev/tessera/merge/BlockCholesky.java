package dev.tessera.merge;

import dev.tessera.merge.Dense.View;
import java.util.Arrays;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/**
 * Sparse Cholesky factorisation {@code H = L L^T} of a symmetric matrix of square blocks, one block
 * row per node: supernodal and left-looking (Ng and Peyton 1993), in nested-dissection order. The
 * pattern is analysed once and serves all steps of Gauss-Newton.
 *
 * <p>A run of columns with a common pattern is one dense panel, its rows one after the other: first
 * the run's own, of which the upper triangle means nothing, then those below. Runs of separate
 * branches are factorised in parallel; each panel takes its updates in a fixed order, so the result
 * does not depend on the number of threads.
 */
final class BlockCholesky {
  /** Columns of a panel that are factorised before the rest of it is updated. */
  private static final int STRIP = 28;

  /** Columns updated together after a strip. */
  private static final int TRAILING = 256;

  /** A pivot this small against its diagonal entry is rounding, so the matrix is singular. */
  private static final double SINGULAR_PIVOT = 1e-13;

  private final int size; // rows of a block
  private final int[] pairA;
  private final int[] pairB;
  private final Supernodes pattern;
  private final double[][] panels; // run -> panel
  private volatile boolean positive;

  /**
   * @param size rows of a block
   * @param pairA first node of each pair whose off-diagonal block may be other than zero; blocks of
   *     a pair given twice add up
   * @param pairB second nodes of the pairs
   * @param places where each node lies, for the order of elimination
   */
  BlockCholesky(int size, int[] pairA, int[] pairB, double[][] places) {
    this.size = size;
    this.pairA = pairA;
    this.pairB = pairB;
    int[] starts = new int[places.length + 1];
    int[] neighbours = Adjacency.neighbours(starts, pairA, pairB);
    pattern =
        new Supernodes(starts, neighbours, NestedDissection.order(starts, neighbours, places));
    panels = new double[pattern.count()][];
  }

  /** Numbers in the factor. */
  long stored() {
    long sum = 0;
    for (int run = 0; run < pattern.count(); run++) {
      sum += (long) rows(run) * width(run);
    }
    return sum;
  }

  /**
   * Factorises.
   *
   * @param diagonal blocks H_ii of the nodes, one after the other, row-major
   * @param off blocks H_ab of the pairs, in their order
   * @return false if the matrix is not positive definite
   */
  boolean factor(double[] diagonal, double[] off) {
    for (int run = 0; run < panels.length; run++) {
      int length = Math.multiplyExact(rows(run), width(run));
      if (panels[run] == null) {
        panels[run] = new double[length];
      } else {
        Arrays.fill(panels[run], 0);
      }
    }
    for (int node = 0; node < pattern.nodes; node++) {
      addBlock(pattern.position[node], pattern.position[node], diagonal, node, false);
    }
    for (int k = 0; k < pairA.length; k++) {
      int a = pattern.position[pairA[k]];
      int b = pattern.position[pairB[k]];
      addBlock(Math.max(a, b), Math.min(a, b), off, k, a < b);
    }
    positive = true;
    new Branches().invoke();
    return positive;
  }

  /** Solves {@code H x = b} in place; one block of numbers per node. */
  void solve(double[] b) {
    double[] x = new double[b.length];
    for (int node = 0; node < pattern.nodes; node++) {
      System.arraycopy(b, node * size, x, pattern.position[node] * size, size);
    }
    for (int run = 0; run < panels.length; run++) {
      forward(run, x);
    }
    for (int run = panels.length - 1; run >= 0; run--) {
      backward(run, x);
    }
    for (int node = 0; node < pattern.nodes; node++) {
      System.arraycopy(x, pattern.position[node] * size, b, node * size, size);
    }
  }

  /**
   * Diagonal blocks of the inverse, by node, one after the other: the recursion of Takahashi et al.
   * (1973) over the pattern of L, from the last run to the first. The factor is used up.
   */
  double[] inverseDiagonal() {
    for (int run = panels.length - 1; run >= 0; run--) {
      invert(run);
    }
    double[] blocks = new double[pattern.nodes * size * size];
    for (int node = 0; node < pattern.nodes; node++) {
      int place = pattern.position[node];
      int run = pattern.runOf[place];
      int at = (place - pattern.first[run]) * size;
      for (int i = 0; i < size; i++) {
        int from = (at + i) * width(run) + at;
        System.arraycopy(panels[run], from, blocks, (node * size + i) * size, size);
      }
    }
    for (int run = 0; run < panels.length; run++) {
      panels[run] = null;
    }
    return blocks;
  }

  private int width(int run) {
    return pattern.columns(run) * size;
  }

  private int rows(int run) {
    return (pattern.columns(run) + pattern.below[run].length) * size;
  }

  /** First row of a place in a run's panel. */
  private int rowOf(int run, int place) {
    if (place < pattern.first[run + 1]) {
      return (place - pattern.first[run]) * size;
    }
    int at = Arrays.binarySearch(pattern.below[run], place);
    return (pattern.columns(run) + at) * size;
  }

  private void addBlock(int row, int column, double[] blocks, int k, boolean transposed) {
    int run = pattern.runOf[column];
    int width = width(run);
    int at = rowOf(run, row) * width + (column - pattern.first[run]) * size;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        int from = k * size * size + (transposed ? j * size + i : i * size + j);
        panels[run][at + i * width + j] += blocks[from];
      }
    }
  }

  /** Factorises a run, and those after it in its branch as soon as all before them are done. */
  private final class Branch extends CountedCompleter<Void> {
    private static final long serialVersionUID = 1;
    private final transient AtomicIntegerArray open;
    private final int leaf;

    Branch(CountedCompleter<?> all, AtomicIntegerArray open, int leaf) {
      super(all);
      this.open = open;
      this.leaf = leaf;
    }

    @Override
    public void compute() {
      int at = leaf;
      do {
        positive = positive && eliminate(at);
        at = pattern.parent[at];
      } while (at >= 0 && open.decrementAndGet(at) == 0);
      tryComplete();
    }
  }

  /** All branches, from their leaves. */
  private final class Branches extends CountedCompleter<Void> {
    private static final long serialVersionUID = 1;

    @Override
    public void compute() {
      AtomicIntegerArray open = new AtomicIntegerArray(panels.length);
      for (int parent : pattern.parent) {
        if (parent >= 0) {
          open.incrementAndGet(parent);
        }
      }
      int[] leaves = IntStream.range(0, panels.length).filter(r -> open.get(r) == 0).toArray();
      setPendingCount(leaves.length);
      for (int leaf : leaves) {
        new Branch(this, open, leaf).fork();
      }
      tryComplete();
    }
  }

  private boolean eliminate(int run) {
    for (int updater : pattern.updaters[run]) {
      update(run, updater);
    }
    int width = width(run);
    int rows = rows(run);
    View panel = new View(panels[run], 0, width);
    for (int from = 0; from < width; from += STRIP) {
      int to = Math.min(width, from + STRIP);
      if (!factorStrip(panels[run], width, from, to, rows)) {
        return false;
      }
      updateTrailing(panel, from, to, width, rows);
    }
    return true;
  }

  /** Takes an earlier run's part off this one: {@code target -= A B^T}. */
  private void update(int run, int updater) {
    int[] places = pattern.below[updater];
    int found = Arrays.binarySearch(places, pattern.first[run]);
    int from = found < 0 ? -found - 1 : found;
    int to = from;
    while (to < places.length && places[to] < pattern.first[run + 1]) {
      to++;
    }
    int depth = width(updater);
    int m = (places.length - from) * size;
    int n = (to - from) * size;
    View a = new View(panels[updater], 0, depth).at((pattern.columns(updater) + from) * size, 0);
    double[] product = new double[m * n];
    View b = new View(Dense.negatedTransposed(a, n, depth), 0, n);
    Dense.addProduct(new View(product, 0, n), a, b, m, n, depth);
    scatter(run, places, from, to, product);
  }

  private void scatter(int run, int[] places, int from, int to, double[] product) {
    int n = (to - from) * size;
    int width = width(run);
    double[] panel = panels[run];
    int at = 0; // in the rows below this run
    int[] below = pattern.below[run];
    for (int k = from; k < places.length; k++) {
      int row;
      if (k < to) {
        row = (places[k] - pattern.first[run]) * size;
      } else {
        while (below[at] < places[k]) {
          at++;
        }
        row = (pattern.columns(run) + at) * size;
      }
      for (int i = 0; i < size; i++) {
        int source = ((k - from) * size + i) * n;
        int target = (row + i) * width;
        for (int c = from; c < to; c++) {
          int column = target + (places[c] - pattern.first[run]) * size;
          for (int j = 0; j < size; j++) {
            panel[column + j] += product[source + (c - from) * size + j];
          }
        }
      }
    }
  }

  private static boolean factorStrip(double[] p, int width, int from, int to, int rows) {
    for (int i = from; i < rows; i++) {
      int at = i * width;
      for (int j = from; j < Math.min(to, i); j++) {
        double sum = p[at + j];
        int other = j * width;
        for (int k = from; k < j; k++) {
          sum -= p[at + k] * p[other + k];
        }
        p[at + j] = sum / p[other + j];
      }
      if (i < to) {
        double pivot = p[at + i];
        double floor = SINGULAR_PIVOT * Math.abs(pivot);
        for (int k = from; k < i; k++) {
          pivot -= p[at + k] * p[at + k];
        }
        if (!(pivot > floor)) {
          return false;
        }
        p[at + i] = Math.sqrt(pivot);
      }
    }
    return true;
  }

  private static void updateTrailing(View panel, int from, int to, int width, int rows) {
    int left = width - to;
    if (left == 0) {
      return;
    }
    View b = new View(Dense.negatedTransposed(panel.at(to, from), left, to - from), 0, left);
    double[] strip = new double[(rows - to) * (to - from)]; // apart from what is written
    for (int i = to; i < rows; i++) {
      System.arraycopy(panel.array, i * width + from, strip, (i - to) * (to - from), to - from);
    }
    View a = new View(strip, 0, to - from);
    for (int c = to; c < width; c += TRAILING) { // rows above a column's diagonal mean nothing
      int n = Math.min(TRAILING, width - c);
      Dense.addProduct(panel.at(c, c), a.at(c - to, 0), b.at(0, c - to), rows - c, n, to - from);
    }
  }

  private void forward(int run, double[] x) {
    double[] p = panels[run];
    int width = width(run);
    int start = pattern.first[run] * size;
    for (int i = 0; i < width; i++) {
      double sum = x[start + i];
      for (int j = 0; j < i; j++) {
        sum -= p[i * width + j] * x[start + j];
      }
      x[start + i] = sum / p[i * width + i];
    }
    for (int r = width; r < rows(run); r++) {
      double sum = 0;
      for (int j = 0; j < width; j++) {
        sum += p[r * width + j] * x[start + j];
      }
      x[below(run, r)] -= sum;
    }
  }

  private void backward(int run, double[] x) {
    double[] p = panels[run];
    int width = width(run);
    int start = pattern.first[run] * size;
    for (int r = width; r < rows(run); r++) {
      double value = x[below(run, r)];
      for (int j = 0; j < width; j++) {
        x[start + j] -= p[r * width + j] * value;
      }
    }
    for (int i = width - 1; i >= 0; i--) {
      x[start + i] /= p[i * width + i];
      double value = x[start + i];
      for (int j = 0; j < i; j++) {
        x[start + j] -= p[i * width + j] * value;
      }
    }
  }

  /** Index in a vector of row r of a panel, one of those below the run. */
  private int below(int run, int r) {
    int block = r / size - pattern.columns(run);
    return pattern.below[run][block] * size + r % size;
  }

  /**
   * Replaces a run's panel of L by that of the inverse Z. With D the run's own triangle, B the rows
   * below it and Y = B D^-1:
   *
   * <pre>Z_below = -Z_rows Y,   Z_own = D^-T D^-1 - Y^T Z_below</pre>
   */
  private void invert(int run) {
    int width = width(run);
    int m = rows(run) - width;
    double[] panel = panels[run];
    View d = new View(invertedTriangle(panel, width), 0, width);
    double[] own = new double[width * width];
    View dMinusTransposed = new View(Dense.negatedTransposed(d, width, width), 0, width);
    Dense.addProduct(new View(own, 0, width), dMinusTransposed, d, width, width, width);
    for (int i = 0; i < own.length; i++) {
      own[i] = -own[i];
    }
    double[] y = new double[m * width];
    Dense.addProduct(
        new View(y, 0, width), new View(panel, width * width, width), d, m, width, width);
    double[] minusYTransposed = Dense.negatedTransposed(new View(y, 0, width), m, width);
    for (int i = 0; i < y.length; i++) {
      y[i] = -y[i];
    }
    double[] zBelow = new double[m * width];
    View rowsOfZ = new View(inverseRows(run), 0, m);
    Dense.addProduct(new View(zBelow, 0, width), rowsOfZ, new View(y, 0, width), m, width, m);
    Dense.addProduct(
        new View(own, 0, width),
        new View(minusYTransposed, 0, m),
        new View(zBelow, 0, width),
        width,
        width,
        m);
    System.arraycopy(own, 0, panel, 0, own.length);
    System.arraycopy(zBelow, 0, panel, own.length, zBelow.length);
  }

  private static double[] invertedTriangle(double[] panel, int width) {
    double[] inverse = new double[width * width];
    double[] row = new double[width];
    for (int i = 0; i < width; i++) {
      Arrays.fill(row, 0);
      for (int k = 0; k < i; k++) {
        double lik = panel[i * width + k];
        for (int j = 0; j <= k; j++) {
          row[j] -= lik * inverse[k * width + j];
        }
      }
      for (int j = 0; j < i; j++) {
        inverse[i * width + j] = row[j] / panel[i * width + i];
      }
      inverse[i * width + i] = 1 / panel[i * width + i];
    }
    return inverse;
  }

  /** The inverse among the rows below a run, gathered from the panels to its right. */
  private double[] inverseRows(int run) {
    int[] places = pattern.below[run];
    int m = places.length * size;
    double[] z = new double[m * m];
    for (int c = 0; c < places.length; c++) {
      int of = pattern.runOf[places[c]];
      int width = width(of);
      int column = (places[c] - pattern.first[of]) * size;
      int[] below = pattern.below[of];
      int at = 0;
      for (int r = c; r < places.length; r++) {
        int row;
        if (places[r] < pattern.first[of + 1]) {
          row = (places[r] - pattern.first[of]) * size;
        } else {
          while (below[at] < places[r]) {
            at++;
          }
          row = (pattern.columns(of) + at) * size;
        }
        for (int i = 0; i < size; i++) {
          for (int j = 0; j < size; j++) {
            double value = panels[of][(row + i) * width + column + j];
            z[(r * size + i) * m + c * size + j] = value;
            z[(c * size + j) * m + r * size + i] = value;
          }
        }
      }
    }
    return z;
  }
}
