package dev.tessera.jobs;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.tables.LocalizedRows.Precision;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.reconstruct.PhotoPose.Evidence;

/** Carries the covariance of a pose from its chunk over to the world. */
final class PosePrecision {
  private static final int N = 6;

  private PosePrecision() {}

  /**
   * The frame's own sigmas are added to the pose's: of its centre, and of its rotation and scale by
   * the camera's distance from it. Null without evidence.
   */
  static Precision of(ChunkFrame frame, Vec3 cameraInWorld, Evidence evidence) {
    if (evidence == null) {
      return null;
    }
    double[] world = inWorld(frame.worldFromChunk(), evidence.covariance());
    double meters = cameraInWorld.distanceTo(frame.worldFromChunk().translation());
    double turn = Math.toRadians(frame.rotationSigmaDegrees());
    double position =
        (world[21] + world[28] + world[35]) / 3
            + square(frame.positionSigmaMeters())
            + square(meters) * (2 * square(turn) + square(frame.logScaleSigma())) / 3;
    double rotation = (world[0] + world[7] + world[14]) / 3 + square(turn);
    return new Precision(
        evidence.inliers(), Math.sqrt(position), Math.toDegrees(Math.sqrt(rotation)), world);
  }

  /** {@code J C J^T} with J = diag(I, s R): the rotation is about the camera's axes and stays. */
  private static double[] inWorld(Sim3 worldFromChunk, double[] covariance) {
    double[] j = new double[N * N];
    double[] r = worldFromChunk.rotation().toMatrix();
    for (int a = 0; a < 3; a++) {
      j[N * a + a] = 1;
      for (int b = 0; b < 3; b++) {
        j[N * (3 + a) + 3 + b] = worldFromChunk.scale() * r[3 * a + b];
      }
    }
    double[] world = new double[N * N];
    for (int a = 0; a < N; a++) {
      for (int b = 0; b < N; b++) {
        for (int c = 0; c < N; c++) {
          for (int d = 0; d < N; d++) {
            world[N * a + b] += j[N * a + c] * covariance[N * c + d] * j[N * b + d];
          }
        }
      }
    }
    return world;
  }

  private static double square(double x) {
    return x * x;
  }
}
