package dev.tessera.sfm;

import dev.tessera.geometry.Vec3;
import java.util.Arrays;

/** Runs bundle adjustment on a {@link Reconstruction}: on all of it or on a few views. */
final class ModelAdjustment {
  /** Fewer registered views than this leave the intrinsics at their priors. */
  private static final int MIN_VIEWS_FOR_INTRINSICS = 3;

  private final Reconstruction r;
  private final LensPriors lenses;
  private final WorkerPool pool;

  ModelAdjustment(Reconstruction reconstruction, LensPriors lenses, WorkerPool pool) {
    this.r = reconstruction;
    this.lenses = lenses;
    this.pool = pool;
  }

  /** Adjusts all registered views and the chosen tracks. */
  BundleAdjustment.Summary global(boolean[] tracks, BundleAdjustment.Config config) {
    return run(r.registered, tracks, r.registeredCount() >= MIN_VIEWS_FOR_INTRINSICS, config);
  }

  /** Adjusts some views and the points that they see; the other views and intrinsics stay. */
  BundleAdjustment.Summary local(boolean[] views, BundleAdjustment.Config config) {
    boolean[] tracks = new boolean[r.hasPoint.length];
    for (int o = 0; o < r.active.length; o++) {
      if (r.active[o] && views[r.input.tracks().viewOf(o)]) {
        tracks[r.trackOf(o)] = true;
      }
    }
    return run(views, tracks, false, config);
  }

  private BundleAdjustment.Summary run(
      boolean[] freeViews,
      boolean[] wanted,
      boolean freeIntrinsics,
      BundleAdjustment.Config config) {
    int[] trackOfPoint = pick(wanted);
    int[] cameraOfView = numberViews(trackOfPoint, freeViews);
    BundleProblem problem = build(trackOfPoint, cameraOfView, freeViews);
    if (freeIntrinsics) {
      int[] viewsOfGroup = new int[r.input.groups()];
      for (int v = 0; v < r.registered.length; v++) {
        viewsOfGroup[r.input.groupOf()[v]] += r.registered[v] ? 1 : 0;
      }
      lenses.putInto(problem, viewsOfGroup);
    }
    BundleAdjustment.Summary summary = new BundleAdjustment(problem, config, pool).run();
    writeBack(problem, trackOfPoint, cameraOfView);
    return summary;
  }

  private int[] pick(boolean[] wanted) {
    int[] picked = new int[wanted.length];
    int count = 0;
    for (int t = 0; t < wanted.length; t++) {
      if (wanted[t] && r.hasPoint[t]) {
        picked[count++] = t;
      }
    }
    return Arrays.copyOf(picked, count);
  }

  /** Views that take part, numbered in ascending order; -1 for the others. */
  private int[] numberViews(int[] trackOfPoint, boolean[] freeViews) {
    Tracks tracks = r.input.tracks();
    boolean[] used = freeViews.clone();
    for (int t : trackOfPoint) {
      for (int o = tracks.begin(t); o < tracks.end(t); o++) {
        used[tracks.viewOf(o)] |= r.active[o];
      }
    }
    int[] camera = new int[used.length];
    int next = 0;
    for (int v = 0; v < used.length; v++) {
      camera[v] = used[v] && r.registered[v] ? next++ : -1;
    }
    return camera;
  }

  private BundleProblem build(int[] trackOfPoint, int[] cameraOfView, boolean[] freeViews) {
    Tracks tracks = r.input.tracks();
    int observations = 0;
    for (int t : trackOfPoint) {
      for (int o = tracks.begin(t); o < tracks.end(t); o++) {
        observations += r.active[o] ? 1 : 0;
      }
    }
    int cameras = Arrays.stream(cameraOfView).max().orElse(-1) + 1;
    BundleProblem problem =
        new BundleProblem(cameras, r.input.groups(), trackOfPoint.length, observations);
    System.arraycopy(r.intrinsics, 0, problem.intrinsics, 0, r.intrinsics.length);
    for (int v = 0; v < cameraOfView.length; v++) {
      if (cameraOfView[v] >= 0) {
        putView(problem, cameraOfView[v], v, freeViews[v]);
      }
    }
    int at = 0;
    for (int p = 0; p < trackOfPoint.length; p++) {
      int t = trackOfPoint[p];
      System.arraycopy(r.point, 3 * t, problem.point, 3 * p, 3);
      for (int o = tracks.begin(t); o < tracks.end(t); o++) {
        if (r.active[o]) {
          problem.camera[at] = cameraOfView[tracks.viewOf(o)];
          problem.pixel[2 * at] = r.input.x(o);
          problem.pixel[2 * at + 1] = r.input.y(o);
          at++;
        }
      }
      problem.start[p + 1] = at;
    }
    return problem;
  }

  private void putView(BundleProblem problem, int camera, int view, boolean free) {
    System.arraycopy(r.rotation, 9 * view, problem.rotation, 9 * camera, 9);
    System.arraycopy(r.center, 3 * view, problem.center, 3 * camera, 3);
    problem.groupOf[camera] = r.input.groupOf()[view];
    problem.fixedCamera[camera] = !free;
    MappingInput.Position prior = r.input.priors()[view];
    if (r.metric && prior != null) {
      Vec3 meters = prior.meters();
      problem.positionPrior[3 * camera] = meters.x();
      problem.positionPrior[3 * camera + 1] = meters.y();
      problem.positionPrior[3 * camera + 2] = meters.z();
      problem.positionSigma[3 * camera] = prior.horizontalSigmaMeters();
      problem.positionSigma[3 * camera + 1] = prior.horizontalSigmaMeters();
      problem.positionSigma[3 * camera + 2] = prior.verticalSigmaMeters();
    }
  }

  private void writeBack(BundleProblem problem, int[] trackOfPoint, int[] cameraOfView) {
    System.arraycopy(problem.intrinsics, 0, r.intrinsics, 0, r.intrinsics.length);
    for (int v = 0; v < cameraOfView.length; v++) {
      int camera = cameraOfView[v];
      if (camera >= 0 && !problem.fixedCamera[camera]) {
        System.arraycopy(problem.rotation, 9 * camera, r.rotation, 9 * v, 9);
        System.arraycopy(problem.center, 3 * camera, r.center, 3 * v, 3);
      }
    }
    for (int p = 0; p < trackOfPoint.length; p++) {
      System.arraycopy(problem.point, 3 * p, r.point, 3 * trackOfPoint[p], 3);
    }
  }
}
