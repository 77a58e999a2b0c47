package dev.tessera.sfm;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Registers a view that overlaps with one registered view at a time, so that it sees too few points
 * of the model for {@link Registration}: rotation and direction come from the essential matrix of
 * the pair, and only the length of the baseline is left to find. It comes from what few points of
 * the model the view sees, else from the position priors.
 *
 * <pre>c_v = c_i + s d,   s = median over points X of ((X - c_i) x r) . (d x r) / |d x r|^2</pre>
 *
 * with r the view's ray to X. This bridges strips flown with little overlap.
 */
final class PairRegistration {
  private final Reconstruction r;
  private final Features[] features;
  private final Config config;

  /**
   * @param minMatches verified matches between the two views at least
   * @param minAngleDegrees least median angle between their rays
   * @param minAgreeingPoints points of the model that must agree on the baseline's length
   * @param maxLengthSpread relative spread of the lengths that agree
   * @param minBaselineSigmas baseline by the position priors, in their standard deviations
   * @param maxHomographyRatio above it the pair is too flat for its pose to be believed unchecked
   * @param maxDepthRatio by how much the pair's points may be nearer or farther than those that the
   *     registered view sees: over flat ground the essential matrix has a second solution, with
   *     another depth
   */
  record Config(
      int minMatches,
      double minAngleDegrees,
      int minAgreeingPoints,
      double maxLengthSpread,
      double minBaselineSigmas,
      double maxHomographyRatio,
      double maxDepthRatio)
      implements Serializable {
    static Config defaults() {
      return new Config(30, 1, 4, 0.1, 4, 0.9, 2);
    }
  }

  PairRegistration(Reconstruction reconstruction, Features[] features, Config config) {
    this.r = reconstruction;
    this.features = features;
    this.config = config;
  }

  /** A view with a pose that was found so. */
  record Found(int view, double[] rotation, double[] center) {}

