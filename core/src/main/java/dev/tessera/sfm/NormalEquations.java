package dev.tessera.sfm;

import java.util.Arrays;

/**
 * The equations of one step of {@link BundleAdjustment}, {@code J^T W J delta = -J^T W r}, with the
 * points eliminated. The points are dealt to {@value #BLOCKS} blocks that are worked on
 * independently.
 *
 * <pre>S = U - sum_p W_p V_p^-1 W_p^T,   rhs = -g_c + sum_p W_p V_p^-1 g_p
 * delta_p = V_p^-1 (-g_p - W_p^T delta_c)</pre>
 *
 * U couples cameras and intrinsics, V a point with itself, W_p cameras and intrinsics with point p.
 */
final class NormalEquations {
  /** More than the cores of most machines; each block costs one matrix of the system's size. */
  static final int BLOCKS = 8;

  /** Pixel error that a point behind a camera is charged with. */
  private static final double BEHIND_PIXELS = 1000;

  private static final int LENS = BundleProblem.INTRINSICS;

  /** Per observation: camera (6, 3), then intrinsics (5, 3) times point. */
  private static final int COUPLING = 18 + 3 * LENS;

  /** Intrinsics times point. */
  private static final int GROUP = 3 * LENS;

  private static final double LEAST_DIAGONAL = 1e-12;

  private final BundleProblem p;
  private final double huber;
  private final double positionHuber;
  private final int size;
  private final int[] columnOfCamera; // (C) -1 = fixed
  private final int[] columnOfGroup; // (G) -1 = fixed
  private final int[] blockBegin; // (BLOCKS + 1) points
  private final double[] coupling; // (M, 33)
  private final double[] pointHessian; // (P, 6) upper triangle of V
  private final double[] pointGradient; // (P, 3)
  private final double[] pointInverse; // (P, 6) of the damped V
  private final EquationBlock[] blocks = new EquationBlock[BLOCKS];

  NormalEquations(BundleProblem problem, double huberPixels, double positionHuber) {
    this.p = problem;
    this.huber = huberPixels;
    this.positionHuber = positionHuber;
    columnOfCamera = new int[p.cameras()];
    columnOfGroup = new int[p.groups()];
    int column = 0;
    for (int c = 0; c < p.cameras(); c++) {
      columnOfCamera[c] = p.fixedCamera[c] ? -1 : column;
      column += p.fixedCamera[c] ? 0 : 6;
    }
    for (int g = 0; g < p.groups(); g++) {
      boolean free = false;
      for (int i = 0; i < LENS; i++) {
        free |= p.intrinsicsSigma[LENS * g + i] != 0;
      }
      columnOfGroup[g] = free ? column : -1;
      column += free ? LENS : 0;
    }
    size = column;
    blockBegin = split(p);
    coupling = new double[COUPLING * p.observations()];
    pointHessian = new double[6 * p.points()];
    pointGradient = new double[3 * p.points()];
    pointInverse = new double[6 * p.points()];
    for (int b = 0; b < BLOCKS; b++) {
      blocks[b] = new EquationBlock(p.cameras(), p.groups(), size);
    }
  }

  /** Cuts the points into blocks of about equally many observations. */
  private static int[] split(BundleProblem p) {
    int[] begin = new int[BLOCKS + 1];
    int at = 0;
    for (int b = 0; b < BLOCKS; b++) {
      long target = (long) p.observations() * b / BLOCKS;
      while (at < p.points() && p.start[at] < target) {
        at++;
      }
      begin[b] = at;
    }
    begin[BLOCKS] = p.points();
    return begin;
  }

  /** Unknowns left after the points are eliminated. */
  int size() {
    return size;
  }

  double costOfBlock(int b) {
    double sum = 0;
    for (int i = blockBegin[b]; i < blockBegin[b + 1]; i++) {
      for (int o = p.start[i]; o < p.start[i + 1]; o++) {
        int c = p.camera[o];
        double error2 =
            Projection.squaredError(
                p.rotation,
                p.center,
                c,
                p.intrinsics,
                p.groupOf[c],
                p.point,
                i,
                p.pixel[2 * o],
                p.pixel[2 * o + 1]);
        sum += loss(Math.min(Math.sqrt(error2), BEHIND_PIXELS), huber);
      }
    }
    return sum;
  }

  private static double loss(double length, double huber) {
    return length <= huber ? length * length : huber * (2 * length - huber);
  }

