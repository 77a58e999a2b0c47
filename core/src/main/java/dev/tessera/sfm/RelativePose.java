package dev.tessera.sfm;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.MatScope;
import java.util.Arrays;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfPoint2f;

/**
 * Pose of the second camera of a pair with respect to the first, which sits at the origin.
 *
 * @param rotation nine numbers, second camera from first
 * @param center centre of the second camera in the first, unit length
 * @param inFront matches that lie in front of both
 * @param medianAngleDegrees between the rays of those matches
 * @param medianDepthInFirst of those matches' points, in baselines
 * @param medianDepthInSecond the same along the second camera's axis
 */
record RelativePose(
    double[] rotation,
    double[] center,
    int inFront,
    double medianAngleDegrees,
    double medianDepthInFirst,
    double medianDepthInSecond) {
  private static final double CONFIDENCE = 0.9999;
  private static final double MAX_ERROR_PIXELS = 2;

  /** The pose that fits the verified matches of pair p best, or null if there is none. */
  static RelativePose estimate(MappingInput input, int p, Features[] features, double[] focals) {
    ViewPair pair = input.pairs().get(p);
    VerifiedPair matches = input.verified().get(p);
    double focalA = focals[input.groupOf()[pair.a()]];
    double focalB = focals[input.groupOf()[pair.b()]];
    double[] xyA = new double[2 * matches.count()];
    double[] xyB = new double[2 * matches.count()];
    for (int m = 0; m < matches.count(); m++) {
      WorkingCamera a = input.cameras()[pair.a()];
      WorkingCamera b = input.cameras()[pair.b()];
      xyA[2 * m] = a.x(features[pair.a()], matches.featureOfA(m)) / focalA;
      xyA[2 * m + 1] = a.y(features[pair.a()], matches.featureOfA(m)) / focalA;
      xyB[2 * m] = b.x(features[pair.b()], matches.featureOfB(m)) / focalB;
      xyB[2 * m + 1] = b.y(features[pair.b()], matches.featureOfB(m)) / focalB;
    }
    return estimate(xyA, xyB, Math.sqrt(focalA * focalB));
  }

  private static RelativePose estimate(double[] xyA, double[] xyB, double focal) {
    try (MatScope scope = new MatScope()) {
      MatOfPoint2f a = PairVerifier.points(scope, xyA, 1);
      MatOfPoint2f b = PairVerifier.points(scope, xyB, 1);
      Mat camera = scope.own(Mat.eye(3, 3, CvType.CV_64F));
      Mat inliers = scope.empty();
      Mat essential =
          scope.own(
              Calib3d.findEssentialMat(
                  a,
                  b,
                  camera,
                  Calib3d.USAC_MAGSAC,
                  CONFIDENCE,
                  MAX_ERROR_PIXELS / focal,
                  5000,
                  inliers));
      if (essential.rows() < 3) {
        return null;
      }
      Mat first = scope.own(essential.rowRange(0, 3));
      Mat rotation = scope.empty();
      Mat translation = scope.empty();
      Calib3d.recoverPose(first, a, b, camera, rotation, translation, inliers);
      double[] r = new double[9];
      double[] t = new double[3];
      rotation.get(0, 0, r);
      translation.get(0, 0, t);
      byte[] mask = new byte[(int) inliers.total()];
      inliers.get(0, 0, mask);
      return of(r, t, xyA, xyB, mask);
    }
  }

  private static RelativePose of(
      double[] r, double[] t, double[] xyA, double[] xyB, byte[] inFront) {
    double[] center = new double[3];
    for (int e = 0; e < 3; e++) {
      center[e] = -(r[e] * t[0] + r[3 + e] * t[1] + r[6 + e] * t[2]);
    }
    double[][] found = new double[3][inFront.length];
    int count = 0;
    for (int m = 0; m < inFront.length; m++) {
      if (inFront[m] != 0) {
        double ax = xyA[2 * m];
        double ay = xyA[2 * m + 1];
        double bx = xyB[2 * m];
        double by = xyB[2 * m + 1];
        found[0][count] = angleDegrees(r, ax, ay, bx, by);
        found[1][count] = depth(new Vec3(ax, ay, 1), inFirst(r, bx, by), center);
        found[2][count] = depth(inFirst(r, bx, by), new Vec3(ax, ay, 1), center);
        count++;
      }
    }
    if (count == 0) {
      return null;
    }
    return new RelativePose(
        r,
        center,
        count,
        median(found[0], count),
        median(found[1], count),
        median(found[2], count));
  }

  private static double median(double[] values, int count) {
    return RobustScale.median(Arrays.copyOf(values, count));
  }

  private static Vec3 inFirst(double[] r, double bx, double by) {
    return new Vec3(
        r[0] * bx + r[3] * by + r[6], r[1] * bx + r[4] * by + r[7], r[2] * bx + r[5] * by + r[8]);
  }

  /** How many times {@code ray} fits between the camera and the other ray, centres apart by c. */
  private static double depth(Vec3 ray, Vec3 other, double[] c) {
    Vec3 across = ray.cross(other);
    return Math.abs(new Vec3(c[0], c[1], c[2]).cross(other).dot(across) / across.dot(across));
  }

  /** Median depth along the first or the second camera's axis. */
  double medianDepth(boolean inFirst) {
    return inFirst ? medianDepthInFirst : medianDepthInSecond;
  }

  private static double angleDegrees(double[] r, double ax, double ay, double bx, double by) {
    Vec3 a = new Vec3(ax, ay, 1);
    Vec3 b = inFirst(r, bx, by);
    double cosine = a.dot(b) / (a.norm() * b.norm());
    return Math.toDegrees(Math.acos(Math.max(-1, Math.min(1, cosine))));
  }
}
