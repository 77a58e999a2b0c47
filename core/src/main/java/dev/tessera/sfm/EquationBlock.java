package dev.tessera.sfm;

import java.util.Arrays;

/**
 * What one block of points adds to the cameras' part of {@link NormalEquations}: the sums over its
 * observations, and the Schur complement of its points. C cameras, G groups.
 */
final class EquationBlock {
  private static final int LENS = BundleProblem.INTRINSICS;

  final double[] cameraHessian; // (C, 6, 6) upper triangle
  final double[] mixedHessian; // (C, 6, 5) camera by its group
  final double[] groupHessian; // (G, 5, 5) upper triangle
  final double[] cameraGradient; // (C, 6)
  final double[] groupGradient; // (G, 5)
  final double[] schur; // (size, size) upper triangle of sum W V^-1 W^T
  final double[] schurRhs; // (size)

  // Room for the observation and the point in hand.
  final double[] jacobian = new double[Projection.LENGTH];
  final double[] groupCoupling; // (G, 5, 3)
  final double[] groupScaled = new double[3 * LENS];
  final double[] scaled = new double[18];

  EquationBlock(int cameras, int groups, int size) {
    cameraHessian = new double[36 * cameras];
    mixedHessian = new double[6 * LENS * cameras];
    groupHessian = new double[LENS * LENS * groups];
    cameraGradient = new double[6 * cameras];
    groupGradient = new double[LENS * groups];
    schur = new double[size * size];
    schurRhs = new double[size];
    groupCoupling = new double[3 * LENS * groups];
  }

  void clear() {
    Arrays.fill(cameraHessian, 0);
    Arrays.fill(mixedHessian, 0);
    Arrays.fill(groupHessian, 0);
    Arrays.fill(cameraGradient, 0);
    Arrays.fill(groupGradient, 0);
  }

  /** Adds {@code J^T J} and {@code J^T r} of the observation in hand. */
  void add(int camera, int group) {
    double[] j = jacobian;
    int c = Projection.CAMERA;
    int k = Projection.INTRINSICS;
    for (int row = 0; row < 6; row++) {
      double jx = j[c + row];
      double jy = j[c + 6 + row];
      int to = 36 * camera + 6 * row;
      for (int col = row; col < 6; col++) {
        cameraHessian[to + col] += jx * j[c + col] + jy * j[c + 6 + col];
      }
      to = LENS * (6 * camera + row);
      for (int col = 0; col < LENS; col++) {
        mixedHessian[to + col] += jx * j[k + col] + jy * j[k + LENS + col];
      }
      cameraGradient[6 * camera + row] += jx * j[0] + jy * j[1];
    }
    for (int row = 0; row < LENS; row++) {
      for (int col = row; col < LENS; col++) {
        groupHessian[LENS * (LENS * group + row) + col] +=
            j[k + row] * j[k + col] + j[k + LENS + row] * j[k + LENS + col];
      }
      groupGradient[LENS * group + row] += j[k + row] * j[0] + j[k + LENS + row] * j[1];
    }
  }
}