  double costOfPriors() {
    double sum = 0;
    for (int i = 0; i < p.intrinsics.length; i++) {
      double sigma = p.intrinsicsSigma[i];
      if (sigma > 0) {
        double z = (p.intrinsics[i] - p.intrinsicsPrior[i]) / sigma;
        sum += z * z;
      }
    }
    for (int c = 0; c < p.cameras(); c++) {
      if (hasPrior(c)) {
        sum += loss(positionOffsetSigmas(c), positionHuber);
      }
    }
    return sum;
  }

  private boolean hasPrior(int camera) {
    return !p.fixedCamera[camera] && !Double.isNaN(p.positionPrior[3 * camera]);
  }

  private double positionOffsetSigmas(int camera) {
    double sum = 0;
    for (int i = 3 * camera; i < 3 * camera + 3; i++) {
      double z = (p.center[i] - p.positionPrior[i]) / p.positionSigma[i];
      sum += z * z;
    }
    return Math.sqrt(sum);
  }

  /** Derivatives at the present unknowns, summed into U, V, W and gradients. */
  void linearizeBlock(int b) {
    EquationBlock block = blocks[b];
    block.clear();
    for (int i = blockBegin[b]; i < blockBegin[b + 1]; i++) {
      Arrays.fill(pointHessian, 6 * i, 6 * i + 6, 0);
      Arrays.fill(pointGradient, 3 * i, 3 * i + 3, 0);
      for (int o = p.start[i]; o < p.start[i + 1]; o++) {
        if (Projection.linearize(p, i, o, block.jacobian)) {
          weigh(block.jacobian, p.groupOf[p.camera[o]]);
          addPoint(block.jacobian, i);
          block.add(p.camera[o], p.groupOf[p.camera[o]]);
          couple(block.jacobian, o);
        } else {
          Arrays.fill(coupling, COUPLING * o, COUPLING * (o + 1), 0);
        }
      }
    }
  }

  /** Multiplies by the square root of Huber's weight; clears what is held fixed. */
  private void weigh(double[] j, int group) {
    double length = Math.sqrt(j[0] * j[0] + j[1] * j[1]);
    if (length > huber) {
      double root = Math.sqrt(huber / length);
      for (int i = 0; i < j.length; i++) {
        j[i] *= root;
      }
    }
    for (int i = 0; i < LENS; i++) {
      if (p.intrinsicsSigma[LENS * group + i] == 0) {
        j[Projection.INTRINSICS + i] = 0;
        j[Projection.INTRINSICS + LENS + i] = 0;
      }
    }
  }

  private void addPoint(double[] j, int i) {
    int q = Projection.POINT;
    int at = 6 * i;
    for (int row = 0; row < 3; row++) {
      for (int col = row; col < 3; col++) {
        pointHessian[at++] += j[q + row] * j[q + col] + j[q + 3 + row] * j[q + 3 + col];
      }
      pointGradient[3 * i + row] += j[q + row] * j[0] + j[q + 3 + row] * j[1];
    }
  }

  private void couple(double[] j, int o) {
    int q = Projection.POINT;
    int to = COUPLING * o;
    for (int row = 0; row < 6 + LENS; row++) {
      int x = row < 6 ? Projection.CAMERA + row : Projection.INTRINSICS + row - 6;
      int y = x + (row < 6 ? 6 : LENS);
      for (int col = 0; col < 3; col++) {
        coupling[to++] = j[x] * j[q + col] + j[y] * j[q + 3 + col];
      }
    }
  }

  /** Eliminates the points of a block for the given damping. */
  void reduceBlock(int b, double damping) {
    EquationBlock block = blocks[b];
    Arrays.fill(block.schur, 0);
    Arrays.fill(block.schurRhs, 0);
    for (int i = blockBegin[b]; i < blockBegin[b + 1]; i++) {
      Symmetric3.invertDamped(pointHessian, pointInverse, 6 * i, damping);
      reducePoint(block, i);
    }
  }

  private void reducePoint(EquationBlock block, int i) {
    for (int k = p.start[i]; k < p.start[i + 1]; k++) {
      int group = p.groupOf[p.camera[k]];
      Arrays.fill(block.groupCoupling, GROUP * group, GROUP * (group + 1), 0);
    }
    for (int k = p.start[i]; k < p.start[i + 1]; k++) {
      int group = p.groupOf[p.camera[k]];
      for (int e = 0; e < GROUP; e++) {
        block.groupCoupling[GROUP * group + e] += coupling[COUPLING * k + 18 + e];
      }
    }
    for (int k = p.start[i]; k < p.start[i + 1]; k++) {
      if (columnOfCamera[p.camera[k]] >= 0) {
        reduceCamera(block, i, k);
      }
    }
    for (int k = p.start[i]; k < p.start[i + 1]; k++) {
      if (isFirstOfGroup(i, k) && columnOfGroup[p.groupOf[p.camera[k]]] >= 0) {
        reduceGroup(block, i, k);
      }
    }
  }

