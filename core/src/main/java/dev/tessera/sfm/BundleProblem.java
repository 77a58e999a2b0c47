package dev.tessera.sfm;

/**
 * Unknowns and measurements of a bundle adjustment in flat arrays. C cameras, G groups of cameras
 * that share intrinsics, P points, M observations; the observations of point p are {@code start[p]}
 * to {@code start[p + 1]}, ascending in the camera, at most one per camera. Pixels are counted from
 * where the principal point is taken to be; px, py are by how much it is elsewhere. The solver
 * writes its result into the unknowns.
 */
final class BundleProblem {
  /** Intrinsics per group: focal length in pixels, k1, k2, and px, py in pixels. */
  static final int INTRINSICS = 5;

  final double[] rotation; // (C, 9) camera from world, row-major
  final double[] center; // (C, 3) in the world
  final boolean[] fixedCamera; // (C)
  final int[] groupOf; // (C)
  final double[] intrinsics; // (G, 5) f, k1, k2, px, py
  final double[] intrinsicsPrior; // (G, 5)
  final double[] intrinsicsSigma; // (G, 5) 0 = held fixed, infinity = no prior
  final double[] positionPrior; // (C, 3) NaN where there is none
  final double[] positionSigma; // (C, 3)
  final double[] point; // (P, 3) in the world
  final int[] start; // (P + 1)
  final int[] camera; // (M)
  final double[] pixel; // (M, 2) x, y

  BundleProblem(int cameras, int groups, int points, int observations) {
    rotation = new double[9 * cameras];
    center = new double[3 * cameras];
    fixedCamera = new boolean[cameras];
    groupOf = new int[cameras];
    intrinsics = new double[INTRINSICS * groups];
    intrinsicsPrior = new double[INTRINSICS * groups];
    intrinsicsSigma = new double[INTRINSICS * groups];
    positionPrior = new double[3 * cameras];
    java.util.Arrays.fill(positionPrior, Double.NaN);
    positionSigma = new double[3 * cameras];
    point = new double[3 * points];
    start = new int[points + 1];
    camera = new int[observations];
    pixel = new double[2 * observations];
  }

  int cameras() {
    return fixedCamera.length;
  }

  int groups() {
    return intrinsics.length / INTRINSICS;
  }

  int points() {
    return start.length - 1;
  }

  int observations() {
    return camera.length;
  }
}
