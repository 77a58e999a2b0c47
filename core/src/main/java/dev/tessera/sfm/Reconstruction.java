package dev.tessera.sfm;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;

/**
 * The model while it grows: poses of the registered views, shared intrinsics, points of the tracks
 * triangulated so far, and which observations hold. Mutable, used by one mapper.
 */
final class Reconstruction {
  /** Newton steps that undo distortion; each doubles the digits. */
  private static final int UNDISTORT_STEPS = 5;

  private static final int LENS = BundleProblem.INTRINSICS;

  final MappingInput input;
  final boolean[] registered; // (V)
  final double[] rotation; // (V, 9) camera from world
  final double[] center; // (V, 3)
  final double[] intrinsics; // (G, 5) f, k1, k2, px, py in working pixels
  final double[] point; // (T, 3)
  final boolean[] hasPoint; // (T)
  final boolean[] active; // (M) the observation supports its track's point
  final boolean[] forgotten; // (V) had a pose that proved wrong
  private final int[] trackOf; // (M)

  /** World is east-north-up metres, so that position priors may act. */
  boolean metric;

  Reconstruction(MappingInput input, double[] focals) {
    this.input = input;
    int views = input.views();
    Tracks tracks = input.tracks();
    registered = new boolean[views];
    forgotten = new boolean[views];
    rotation = new double[9 * views];
    center = new double[3 * views];
    intrinsics = new double[LENS * focals.length];
    for (int g = 0; g < focals.length; g++) {
      intrinsics[LENS * g] = focals[g];
    }
    point = new double[3 * tracks.count()];
    hasPoint = new boolean[tracks.count()];
    active = new boolean[tracks.observationCount()];
    trackOf = tracks.trackOfObservation();
  }

  int registeredCount() {
    int count = 0;
    for (boolean r : registered) {
      count += r ? 1 : 0;
    }
    return count;
  }

  int pointCount() {
    int count = 0;
    for (boolean h : hasPoint) {
      count += h ? 1 : 0;
    }
    return count;
  }

  int trackOf(int observation) {
    return trackOf[observation];
  }

  /** Observations of the view whose tracks have points, active or not. */
  int visiblePoints(int view) {
    int count = 0;
    for (int o : input.tracks().observationsOf(view)) {
      count += hasPoint[trackOf[o]] ? 1 : 0;
    }
    return count;
  }

  void setPose(int view, double[] rotationMatrix, double[] centerInWorld) {
    System.arraycopy(rotationMatrix, 0, rotation, 9 * view, 9);
    System.arraycopy(centerInWorld, 0, center, 3 * view, 3);
    registered[view] = true;
  }

  Vec3 center(int view) {
    return new Vec3(center[3 * view], center[3 * view + 1], center[3 * view + 2]);
  }

  Quaternion rotation(int view) {
    double[] matrix = new double[9];
    System.arraycopy(rotation, 9 * view, matrix, 0, 9);
    return Quaternion.ofMatrix(matrix);
  }

  /** Takes away the poses and observations of some views, and the points that hung on them. */
  void forget(boolean[] views) {
    for (int v = 0; v < views.length; v++) {
      registered[v] &= !views[v];
      forgotten[v] |= views[v];
    }
    Tracks tracks = input.tracks();
    for (int t = 0; t < hasPoint.length; t++) {
      int left = 0;
      for (int o = tracks.begin(t); o < tracks.end(t); o++) {
        active[o] &= !views[tracks.viewOf(o)];
        left += active[o] ? 1 : 0;
      }
      if (left < 2) {
        hasPoint[t] = false;
        java.util.Arrays.fill(active, tracks.begin(t), tracks.end(t), false);
      }
    }
  }

  /** Squared reprojection error in working pixels; infinite behind the camera. */
  double squaredError(int observation) {
    int view = input.tracks().viewOf(observation);
    return Projection.squaredError(
        rotation,
        center,
        view,
        intrinsics,
        input.groupOf()[view],
        point,
        trackOf[observation],
        input.x(observation),
        input.y(observation));
  }

  /** Distance of an observation's point along the view axis. */
  double depth(int observation) {
    int v = input.tracks().viewOf(observation);
    int t = 3 * trackOf[observation];
    double sum = 0;
    for (int e = 0; e < 3; e++) {
      sum += rotation[9 * v + 6 + e] * (point[t + e] - center[3 * v + e]);
    }
    return sum;
  }

  /** Undistorted x/z, y/z of an observation. */
  void normalized(int observation, double[] out) {
    int k = LENS * input.groupOf()[input.tracks().viewOf(observation)];
    double a = (input.x(observation) - intrinsics[k + 3]) / intrinsics[k];
    double b = (input.y(observation) - intrinsics[k + 4]) / intrinsics[k];
    double k1 = intrinsics[k + 1];
    double k2 = intrinsics[k + 2];
    double distorted = Math.sqrt(a * a + b * b);
    double r = distorted;
    for (int i = 0; i < UNDISTORT_STEPS && (k1 != 0 || k2 != 0); i++) {
      double r2 = r * r;
      double slope = 1 + r2 * (3 * k1 + r2 * 5 * k2);
      if (!(slope > 0)) {
        break;
      }
      r -= (r * (1 + r2 * (k1 + r2 * k2)) - distorted) / slope;
    }
    double scale = distorted > 0 ? r / distorted : 1;
    out[0] = a * scale;
    out[1] = b * scale;
  }

  /** Writes the unit ray of an observation, in the world, to {@code out[at..at + 2]}. */
  void ray(int observation, double[] scratch, double[] out, int at) {
    normalized(observation, scratch);
    int r = 9 * input.tracks().viewOf(observation);
    double a = scratch[0];
    double b = scratch[1];
    double scale = 1 / Math.sqrt(a * a + b * b + 1);
    for (int e = 0; e < 3; e++) {
      out[at + e] = scale * (rotation[r + e] * a + rotation[r + 3 + e] * b + rotation[r + 6 + e]);
    }
  }

  /** Carries the whole model over to another frame. */
  void move(Sim3 newFromOld) {
    for (int v = 0; v < registered.length; v++) {
      if (registered[v]) {
        double[] turned = rotation(v).times(newFromOld.rotation().inverse()).toMatrix();
        System.arraycopy(turned, 0, rotation, 9 * v, 9);
        put(center, v, newFromOld.apply(center(v)));
      }
    }
    for (int t = 0; t < hasPoint.length; t++) {
      if (hasPoint[t]) {
        put(point, t, newFromOld.apply(new Vec3(point[3 * t], point[3 * t + 1], point[3 * t + 2])));
      }
    }
  }

  private static void put(double[] array, int index, Vec3 v) {
    array[3 * index] = v.x();
    array[3 * index + 1] = v.y();
    array[3 * index + 2] = v.z();
  }
}
