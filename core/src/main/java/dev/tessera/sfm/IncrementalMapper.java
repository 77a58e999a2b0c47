package dev.tessera.sfm;

import dev.tessera.geometry.Sim3;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Incremental structure from motion (Schoenberger and Frahm, "Structure-from-motion revisited",
 * CVPR 2016): start from a pair, register views one group after the other, triangulate, adjust,
 * filter; at the end adjust everything to convergence. Of several models that do not hang together
 * the largest is kept.
 */
final class IncrementalMapper {
  private final MappingInput input;
  private final Features[] features;
  private final Config config;
  private final WorkerPool pool;
  private final Steps steps;
  private final LensPriors lenses;

  /**
   * @param startAttempts pairs tried until a model registers half of the views
   * @param minStartPoints points that the first two views must give
   * @param adjustAtGrowth all views are adjusted whenever their number has grown by this factor
   * @param smallModelViews up to so many views are added singly, each followed by an adjustment
   * @param pointsPerViewInGrowth quota of points in adjustments of a growing model
   * @param finalMaxErrorPixels largest reprojection error in the finished model, working pixels
   */
  record Config(
      int startAttempts,
      int minStartPoints,
      double adjustAtGrowth,
      int smallModelViews,
      int pointsPerViewInGrowth,
      double finalMaxErrorPixels,
      PointCloud.Config points,
      Registration.Config registration,
      PairRegistration.Config bridging,
      LensPriors.Config lenses,
      BundleAdjustment.Config adjustment)
      implements Serializable {
    static Config defaults() {
      return new Config(
          6,
          30,
          1.15,
          6,
          300,
          3,
          PointCloud.Config.defaults(),
          Registration.Config.defaults(),
          PairRegistration.Config.defaults(),
          LensPriors.Config.defaults(),
          BundleAdjustment.Config.defaults());
    }
  }

  IncrementalMapper(
      MappingInput input, Features[] features, Config config, WorkerPool pool, Steps steps) {
    this.input = input;
    this.features = features;
    this.config = config;
    this.pool = pool;
    this.steps = steps;
    this.lenses = LensPriors.of(input, config.lenses);
  }

  /** The largest model found, adjusted to convergence; empty if no pair has parallax. */
  Optional<Reconstruction> map() {
    List<InitialPair.Start> starts = InitialPair.rank(input, features, lenses.focals(), pool);
    Reconstruction best = null;
    boolean[] covered = new boolean[input.views()];
    int attempts = 0;
    for (InitialPair.Start start : starts) {
      ViewPair pair = input.pairs().get(start.pair());
      if (attempts == config.startAttempts || covered[pair.a()] && covered[pair.b()]) {
        continue;
      }
      attempts++;
      Reconstruction model = grow(start);
      if (model == null) {
        continue;
      }
      for (int v = 0; v < covered.length; v++) {
        covered[v] |= model.registered[v];
      }
      if (best == null || model.registeredCount() > best.registeredCount()) {
        best = model;
      }
      if (2 * best.registeredCount() >= input.views()) {
        break;
      }
    }
    if (best != null) {
      finish(best);
    }
    return Optional.ofNullable(best).filter(r -> r.registeredCount() >= 2 && r.pointCount() > 0);
  }

  private Reconstruction grow(InitialPair.Start start) {
    Reconstruction r = new Reconstruction(input, lenses.focals());
    PointCloud cloud = new PointCloud(r, config.points, pool);
    ModelAdjustment adjustment = new ModelAdjustment(r, lenses, pool);
    ViewPair pair = input.pairs().get(start.pair());
    r.setPose(pair.a(), new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, new double[3]);
    r.setPose(pair.b(), start.pose().rotation(), start.pose().center());
    cloud.extend();
    adjustment.global(TrackSample.all(r), config.adjustment.iterations(20, 1e-5));
    cloud.filter();
    if (r.pointCount() < config.minStartPoints) {
      return null;
    }
    extendByViews(r, cloud, adjustment, config.registration);
    return r;
  }

  /** Registers views until none is left that fits. */
  private void extendByViews(
      Reconstruction r,
      PointCloud cloud,
      ModelAdjustment adjustment,
      Registration.Config registration) {
    int[] triedWith = new int[input.views()]; // points seen when the pose was last not found
    int adjustedAt = r.registeredCount();
    while (true) {
      List<Integer> batch = nextViews(r, triedWith, registration);
      if (batch.isEmpty()) {
        return;
      }
      List<Integer> added = register(r, batch, triedWith, registration);
      if (added.isEmpty()) {
        continue;
      }
      cloud.extend();
      int count = r.registeredCount();
      if (count <= config.smallModelViews || count >= config.adjustAtGrowth * adjustedAt) {
        adjustAll(r, cloud, adjustment);
        adjustedAt = count;
      } else {
        adjustAround(added, adjustment);
      }
      cloud.filter();
      cloud.extend();
      steps.at("register", count, input.views());
    }
  }

