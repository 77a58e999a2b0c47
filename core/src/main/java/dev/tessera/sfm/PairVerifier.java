package dev.tessera.sfm;

import dev.tessera.imagery.MatScope;
import dev.tessera.imagery.OpenCv;
import java.io.Serializable;
import java.util.Arrays;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfPoint2f;

/**
 * Keeps the matches of a pair that one rigid motion explains. With focal lengths known from the
 * header the model is the essential matrix (five points, Nister 2004); where one is only assumed it
 * is the fundamental matrix, which no wrong focal length can spoil. Both by MAGSAC++ (Barath et
 * al., CVPR 2020) from a fixed seed, so that a pair's result depends on the pair alone.
 */
final class PairVerifier {
  private static final double CONFIDENCE = 0.9999;
  private static final int MAX_TRIALS = 5000;

  private final Config config;

  /**
   * @param minMatches fewer inliers than this do not make a pair
   * @param maxErrorPixels largest distance from the epipolar line, working pixels
   * @param maxHomographyErrorPixels the same for the homography that tests for flatness
   */
  public record Config(int minMatches, double maxErrorPixels, double maxHomographyErrorPixels)
      implements Serializable {
    public Config {
      if (minMatches < 8) {
        throw new IllegalArgumentException("A pair needs 8 matches at least, was " + minMatches);
      }
      if (!(maxErrorPixels > 0) || !(maxHomographyErrorPixels > 0)) {
        throw new IllegalArgumentException(
            "Pixel errors must be positive, were %s and %s"
                .formatted(maxErrorPixels, maxHomographyErrorPixels));
      }
    }

    public static Config defaults() {
      return new Config(15, 2, 3);
    }
  }

  PairVerifier(Config config) {
    this.config = config;
    OpenCv.ensureLoaded();
  }

  VerifiedPair verify(
      Features a, WorkingCamera cameraA, Features b, WorkingCamera cameraB, int[] matches) {
    if (matches.length / 2 < config.minMatches) {
      return VerifiedPair.NONE;
    }
    double[][] xy = new double[][] {new double[matches.length], new double[matches.length]};
    for (int m = 0; m < matches.length; m += 2) {
      xy[0][m] = cameraA.x(a, matches[m]);
      xy[0][m + 1] = cameraA.y(a, matches[m]);
      xy[1][m] = cameraB.x(b, matches[m + 1]);
      xy[1][m + 1] = cameraB.y(b, matches[m + 1]);
    }
    boolean assumed = cameraA.focalIsAssumed() || cameraB.focalIsAssumed();
    double focalA = assumed ? 1 : cameraA.priorFocal();
    double focalB = assumed ? 1 : cameraB.priorFocal();
    return verify(xy, assumed, focalA, focalB, matches);
  }

  private VerifiedPair verify(
      double[][] xy, boolean assumed, double focalA, double focalB, int[] matches) {
    double common = Math.sqrt(focalA * focalB);
    try (MatScope scope = new MatScope()) {
      MatOfPoint2f pointsA = points(scope, xy[0], common / focalA);
      MatOfPoint2f pointsB = points(scope, xy[1], common / focalB);
      Mat inliers = scope.empty();
      Mat model =
          assumed
              ? fundamental(scope, pointsA, pointsB, inliers)
              : essential(scope, pointsA, pointsB, common, inliers);
      if (model.rows() < 3 || inliers.empty()) {
        return VerifiedPair.NONE;
      }
      double[] f = new double[9];
      model.get(0, 0, f);
      for (int i = 0; i < 9; i++) {
        f[i] *= (i < 6 ? 1 / focalB : 1) * (i % 3 < 2 ? 1 / focalA : 1);
      }
      return keep(xy, matches, maskOf(inliers), f);
    }
  }

  private Mat fundamental(MatScope scope, MatOfPoint2f a, MatOfPoint2f b, Mat inliers) {
    return scope.own(
        Calib3d.findFundamentalMat(
            a, b, Calib3d.USAC_MAGSAC, config.maxErrorPixels, CONFIDENCE, MAX_TRIALS, inliers));
  }

  private Mat essential(MatScope scope, MatOfPoint2f a, MatOfPoint2f b, double focal, Mat inliers) {
    Mat camera = scope.own(Mat.eye(3, 3, CvType.CV_64F));
    camera.put(0, 0, focal);
    camera.put(1, 1, focal);
    return scope.own(
        Calib3d.findEssentialMat(
            a,
            b,
            camera,
            Calib3d.USAC_MAGSAC,
            CONFIDENCE,
            config.maxErrorPixels,
            MAX_TRIALS,
            inliers));
  }

  private VerifiedPair keep(double[][] xy, int[] matches, byte[] inlier, double[] fundamental) {
    int[] kept = new int[matches.length];
    double[][] keptXy = new double[][] {new double[matches.length], new double[matches.length]};
    int used = 0;
    for (int m = 0; m < matches.length; m += 2) {
      if (inlier[m / 2] != 0) {
        for (int side = 0; side < 2; side++) {
          keptXy[side][used] = xy[side][m];
          keptXy[side][used + 1] = xy[side][m + 1];
        }
        kept[used++] = matches[m];
        kept[used++] = matches[m + 1];
      }
    }
    if (used / 2 < config.minMatches) {
      return VerifiedPair.NONE;
    }
    int onHomography =
        homographyInliers(Arrays.copyOf(keptXy[0], used), Arrays.copyOf(keptXy[1], used));
    return new VerifiedPair(Arrays.copyOf(kept, used), fundamental, onHomography / (used / 2.0));
  }

  private int homographyInliers(double[] xyA, double[] xyB) {
    try (MatScope scope = new MatScope()) {
      Mat inliers = scope.empty();
      scope.own(
          Calib3d.findHomography(
              points(scope, xyA, 1),
              points(scope, xyB, 1),
              Calib3d.USAC_MAGSAC,
              config.maxHomographyErrorPixels,
              inliers,
              MAX_TRIALS,
              CONFIDENCE));
      int count = 0;
      for (byte in : maskOf(inliers)) {
        count += in;
      }
      return count;
    }
  }

  private static byte[] maskOf(Mat inliers) {
    byte[] mask = new byte[(int) inliers.total()];
    if (mask.length > 0) {
      inliers.get(0, 0, mask);
    }
    return mask;
  }

  static MatOfPoint2f points(MatScope scope, double[] xy, double scale) {
    MatOfPoint2f points = scope.own(new MatOfPoint2f());
    points.alloc(xy.length / 2);
    float[] flat = new float[xy.length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) (xy[i] * scale);
    }
    points.put(0, 0, flat);
    return points;
  }
}
