package dev.tessera.landmarks;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.imagery.MatScope;
import dev.tessera.imagery.OpenCv;
import java.util.Optional;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfDouble;
import org.opencv.core.MatOfPoint2f;
import org.opencv.core.MatOfPoint3f;

/**
 * The pose of a photo from the landmarks that it sees: three-point pose (AP3P, Ke and Roumeliotis,
 * CVPR 2017) in RANSAC with a fixed seed, then {@link PoseRefinement}. A focal length of which
 * little is known is first chosen from a row of them, by how many landmarks agree.
 */
public final class LandmarkPose {
  /** Largest reprojection error of an inlier, working pixels. */
  public static final double MAX_ERROR_PIXELS = 4;

  private static final double CONFIDENCE = 0.9999;
  private static final int MAX_TRIALS = 2000;
  private static final int LEAST_SIGHTINGS = 6;

  /** The row of focal lengths, as multiples of the guess: 16 from 0.4 to 3.6. */
  private static final double LEAST_FACTOR = 0.4;

  private static final double FACTOR_STEP = 1.158;
  private static final int FACTORS = 16;
  private static final int TRIALS_PER_FACTOR = 300;

  /** Between two of them half a step of focal length is left, which is this many times an error. */
  private static final double COARSENESS = 2;

  private LandmarkPose() {}

  /** The pose that most sightings agree on; none if there is none at all. */
  public static Optional<PoseEstimate> of(Sightings seen, LensGuess guess) {
    if (seen.count() < LEAST_SIGHTINGS) {
      return Optional.empty();
    }
    LensGuess lens = guess.isVague() ? searched(seen, guess) : guess;
    try (MatScope scope = new MatScope()) {
      Consensus consensus = new Consensus(scope, seen, lens.intrinsics());
      if (!consensus.seek(MAX_TRIALS, guess.isVague() ? COARSENESS : 1)) {
        return Optional.empty();
      }
      return PoseRefinement.run(seen, lens, consensus.rotation(), consensus.translation());
    }
  }

  private static LensGuess searched(Sightings seen, LensGuess guess) {
    LensGuess best = guess;
    int most = 0;
    double factor = LEAST_FACTOR;
    for (int i = 0; i < FACTORS; i++) {
      LensGuess tried = guess.scaled(factor);
      try (MatScope scope = new MatScope()) {
        Consensus consensus = new Consensus(scope, seen, tried.intrinsics());
        if (consensus.seek(TRIALS_PER_FACTOR, COARSENESS) && consensus.inliers > most) {
          most = consensus.inliers;
          best = tried;
        }
      }
      factor *= FACTOR_STEP;
    }
    return best;
  }

  /** RANSAC under one lens. */
  private static final class Consensus {
    private final MatScope scope;
    private final MatOfPoint3f points;
    private final MatOfPoint2f pixels;
    private final Mat camera;
    private final Mat turn;
    private final Mat shift;
    private int inliers;

    Consensus(MatScope scope, Sightings seen, Intrinsics k) {
      OpenCv.ensureLoaded();
      this.scope = scope;
      int count = seen.count();
      double focal = k.focalPixels() / seen.originalPerWorkingPixel();
      float[] xyz = new float[3 * count];
      float[] xy = new float[2 * count];
      for (int i = 0; i < count; i++) {
        for (int e = 0; e < 3; e++) {
          xyz[3 * i + e] = (float) seen.points()[3 * i + e];
        }
        double[] ray = k.undistort(seen.pixels()[2 * i], seen.pixels()[2 * i + 1]);
        xy[2 * i] = (float) (focal * ray[0]);
        xy[2 * i + 1] = (float) (focal * ray[1]);
      }
      points = scope.own(new MatOfPoint3f());
      points.alloc(count);
      points.put(0, 0, xyz);
      pixels = scope.own(new MatOfPoint2f());
      pixels.alloc(count);
      pixels.put(0, 0, xy);
      camera = scope.own(Mat.eye(3, 3, CvType.CV_64F));
      camera.put(0, 0, focal);
      camera.put(1, 1, focal);
      turn = scope.empty();
      shift = scope.empty();
    }

    boolean seek(int trials, double coarseness) {
      Mat agreeing = scope.empty();
      boolean found =
          Calib3d.solvePnPRansac(
              points,
              pixels,
              camera,
              scope.own(new MatOfDouble()),
              turn,
              shift,
              false,
              trials,
              (float) (MAX_ERROR_PIXELS * coarseness),
              CONFIDENCE,
              agreeing,
              Calib3d.SOLVEPNP_AP3P);
      inliers = (int) agreeing.total();
      return found;
    }

    double[] rotation() {
      Mat matrix = scope.empty();
      Calib3d.Rodrigues(turn, matrix);
      double[] rotation = new double[9];
      matrix.get(0, 0, rotation);
      return rotation;
    }

    double[] translation() {
      double[] t = new double[3];
      shift.get(0, 0, t);
      return t;
    }
  }
}
