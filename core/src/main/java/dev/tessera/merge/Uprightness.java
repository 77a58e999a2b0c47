package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.reconstruct.SceneCamera;
import java.util.List;

/**
 * Settles the roll about a line of cameras by how people and drones hold cameras: the image's x
 * axis level, not upside down, looking level or down rather than up.
 */
final class Uprightness {
  /** Steps of the search over the circle, degrees. */
  private static final int STEP_DEGREES = 2;

  /** Camera x axes leave the horizontal by about this sine. */
  private static final double LEVEL_SINE = 0.17;

  /** Views leave the horizontal by about this sine. */
  private static final double PITCH_SINE = 0.7;

  /** No single photo costs more than this. */
  private static final double MAX_COST = 12;

  private static final int REFINEMENTS = 20;

  private Uprightness() {}

  /** {@code worldFromChunk} turned about the line of the cameras through {@code pivotInWorld}. */
  static Sim3 rolled(List<SceneCamera> cameras, Sim3 worldFromChunk, Vec3 pivotInWorld) {
    Vec3 line = line(cameras, worldFromChunk);
    double best = 0;
    double lowest = Double.POSITIVE_INFINITY;
    for (int degrees = 0; degrees < 360; degrees += STEP_DEGREES) {
      double cost = cost(cameras, worldFromChunk, line, Math.toRadians(degrees));
      if (cost < lowest) {
        lowest = cost;
        best = Math.toRadians(degrees);
      }
    }
    double step = Math.toRadians(STEP_DEGREES) / 2;
    for (int i = 0; i < REFINEMENTS; i++, step /= 2) {
      double here = cost(cameras, worldFromChunk, line, best);
      if (cost(cameras, worldFromChunk, line, best + step) < here) {
        best += step;
      } else if (cost(cameras, worldFromChunk, line, best - step) < here) {
        best -= step;
      }
    }
    Vec3 turn = line.times(best);
    return Sim3Tangent.perturbAbout(
        pivotInWorld, worldFromChunk, new double[] {turn.x(), turn.y(), turn.z(), 0, 0, 0, 0});
  }

  /** A unit vector at right angles to a unit vector. */
  static Vec3 anyPerpendicular(Vec3 unit) {
    Vec3 other = Math.abs(unit.x()) < 0.6 ? new Vec3(1, 0, 0) : new Vec3(0, 1, 0);
    return unit.cross(other).normalized();
  }

  /** Direction from the middle of the cameras to the one farthest from it. */
  private static Vec3 line(List<SceneCamera> cameras, Sim3 worldFromChunk) {
    Vec3 middle = Vec3.ZERO;
    for (SceneCamera camera : cameras) {
      middle = middle.plus(camera.cameraFromChunk().center().times(1.0 / cameras.size()));
    }
    Vec3 farthest = Vec3.ZERO;
    for (SceneCamera camera : cameras) {
      Vec3 arm = camera.cameraFromChunk().center().minus(middle);
      farthest = arm.norm() > farthest.norm() ? arm : farthest;
    }
    Vec3 inWorld = worldFromChunk.rotation().rotate(farthest);
    return inWorld.norm() > 0 ? inWorld.normalized() : new Vec3(0, 0, 1);
  }

  private static double cost(
      List<SceneCamera> cameras, Sim3 worldFromChunk, Vec3 line, double radians) {
    Quaternion roll = Quaternion.ofRotationVector(line.times(radians));
    Quaternion worldFromChunkRotation = roll.times(worldFromChunk.rotation());
    double sum = 0;
    for (SceneCamera camera : cameras) {
      Quaternion worldFromCamera =
          worldFromChunkRotation.times(camera.cameraFromChunk().rotation().inverse());
      double right = worldFromCamera.rotate(new Vec3(1, 0, 0)).z() / LEVEL_SINE;
      double forward = worldFromCamera.rotate(new Vec3(0, 0, 1)).z();
      double up = worldFromCamera.rotate(new Vec3(0, -1, 0)).z();
      double pitch = forward / PITCH_SINE;
      double cost = right * right + pitch * pitch + Math.max(forward, 0) + 4 * Math.max(-up, 0);
      sum += Math.min(cost, MAX_COST);
    }
    return sum;
  }
}
