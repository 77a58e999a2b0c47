package dev.tessera.sfm;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.util.List;

/** A finished model as the unknowns and measurements of a bundle adjustment, lenses held. */
final class ModelProblem {
  private ModelProblem() {}

  /**
   * @param intrinsics one for each of the model's cameras, at original size; those of a group equal
   * @param groupOf which cameras share a lens: 0 for the first, numbered without gaps
   * @param workingSidePixels residuals count as in photos reduced to this longer side
   */
  static BundleProblem of(
      SfmModel model, List<Intrinsics> intrinsics, int[] groupOf, int workingSidePixels) {
    int groups = 0;
    for (int group : groupOf) {
      groups = Math.max(groups, group + 1);
    }
    BundleProblem problem =
        new BundleProblem(
            groupOf.length, groups, model.confidence().length, model.observationCamera().length);
    for (int c = 0; c < groupOf.length; c++) {
      problem.groupOf[c] = groupOf[c];
      putCamera(problem, c, model.cameras().get(c).cameraFromModel());
      putLens(problem, groupOf[c], intrinsics.get(c), workingSidePixels);
    }
    putPoints(problem, model, intrinsics, workingSidePixels);
    return problem;
  }

  private static double workingScale(Intrinsics k, int workingSidePixels) {
    return Math.min(1, (double) workingSidePixels / Math.max(k.width(), k.height()));
  }

  private static void putCamera(BundleProblem problem, int c, Rigid3 pose) {
    System.arraycopy(pose.rotation().toMatrix(), 0, problem.rotation, 9 * c, 9);
    Vec3 center = pose.center();
    problem.center[3 * c] = center.x();
    problem.center[3 * c + 1] = center.y();
    problem.center[3 * c + 2] = center.z();
  }

  private static void putLens(BundleProblem problem, int group, Intrinsics k, int side) {
    int at = BundleProblem.INTRINSICS * group;
    problem.intrinsics[at] = k.focalPixels() * workingScale(k, side);
    problem.intrinsics[at + 1] = k.k1();
    problem.intrinsics[at + 2] = k.k2();
  }

  private static void putPoints(
      BundleProblem problem, SfmModel model, List<Intrinsics> intrinsics, int side) {
    for (int i = 0; i < problem.point.length; i++) {
      problem.point[i] = model.xyz()[i];
    }
    System.arraycopy(
        model.observationStart(), 0, problem.start, 0, model.observationStart().length);
    for (int o = 0; o < problem.camera.length; o++) {
      int c = model.observationCamera()[o];
      Intrinsics k = intrinsics.get(c);
      double scale = workingScale(k, side);
      problem.camera[o] = c;
      problem.pixel[2 * o] = (model.observationPixel()[2 * o] - k.cx()) * scale;
      problem.pixel[2 * o + 1] = (model.observationPixel()[2 * o + 1] - k.cy()) * scale;
    }
  }
}
