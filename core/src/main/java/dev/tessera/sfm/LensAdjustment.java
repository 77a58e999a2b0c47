package dev.tessera.sfm;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Adjusts the poses and points of a finished model to intrinsics that are given and stay. */
final class LensAdjustment {
  private static final int ITERATIONS = 30;
  private static final double LEAST_DECREASE = 1e-6;

  private final SfmModel model;
  private final List<Intrinsics> intrinsics;
  private final BundleProblem problem;

  /**
   * @param intrinsics one for each of the model's cameras, at original size
   * @param workingSidePixels residuals count as in photos reduced to this longer side
   */
  LensAdjustment(SfmModel model, List<Intrinsics> intrinsics, int workingSidePixels) {
    this.model = model;
    this.intrinsics = intrinsics;
    int[] ownGroups = IntStream.range(0, intrinsics.size()).toArray();
    this.problem = ModelProblem.of(model, intrinsics, ownGroups, workingSidePixels);
  }

  SfmModel run(WorkerPool pool) {
    BundleAdjustment.Config config =
        BundleAdjustment.Config.defaults().iterations(ITERATIONS, LEAST_DECREASE);
    new BundleAdjustment(problem, config, pool).run();
    float[] xyz = new float[problem.point.length];
    for (int i = 0; i < xyz.length; i++) {
      xyz[i] = (float) problem.point[i];
    }
    double[] residuals = residuals(xyz);
    return new SfmModel(
        cameras(residuals),
        model.missing(),
        model.metric(),
        xyz,
        model.rgb(),
        model.confidence(),
        model.observationStart(),
        model.observationCamera(),
        model.observationPixel(),
        residuals);
  }

  private Rigid3 pose(int c) {
    Quaternion rotation =
        Quaternion.ofMatrix(Arrays.copyOfRange(problem.rotation, 9 * c, 9 * c + 9));
    return Rigid3.cameraFromWorld(
        rotation,
        new Vec3(problem.center[3 * c], problem.center[3 * c + 1], problem.center[3 * c + 2]));
  }

  private double[] residuals(float[] xyz) {
    List<Rigid3> poses = new ArrayList<>();
    for (int c = 0; c < intrinsics.size(); c++) {
      poses.add(pose(c));
    }
    double[] residuals = new double[problem.camera.length];
    for (int p = 0; p + 1 < problem.start.length; p++) {
      Vec3 x = new Vec3(xyz[3 * p], xyz[3 * p + 1], xyz[3 * p + 2]);
      for (int o = problem.start[p]; o < problem.start[p + 1]; o++) {
        int c = problem.camera[o];
        double[] seen = intrinsics.get(c).project(poses.get(c).apply(x));
        residuals[o] =
            Math.hypot(
                seen[0] - model.observationPixel()[2 * o],
                seen[1] - model.observationPixel()[2 * o + 1]);
      }
    }
    return residuals;
  }

  private List<SfmModel.Camera> cameras(double[] residuals) {
    double[] squares = new double[intrinsics.size()];
    for (int o = 0; o < residuals.length; o++) {
      squares[problem.camera[o]] += residuals[o] * residuals[o];
    }
    List<SfmModel.Camera> cameras = new ArrayList<>();
    for (int c = 0; c < intrinsics.size(); c++) {
      SfmModel.Camera before = model.cameras().get(c);
      double rms = Math.sqrt(squares[c] / Math.max(1, before.observations()));
      cameras.add(
          new SfmModel.Camera(
              before.view(), pose(c), intrinsics.get(c), before.observations(), rms));
    }
    return cameras;
  }
}
