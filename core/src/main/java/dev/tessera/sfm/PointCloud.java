package dev.tessera.sfm;

import java.io.Serializable;

/**
 * Keeps the points of a {@link Reconstruction} in step with its poses: triangulates tracks, takes
 * in observations that agree, drops what does not (after Schoenberger and Frahm,
 * "Structure-from-motion revisited", CVPR 2016, sections 4.3 and 4.4).
 */
final class PointCloud {
  /** Tracks handed to a worker at a time. */
  private static final int STRIDE = 512;

  /** Pairs of observations tried for a track whose observations do not all agree. */
  private static final int MAX_PAIRS = 30;

  private final Reconstruction r;
  private final Tracks tracks;
  private final WorkerPool pool;
  private final double maxError2;
  private final double maxCosine;

  /**
   * @param maxErrorPixels largest reprojection error of an observation, working pixels
   * @param minAngleDegrees least of the widest angle between a point's rays
   */
  record Config(double maxErrorPixels, double minAngleDegrees) implements Serializable {
    static Config defaults() {
      return new Config(4, 1.5);
    }
  }

  PointCloud(Reconstruction reconstruction, Config config, WorkerPool pool) {
    this.r = reconstruction;
    this.tracks = reconstruction.input.tracks();
    this.pool = pool;
    this.maxError2 = config.maxErrorPixels * config.maxErrorPixels;
    this.maxCosine = Math.cos(Math.toRadians(config.minAngleDegrees));
  }

  /** Room for the observations of one track. */
  private final class Scratch {
    private int[] observation = new int[16];
    private double[] centers = new double[48];
    private double[] rays = new double[48];
    private final double[] two = new double[2];
    private double[] pairCenters = new double[6];
    private double[] pairRays = new double[6];
    private int count;

    void clear() {
      count = 0;
    }

    void add(int o) {
      if (count == observation.length) {
        observation = java.util.Arrays.copyOf(observation, 2 * count);
        centers = java.util.Arrays.copyOf(centers, 6 * count);
        rays = java.util.Arrays.copyOf(rays, 6 * count);
      }
      observation[count] = o;
      r.ray(o, two, rays, 3 * count);
      System.arraycopy(r.center, 3 * tracks.viewOf(o), centers, 3 * count, 3);
      count++;
    }
  }

  /** Work on one track. */
  private interface TrackWork {
    void on(int track, Scratch scratch);
  }

  private void forEachTrack(TrackWork work) {
    int count = tracks.count();
    pool.forEach(
        (count + STRIDE - 1) / STRIDE,
        b -> {
          Scratch scratch = new Scratch();
          for (int t = b * STRIDE; t < Math.min(count, (b + 1) * STRIDE); t++) {
            work.on(t, scratch);
          }
        });
  }

  /** Triangulates the tracks without a point; takes in further observations of those with one. */
  void extend() {
    forEachTrack(
        (t, scratch) -> {
          if (r.hasPoint[t]) {
            complete(t);
          } else {
            triangulate(t, scratch);
          }
        });
  }

  /** Computes the points of some tracks afresh from the observations that support them. */
  void refresh(boolean[] these) {
    forEachTrack(
        (t, scratch) -> {
          if (these[t] && r.hasPoint[t]) {
            collectActive(t, scratch);
            if (!Triangulation.meet(scratch.centers, scratch.rays, scratch.count, r.point, 3 * t)) {
              drop(t);
            }
          }
        });
  }

  private void collectActive(int t, Scratch scratch) {
    scratch.clear();
    for (int o = tracks.begin(t); o < tracks.end(t); o++) {
      if (r.active[o]) {
        scratch.add(o);
      }
    }
  }

  /** Drops observations that are off and points seen under too narrow an angle. */
  void filter() {
    forEachTrack(
        (t, scratch) -> {
          if (r.hasPoint[t]) {
            filter(t, scratch);
          }
        });
  }

  private void complete(int t) {
    for (int o = tracks.begin(t); o < tracks.end(t); o++) {
      if (!r.active[o] && r.registered[tracks.viewOf(o)] && r.squaredError(o) < maxError2) {
        r.active[o] = true;
      }
    }
  }

