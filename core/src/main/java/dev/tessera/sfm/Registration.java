package dev.tessera.sfm;

import dev.tessera.imagery.MatScope;
import java.io.Serializable;
import java.util.Arrays;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfDouble;
import org.opencv.core.MatOfPoint2f;
import org.opencv.core.MatOfPoint3f;

/**
 * Finds the pose of a view from the points of the model that it sees: three-point pose (AP3P, Ke
 * and Roumeliotis, CVPR 2017) in RANSAC with a fixed seed, then least squares on the inliers.
 */
final class Registration {
  private static final double CONFIDENCE = 0.9999;

  private Registration() {}

  /**
   * @param minInliers fewer points than this do not fix a pose
   * @param minInlierRatio least share of the view's points that must agree
   * @param maxErrorPixels largest reprojection error of an inlier, working pixels
   * @param maxTrials of RANSAC
   */
  record Config(int minInliers, double minInlierRatio, double maxErrorPixels, int maxTrials)
      implements Serializable {
    static Config defaults() {
      return new Config(30, 0.25, 4, 2000);
    }

    /** For views that nothing else registers, at the end. */
    Config looser() {
      return new Config(minInliers / 2, minInlierRatio * 0.6, 1.5 * maxErrorPixels, 4 * maxTrials);
    }
  }

  /**
   * A pose, or none ({@code rotation} null).
   *
   * @param inliers points that agree
   * @param points points that the view sees
   */
  record Result(double[] rotation, double[] center, int inliers, int points) {
    boolean found() {
      return rotation != null;
    }
  }

  /** Reads the model, does not change it. */
  static Result register(Reconstruction r, int view, Config config) {
    int[] seen =
        Arrays.stream(r.input.tracks().observationsOf(view))
            .filter(o -> r.hasPoint[r.trackOf(o)])
            .toArray();
    if (seen.length < config.minInliers) {
      return new Result(null, null, 0, seen.length);
    }
    float[] world = new float[3 * seen.length];
    float[] image = new float[2 * seen.length];
    double[] xy = new double[2];
    double focal = r.intrinsics[BundleProblem.INTRINSICS * r.input.groupOf()[view]];
    for (int i = 0; i < seen.length; i++) {
      for (int e = 0; e < 3; e++) {
        world[3 * i + e] = (float) r.point[3 * r.trackOf(seen[i]) + e];
      }
      r.normalized(seen[i], xy);
      image[2 * i] = (float) (focal * xy[0]);
      image[2 * i + 1] = (float) (focal * xy[1]);
    }
    return solve(world, image, focal, config);
  }

  private static Result solve(float[] world, float[] image, double focal, Config config) {
    int count = image.length / 2;
    try (MatScope scope = new MatScope()) {
      Mat camera = scope.own(Mat.eye(3, 3, CvType.CV_64F));
      camera.put(0, 0, focal);
      camera.put(1, 1, focal);
      MatOfDouble straight = scope.own(new MatOfDouble());
      Mat turn = scope.empty();
      Mat shift = scope.empty();
      Mat inliers = scope.empty();
      boolean found =
          Calib3d.solvePnPRansac(
              points3(scope, world),
              points2(scope, image),
              camera,
              straight,
              turn,
              shift,
              false,
              config.maxTrials,
              (float) config.maxErrorPixels,
              CONFIDENCE,
              inliers,
              Calib3d.SOLVEPNP_AP3P);
      int agreeing = (int) inliers.total();
      if (!found || agreeing < config.minInliers || agreeing < config.minInlierRatio * count) {
        return new Result(null, null, found ? agreeing : 0, count);
      }
      int[] kept = new int[agreeing];
      inliers.get(0, 0, kept);
      Calib3d.solvePnPRefineLM(
          points3(scope, pick(world, kept, 3)),
          points2(scope, pick(image, kept, 2)),
          camera,
          straight,
          turn,
          shift);
      return pose(scope, turn, shift, agreeing, count);
    }
  }

  private static Result pose(MatScope scope, Mat turn, Mat shift, int inliers, int points) {
    Mat matrix = scope.empty();
    Calib3d.Rodrigues(turn, matrix);
    double[] rotation = new double[9];
    double[] t = new double[3];
    matrix.get(0, 0, rotation);
    shift.get(0, 0, t);
    double[] center = new double[3];
    for (int e = 0; e < 3; e++) {
      center[e] = -(rotation[e] * t[0] + rotation[3 + e] * t[1] + rotation[6 + e] * t[2]);
      if (!Double.isFinite(center[e])) {
        return new Result(null, null, 0, points);
      }
    }
    return new Result(rotation, center, inliers, points);
  }

  private static float[] pick(float[] rows, int[] kept, int width) {
    float[] picked = new float[width * kept.length];
    for (int i = 0; i < kept.length; i++) {
      System.arraycopy(rows, width * kept[i], picked, width * i, width);
    }
    return picked;
  }

  private static MatOfPoint3f points3(MatScope scope, float[] xyz) {
    MatOfPoint3f points = scope.own(new MatOfPoint3f());
    points.alloc(xyz.length / 3);
    points.put(0, 0, xyz);
    return points;
  }

  private static MatOfPoint2f points2(MatScope scope, float[] xy) {
    MatOfPoint2f points = scope.own(new MatOfPoint2f());
    points.alloc(xy.length / 2);
    points.put(0, 0, xy);
    return points;
  }
}