  private boolean isFirstOfGroup(int i, int k) {
    for (int l = p.start[i]; l < k; l++) {
      if (p.groupOf[p.camera[l]] == p.groupOf[p.camera[k]]) {
        return false;
      }
    }
    return true;
  }

  private void reduceCamera(EquationBlock block, int i, int k) {
    double[] y = block.scaled; // (6, 3) W V^-1
    Symmetric3.multiplyRows(coupling, COUPLING * k, 6, pointInverse, 6 * i, y);
    int row = columnOfCamera[p.camera[k]];
    for (int e = 0; e < 6; e++) {
      block.schurRhs[row + e] += dot3(y, 3 * e, pointGradient, 3 * i);
    }
    for (int l = k; l < p.start[i + 1]; l++) {
      int column = columnOfCamera[p.camera[l]];
      if (column >= 0) {
        addProduct(block.schur, row, column, y, 6, coupling, COUPLING * l, 6);
      }
    }
    for (int l = p.start[i]; l < p.start[i + 1]; l++) {
      int group = p.groupOf[p.camera[l]];
      if (columnOfGroup[group] >= 0 && isFirstOfGroup(i, l)) {
        addProduct(
            block.schur, row, columnOfGroup[group], y, 6, block.groupCoupling, GROUP * group, LENS);
      }
    }
  }

  private void reduceGroup(EquationBlock block, int i, int k) {
    int group = p.groupOf[p.camera[k]];
    double[] y = block.groupScaled; // (5, 3)
    Symmetric3.multiplyRows(block.groupCoupling, GROUP * group, LENS, pointInverse, 6 * i, y);
    int row = columnOfGroup[group];
    for (int e = 0; e < LENS; e++) {
      block.schurRhs[row + e] += dot3(y, 3 * e, pointGradient, 3 * i);
    }
    for (int l = p.start[i]; l < p.start[i + 1]; l++) {
      int other = p.groupOf[p.camera[l]];
      if (columnOfGroup[other] >= row && isFirstOfGroup(i, l)) {
        addProduct(
            block.schur,
            row,
            columnOfGroup[other],
            y,
            LENS,
            block.groupCoupling,
            GROUP * other,
            LENS);
      }
    }
  }

  /** Adds Y W^T, (rows, 3) times (columns, 3) transposed, to a block of the system. */
  private void addProduct(
      double[] to, int row, int column, double[] y, int rows, double[] w, int at, int columns) {
    for (int a = 0; a < rows; a++) {
      double y0 = y[3 * a];
      double y1 = y[3 * a + 1];
      double y2 = y[3 * a + 2];
      int target = (row + a) * size + column;
      for (int c = 0, from = at; c < columns; c++, from += 3) {
        to[target + c] += y0 * w[from] + y1 * w[from + 1] + y2 * w[from + 2];
      }
    }
  }

  private static double dot3(double[] a, int i, double[] b, int j) {
    return a[i] * b[j] + a[i + 1] * b[j + 1] + a[i + 2] * b[j + 2];
  }

  /**
   * Sums the blocks for a share of the rows into the whole symmetric matrix and the right side,
   * adds priors and damping.
   */
  void sumRows(int share, double damping, double[] matrix, double[] rhs) {
    for (int c = 0; c < p.cameras(); c++) {
      if (columnOfCamera[c] >= 0 && c % BLOCKS == share) {
        sumCamera(c, damping, matrix, rhs);
      }
    }
    for (int g = 0; g < p.groups(); g++) {
      if (columnOfGroup[g] >= 0 && g % BLOCKS == share) {
        sumGroup(g, damping, matrix, rhs);
      }
    }
  }