  private void filter(int t, Scratch scratch) {
    for (int o = tracks.begin(t); o < tracks.end(t); o++) {
      r.active[o] = r.active[o] && r.squaredError(o) < maxError2;
    }
    collectActive(t, scratch);
    if (scratch.count < 2
        || Triangulation.cosineOfWidestAngle(scratch.rays, scratch.count) > maxCosine) {
      drop(t);
    }
  }

  private void drop(int t) {
    r.hasPoint[t] = false;
    for (int o = tracks.begin(t); o < tracks.end(t); o++) {
      r.active[o] = false;
    }
  }

  private void triangulate(int t, Scratch scratch) {
    scratch.clear();
    for (int o = tracks.begin(t); o < tracks.end(t); o++) {
      if (r.registered[tracks.viewOf(o)]) {
        scratch.add(o);
      }
    }
    if (scratch.count < 2
        || Triangulation.cosineOfWidestAngle(scratch.rays, scratch.count) > maxCosine) {
      return;
    }
    if (Triangulation.meet(scratch.centers, scratch.rays, scratch.count, r.point, 3 * t)
        && agreeing(scratch) == scratch.count) {
      accept(t, scratch);
    } else if (scratch.count > 2) {
      triangulateMajority(t, scratch);
    }
  }

  private int agreeing(Scratch scratch) {
    int count = 0;
    for (int i = 0; i < scratch.count; i++) {
      count += r.squaredError(scratch.observation[i]) < maxError2 ? 1 : 0;
    }
    return count;
  }

  private void accept(int t, Scratch scratch) {
    r.hasPoint[t] = true;
    for (int i = 0; i < scratch.count; i++) {
      r.active[scratch.observation[i]] = true;
    }
  }

  /** The pair of rays whose point most observations agree with; then all that agree. */
  private void triangulateMajority(int t, Scratch scratch) {
    int best = 2;
    int bestFirst = -1;
    int bestSecond = -1;
    int tried = 0;
    for (int gap = scratch.count - 1; gap > 0 && tried < MAX_PAIRS; gap--) {
      for (int i = 0; i + gap < scratch.count && tried < MAX_PAIRS; i++, tried++) {
        if (meetPair(t, scratch, i, i + gap)) {
          int agreeing = agreeing(scratch);
          if (agreeing > best) {
            best = agreeing;
            bestFirst = i;
            bestSecond = i + gap;
          }
        }
      }
    }
    if (bestFirst >= 0 && meetPair(t, scratch, bestFirst, bestSecond)) {
      keepAgreeing(scratch);
      if (Triangulation.meet(scratch.centers, scratch.rays, scratch.count, r.point, 3 * t)
          && agreeing(scratch) == scratch.count
          && Triangulation.cosineOfWidestAngle(scratch.rays, scratch.count) <= maxCosine) {
        accept(t, scratch);
      }
    }
  }

  private void keepAgreeing(Scratch scratch) {
    int[] kept = new int[scratch.count];
    int count = 0;
    for (int i = 0; i < scratch.count; i++) {
      if (r.squaredError(scratch.observation[i]) < maxError2) {
        kept[count++] = scratch.observation[i];
      }
    }
    scratch.clear();
    for (int i = 0; i < count; i++) {
      scratch.add(kept[i]);
    }
  }

  private boolean meetPair(int t, Scratch scratch, int i, int j) {
    System.arraycopy(scratch.centers, 3 * i, scratch.pairCenters, 0, 3);
    System.arraycopy(scratch.centers, 3 * j, scratch.pairCenters, 3, 3);
    System.arraycopy(scratch.rays, 3 * i, scratch.pairRays, 0, 3);
    System.arraycopy(scratch.rays, 3 * j, scratch.pairRays, 3, 3);
    return Triangulation.cosineOfWidestAngle(scratch.pairRays, 2) <= maxCosine
        && Triangulation.meet(scratch.pairCenters, scratch.pairRays, 2, r.point, 3 * t);
  }
}