  /** Views that see most points first; more than one at a time once the model is firm. */
  private List<Integer> nextViews(
      Reconstruction r, int[] triedWith, Registration.Config registration) {
    int[] seen = new int[input.views()];
    List<Integer> views = new ArrayList<>();
    for (int v = 0; v < seen.length; v++) {
      if (!r.registered[v]) {
        seen[v] = r.visiblePoints(v);
        if (seen[v] >= registration.minInliers() && seen[v] > 1.2 * triedWith[v]) {
          views.add(v);
        }
      }
    }
    views.sort(Comparator.<Integer>comparingInt(v -> -seen[v]).thenComparingInt(v -> v));
    int count = r.registeredCount();
    int most = count < config.smallModelViews ? 1 : 1 + count / 3;
    List<Integer> batch = new ArrayList<>();
    for (int v : views) {
      if (batch.size() < most && 2 * seen[v] >= seen[views.get(0)]) {
        batch.add(v);
      }
    }
    return batch;
  }

  private List<Integer> register(
      Reconstruction r, List<Integer> batch, int[] triedWith, Registration.Config registration) {
    Registration.Result[] results = new Registration.Result[batch.size()];
    pool.forEach(
        results.length, i -> results[i] = Registration.register(r, batch.get(i), registration));
    List<Integer> added = new ArrayList<>();
    for (int i = 0; i < results.length; i++) {
      int view = batch.get(i);
      if (results[i].found()) {
        r.setPose(view, results[i].rotation(), results[i].center());
        added.add(view);
      } else {
        triedWith[view] = results[i].points();
      }
    }
    return added;
  }

  private void adjustAll(Reconstruction r, PointCloud cloud, ModelAdjustment adjustment) {
    anchor(r);
    boolean[] sample = TrackSample.withQuota(r, config.pointsPerViewInGrowth);
    adjustment.global(sample, config.adjustment.iterations(8, 1e-4));
    boolean[] rest = new boolean[sample.length];
    for (int t = 0; t < rest.length; t++) {
      rest[t] = !sample[t];
    }
    cloud.refresh(rest);
  }

  private void adjustAround(List<Integer> added, ModelAdjustment adjustment) {
    boolean[] free = new boolean[input.views()];
    for (int v : added) {
      free[v] = true;
    }
    adjustment.local(free, config.adjustment.iterations(6, 1e-3));
  }

  /** Lays the model on its position priors as soon as they determine how. */
  private static void anchor(Reconstruction r) {
    if (!r.metric) {
      Optional<Sim3> enuFromModel = MetricGauge.enuFromModel(r);
      enuFromModel.ifPresent(r::move);
      r.metric = enuFromModel.isPresent();
    }
  }

  /** Adjusts and filters in turn, tries the left-over views once more, adjusts to convergence. */
  private void finish(Reconstruction r) {
    ModelAdjustment adjustment = new ModelAdjustment(r, lenses, pool);
    PointCloud cloud = new PointCloud(r, config.points, pool);
    PointCloud strict =
        new PointCloud(
            r,
            new PointCloud.Config(config.finalMaxErrorPixels, config.points.minAngleDegrees()),
            pool);
    refine(r, cloud, adjustment, 10, 1e-4);
    int before = r.registeredCount();
    do {
      extendByViews(r, cloud, adjustment, config.registration.looser());
    } while (bridge(r, cloud, adjustment));
    if (r.registeredCount() > before) {
      refine(r, cloud, adjustment, 10, 1e-4);
    }
    refine(r, strict, adjustment, 15, 1e-5);
    anchor(r);
    adjustment.global(TrackSample.all(r), config.adjustment);
    strict.filter();
    dropLooseViews(r);
    steps.at("refine", 1, 1);
  }

  /** Registers one more view through a single neighbour; false if there is none to be had. */
  private boolean bridge(Reconstruction r, PointCloud cloud, ModelAdjustment adjustment) {
    PairRegistration.Found found = new PairRegistration(r, features, config.bridging).next();
    if (found == null) {
      return false;
    }
    r.setPose(found.view(), found.rotation(), found.center());
    cloud.extend();
    adjustAll(r, cloud, adjustment);
    cloud.filter();
    cloud.extend();
    return true;
  }

  private void refine(
      Reconstruction r,
      PointCloud cloud,
      ModelAdjustment adjustment,
      int iterations,
      double leastDecrease) {
    anchor(r);
    adjustment.global(TrackSample.all(r), config.adjustment.iterations(iterations, leastDecrease));
    cloud.filter();
    cloud.extend();
  }

  /** A view that has lost nearly all its points to filtering was never right. */
  private void dropLooseViews(Reconstruction r) {
    int[] points = new int[input.views()];
    for (int o = 0; o < r.active.length; o++) {
      points[input.tracks().viewOf(o)] += r.active[o] ? 1 : 0;
    }
    boolean[] lost = new boolean[input.views()];
    for (int v = 0; v < lost.length; v++) {
      lost[v] = r.registered[v] && points[v] < config.registration.minInliers() / 2;
    }
    r.forget(lost);
  }
}