  private void sumCamera(int c, double damping, double[] matrix, double[] rhs) {
    int first = columnOfCamera[c];
    int groupColumn = columnOfGroup[p.groupOf[c]];
    double priorWeight =
        hasPrior(c) ? Math.min(1, positionHuber / Math.max(positionOffsetSigmas(c), 1e-12)) : 0;
    for (int e = 0; e < 6; e++) {
      int row = first + e;
      double gradient = subtractSchur(row, matrix);
      for (EquationBlock block : blocks) {
        for (int col = e; col < 6; col++) {
          matrix[row * size + first + col] += block.cameraHessian[36 * c + 6 * e + col];
        }
        for (int col = 0; col < LENS && groupColumn >= 0; col++) {
          matrix[row * size + groupColumn + col] += block.mixedHessian[LENS * (6 * c + e) + col];
        }
        gradient -= block.cameraGradient[6 * c + e];
      }
      double diagonal = 0;
      for (EquationBlock block : blocks) {
        diagonal += block.cameraHessian[36 * c + 7 * e];
      }
      if (e >= 3 && priorWeight > 0) {
        int axis = 3 * c + e - 3;
        double weight = priorWeight / (p.positionSigma[axis] * p.positionSigma[axis]);
        matrix[row * size + row] += weight;
        diagonal += weight;
        gradient -= weight * (p.center[axis] - p.positionPrior[axis]);
      }
      finishRow(row, damping * diagonal, gradient, matrix, rhs);
    }
  }

  private void sumGroup(int g, double damping, double[] matrix, double[] rhs) {
    for (int e = 0; e < LENS; e++) {
      int row = columnOfGroup[g] + e;
      double gradient = subtractSchur(row, matrix);
      double diagonal = 0;
      for (EquationBlock block : blocks) {
        for (int col = e; col < LENS; col++) {
          matrix[row * size + columnOfGroup[g] + col] +=
              block.groupHessian[LENS * (LENS * g + e) + col];
        }
        diagonal += block.groupHessian[LENS * (LENS * g + e) + e];
        gradient -= block.groupGradient[LENS * g + e];
      }
      double sigma = p.intrinsicsSigma[LENS * g + e];
      if (sigma == 0) {
        matrix[row * size + row] = 1;
      } else {
        double weight = 1 / (sigma * sigma);
        matrix[row * size + row] += weight;
        diagonal += weight;
        gradient -= weight * (p.intrinsics[LENS * g + e] - p.intrinsicsPrior[LENS * g + e]);
      }
      finishRow(row, damping * diagonal, gradient, matrix, rhs);
    }
  }

  private double subtractSchur(int row, double[] matrix) {
    double gradient = 0;
    int from = row * size + row;
    int to = (row + 1) * size;
    for (EquationBlock block : blocks) {
      for (int i = from; i < to; i++) {
        matrix[i] -= block.schur[i];
      }
      gradient += block.schurRhs[row];
    }
    return gradient;
  }

  private void finishRow(int row, double damped, double gradient, double[] matrix, double[] rhs) {
    matrix[row * size + row] += damped + LEAST_DIAGONAL;
    rhs[row] = gradient;
    for (int column = row + 1; column < size; column++) {
      matrix[column * size + row] = matrix[row * size + column];
    }
  }

  /** Moves the points of a block along with the cameras' step. */
  void movePoints(int b, double[] delta) {
    double[] g = new double[3];
    for (int i = blockBegin[b]; i < blockBegin[b + 1]; i++) {
      for (int e = 0; e < 3; e++) {
        g[e] = -pointGradient[3 * i + e];
      }
      for (int o = p.start[i]; o < p.start[i + 1]; o++) {
        int camera = columnOfCamera[p.camera[o]];
        int group = columnOfGroup[p.groupOf[p.camera[o]]];
        subtractTransposed(g, COUPLING * o, camera, 6, delta);
        subtractTransposed(g, COUPLING * o + 18, group, LENS, delta);
      }
      Symmetric3.addProduct(pointInverse, 6 * i, g, p.point, 3 * i);
    }
  }

  private void subtractTransposed(double[] g, int at, int column, int rows, double[] delta) {
    for (int row = 0; column >= 0 && row < rows; row++) {
      double d = delta[column + row];
      for (int e = 0; e < 3; e++) {
        g[e] -= coupling[at + 3 * row + e] * d;
      }
    }
  }

  /** Moves cameras and intrinsics. */
  void moveCameras(double[] delta) {
    for (int c = 0; c < p.cameras(); c++) {
      int column = columnOfCamera[c];
      if (column >= 0) {
        Rotations.perturbLeft(
            p.rotation, 9 * c, delta[column], delta[column + 1], delta[column + 2]);
        for (int e = 0; e < 3; e++) {
          p.center[3 * c + e] += delta[column + 3 + e];
        }
      }
    }
    for (int g = 0; g < p.groups(); g++) {
      for (int e = 0; columnOfGroup[g] >= 0 && e < LENS; e++) {
        if (p.intrinsicsSigma[LENS * g + e] != 0) {
          p.intrinsics[LENS * g + e] += delta[columnOfGroup[g] + e];
        }
      }
    }
  }
}