  /** The best-matched view that can be registered so, or null. Does not change the model. */
  Found next() {
    MappingInput input = r.input;
    int[] byMatches = new int[input.pairs().size()];
    Arrays.setAll(byMatches, p -> p);
    byMatches =
        Arrays.stream(byMatches)
            .filter(p -> joinsOneRegistered(input.pairs().get(p)))
            .filter(p -> input.verified().get(p).count() >= config.minMatches)
            .boxed()
            .sorted((p, q) -> input.verified().get(q).count() - input.verified().get(p).count())
            .mapToInt(Integer::intValue)
            .toArray();
    for (int p : byMatches) {
      Found found = through(p);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private boolean joinsOneRegistered(ViewPair pair) {
    return r.registered[pair.a()] != r.registered[pair.b()];
  }

  private Found through(int p) {
    ViewPair pair = r.input.pairs().get(p);
    boolean knowsA = r.registered[pair.a()];
    int known = knowsA ? pair.a() : pair.b();
    int view = knowsA ? pair.b() : pair.a();
    RelativePose pose = RelativePose.estimate(r.input, p, features, focals());
    if (pose == null
        || pose.inFront() < config.minMatches / 2
        || pose.medianAngleDegrees() < config.minAngleDegrees) {
      return null;
    }
    double[] viewFromKnown = knowsA ? pose.rotation() : transposed(pose.rotation());
    double[] inKnown = knowsA ? pose.center() : centerOfFirst(pose);
    double[] rotation = new double[9];
    double[] direction = new double[3];
    for (int row = 0; row < 3; row++) {
      for (int k = 0; k < 3; k++) {
        direction[row] += r.rotation[9 * known + 3 * k + row] * inKnown[k];
        for (int col = 0; col < 3; col++) {
          rotation[3 * row + col] +=
              viewFromKnown[3 * row + k] * r.rotation[9 * known + 3 * k + col];
        }
      }
    }
    Vec3 d = new Vec3(direction[0], direction[1], direction[2]).normalized();
    double length = lengthByPoints(view, known, rotation, d);
    if (Double.isNaN(length) && isFirm(r.input.verified().get(p))) {
      length = lengthByPriors(view, known, d);
    }
    if (!(length > 0) || !depthsAgree(known, pose.medianDepth(knowsA) * length)) {
      return null;
    }
    Vec3 center = r.center(known).plus(d.times(length));
    return new Found(view, rotation, new double[] {center.x(), center.y(), center.z()});
  }

  /** Without points of the model to check it the pose must be beyond doubt by itself. */
  private boolean isFirm(VerifiedPair pair) {
    return pair.count() >= 2 * config.minMatches
        && pair.homographyRatio() < config.maxHomographyRatio;
  }

  private boolean depthsAgree(int known, double pairDepth) {
    double[] depths = new double[r.input.tracks().observationsOf(known).length];
    int count = 0;
    for (int o : r.input.tracks().observationsOf(known)) {
      if (r.active[o]) {
        depths[count++] = r.depth(o);
      }
    }
    if (count == 0) {
      return false;
    }
    double ratio = pairDepth / RobustScale.median(Arrays.copyOf(depths, count));
    return ratio < config.maxDepthRatio && ratio > 1 / config.maxDepthRatio;
  }

  private double[] focals() {
    double[] focals = new double[r.intrinsics.length / BundleProblem.INTRINSICS];
    Arrays.setAll(focals, g -> r.intrinsics[BundleProblem.INTRINSICS * g]);
    return focals;
  }

  private static double[] transposed(double[] m) {
    return new double[] {m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]};
  }

  /** Where the first camera is in the second's frame. */
  private static double[] centerOfFirst(RelativePose pose) {
    double[] rotation = pose.rotation();
    double[] c = pose.center();
    double[] center = new double[3];
    for (int e = 0; e < 3; e++) {
      center[e] =
          -(rotation[3 * e] * c[0] + rotation[3 * e + 1] * c[1] + rotation[3 * e + 2] * c[2]);
    }
    return center;
  }

  /** NaN if too few points of the model are seen, or they do not agree. */
  private double lengthByPoints(int view, int known, double[] rotation, Vec3 d) {
    double[] lengths = new double[r.input.tracks().observationsOf(view).length];
    double[] ab = new double[2];
    int count = 0;
    for (int o : r.input.tracks().observationsOf(view)) {
      int t = r.trackOf(o);
      if (r.hasPoint[t]) {
        r.normalized(o, ab);
        Vec3 ray =
            new Vec3(
                rotation[0] * ab[0] + rotation[3] * ab[1] + rotation[6],
                rotation[1] * ab[0] + rotation[4] * ab[1] + rotation[7],
                rotation[2] * ab[0] + rotation[5] * ab[1] + rotation[8]);
        Vec3 x = new Vec3(r.point[3 * t], r.point[3 * t + 1], r.point[3 * t + 2]);
        Vec3 across = d.cross(ray);
        lengths[count++] = x.minus(r.center(known)).cross(ray).dot(across) / across.dot(across);
      }
    }
    return consensus(Arrays.copyOf(lengths, count));
  }

  private double consensus(double[] lengths) {
    if (lengths.length < config.minAgreeingPoints) {
      return Double.NaN;
    }
    Arrays.sort(lengths);
    double median = lengths[lengths.length / 2];
    int agreeing = 0;
    for (double length : lengths) {
      agreeing += Math.abs(length - median) <= config.maxLengthSpread * median ? 1 : 0;
    }
    boolean enough = agreeing >= config.minAgreeingPoints && 2 * agreeing > lengths.length;
    return enough ? median : Double.NaN;
  }

  /** NaN if there are no priors, the baseline drowns in their noise, or its direction differs. */
  private double lengthByPriors(int view, int known, Vec3 d) {
    MappingInput.Position here = r.input.priors()[known];
    MappingInput.Position there = r.input.priors()[view];
    double unitsPerMeter = unitsPerMeter();
    if (here == null || there == null || Double.isNaN(unitsPerMeter)) {
      return Double.NaN;
    }
    double meters = there.meters().distanceTo(here.meters());
    double sigma = Math.max(here.horizontalSigmaMeters(), there.horizontalSigmaMeters());
    if (meters < config.minBaselineSigmas * sigma) {
      return Double.NaN;
    }
    if (r.metric) {
      Vec3 expected = r.center(known).plus(d.times(meters));
      if (MetricGauge.offsetSigmas(expected, there) > config.minBaselineSigmas) {
        return Double.NaN;
      }
    }
    return meters * unitsPerMeter;
  }

  /** Size of the model over that of the priors; needs no rotation, so two views will do. */
  private double unitsPerMeter() {
    if (r.metric) {
      return 1;
    }
    double units = 0;
    double meters = 0;
    for (int i = 0; i < r.registered.length; i++) {
      for (int j = i + 1; j < r.registered.length; j++) {
        if (r.registered[i]
            && r.registered[j]
            && r.input.priors()[i] != null
            && r.input.priors()[j] != null) {
          units += r.center(i).distanceTo(r.center(j));
          meters += r.input.priors()[i].meters().distanceTo(r.input.priors()[j].meters());
        }
      }
    }
    return meters > 0 ? units / meters : Double.NaN;
  }
}
