package dev.tessera.merge;

import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.merge.GpsEvidence.Config;
import dev.tessera.merge.GpsEvidence.Determination;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.SceneCamera;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Robust fit of one chunk to its fixes: similarities of random triples and of pairs far apart, the
 * best by truncated cost, then reweighted least squares with the Geman-McClure kernel on the norm
 * of the residual in sigmas.
 */
final class GpsFit {
  private static final int SAMPLES = 200;
  private static final int REWEIGHTINGS = 20;

  /**
   * Median norm of a standard normal 3-vector: the median residual of a healthy chunk, in sigmas.
   */
  private static final double MEDIAN_NORM = 1.5381722;

  private final ChunkScene scene;
  private final Config config;
  private final List<SceneCamera> cameras = new ArrayList<>();
  private final List<GpsFix> fixes = new ArrayList<>();

  /** Nothing if no registered view has a fix. */
  static Optional<GpsEvidence> evidence(ChunkScene scene, List<GpsFix> all, Config config) {
    GpsFit fit = new GpsFit(scene, all, config);
    return fit.fixes.isEmpty() ? Optional.empty() : Optional.of(fit.evidence());
  }

  private GpsFit(ChunkScene scene, List<GpsFix> all, Config config) {
    this.scene = scene;
    this.config = config;
    Map<ViewId, GpsFix> byView = new HashMap<>();
    all.forEach(fix -> byView.put(fix.view(), fix));
    List<SceneCamera> sorted = new ArrayList<>(scene.cameras());
    sorted.sort(Comparator.comparing(SceneCamera::view));
    for (SceneCamera camera : sorted) {
      GpsFix fix = byView.get(camera.view());
      if (fix != null) {
        cameras.add(camera);
        fixes.add(fix);
      }
    }
  }

  private GpsEvidence evidence() {
    Sim3 fitted = start();
    double[] weights = new double[fixes.size()];
    for (int i = 0; i < REWEIGHTINGS; i++) {
      weigh(fitted, weights);
      GpsMoments moments = moments(weights);
      fitted = DampedFit.minimize(fitted, moments.centerInWorld(), problem(moments, null));
    }
    weigh(fitted, weights);
    GpsMoments moments = moments(weights);
    Determination determination = determination(moments, fitted, config);
    UpPrior up = null;
    if (determination == Determination.ROLL_FREE) {
      fitted = Uprightness.rolled(cameras, fitted, moments.centerInWorld());
      Vec3 upInChunk = fitted.rotation().inverse().rotate(new Vec3(0, 0, 1));
      up = new UpPrior(upInChunk, config.upSigmaDegrees());
      fitted = DampedFit.minimize(fitted, moments.centerInWorld(), problem(moments, up));
    }
    GpsEvidence whole = evidence(fitted, moments, determination, up);
    return config.perSequence() ? whole.withSequences(bySequence(weights)) : whole;
  }

  private List<GpsEvidence.OfSequence> bySequence(double[] weights) {
    Map<String, List<Integer>> members = new TreeMap<>();
    for (int i = 0; i < weights.length; i++) {
      members.computeIfAbsent(fixes.get(i).sequence(), key -> new ArrayList<>()).add(i);
    }
    List<GpsEvidence.OfSequence> apart = new ArrayList<>();
    members.forEach(
        (sequence, of) -> apart.add(new GpsEvidence.OfSequence(sequence, moments(of, weights))));
    return apart;
  }

  private GpsEvidence evidence(
      Sim3 fitted, GpsMoments moments, Determination determination, UpPrior up) {
    double[] sigmas = residualSigmas(fitted);
    double[] meters = new double[fixes.size()];
    for (int i = 0; i < meters.length; i++) {
      meters[i] = fitted.apply(center(i)).distanceTo(fixes.get(i).positionInWorld());
    }
    return new GpsEvidence(
        scene.chunk(),
        moments,
        fixes.size(),
        (int) Arrays.stream(sigmas).filter(s -> s <= config.kernelSigmas()).count(),
        fitted,
        RobustScale.median(meters),
        RobustScale.median(sigmas),
        determination,
        up);
  }

  static DampedFit.Problem problem(GpsMoments moments, UpPrior up) {
    return new DampedFit.Problem() {
      @Override
      public double cost(Sim3 x) {
        return moments.cost(x) + (up == null ? 0 : up.cost(x));
      }

      @Override
      public NormalEquations equations(Sim3 x, Vec3 pivotInWorld) {
        NormalEquations equations = new NormalEquations();
        moments.addTo(equations, x, pivotInWorld, 1);
        if (up != null) {
          up.addTo(equations, x);
        }
        return equations;
      }
    };
  }

  /** What the moments settle, judged by the marginal sigmas about their own centre. */
  static Determination determination(GpsMoments moments, Sim3 worldFromFrame, Config config) {
    NormalEquations equations = new NormalEquations();
    Vec3 pivot = worldFromFrame.apply(moments.centerInChunk());
    moments.addTo(equations, worldFromFrame, pivot, 1);
    addWeakPriors(equations);
    double[] covariance = Block7.inverseSpd(equations.h);
    if (covariance == null || Math.sqrt(covariance[Block7.SIZE - 1]) > config.maxLogScaleSigma()) {
      return Determination.POSITION_ONLY;
    }
    double trace = covariance[0] + covariance[8] + covariance[16];
    return Math.sqrt(trace) > Math.toRadians(config.maxRotationSigmaDegrees())
        ? Determination.ROLL_FREE
        : Determination.FULL;
  }

  /** Keeps what is open finite, and large: a rotation at 90 degrees, a scale at a factor e. */
  static void addWeakPriors(NormalEquations equations) {
    double weakTurn = 1 / Math.pow(Math.toRadians(90), 2);
    for (int i = 0; i < 3; i++) {
      equations.h[i * Block7.N + i] += weakTurn;
    }
    equations.h[Block7.SIZE - 1] += 1;
  }

  private Sim3 start() {
    double[] ones = new double[fixes.size()];
    Arrays.fill(ones, 1);
    GpsMoments all = moments(ones);
    List<Sim3> candidates = new ArrayList<>();
    candidates.add(
        new Sim3(1, Quaternion.IDENTITY, all.centerInWorld().minus(all.centerInChunk())));
    addFit(candidates, range(fixes.size()));
    SplittableRandom random = new SplittableRandom(scene.chunk().value());
    for (int trial = 0; trial < SAMPLES && fixes.size() > 2; trial++) {
      int[] triple = {
        random.nextInt(fixes.size()), random.nextInt(fixes.size()), random.nextInt(fixes.size())
      };
      addFit(candidates, triple);
      addAligned(candidates, triple[0], triple[1]);
    }
    if (fixes.size() == 2) {
      addAligned(candidates, 0, 1);
    }
    Sim3 best = null;
    double lowest = Double.POSITIVE_INFINITY;
    for (Sim3 candidate : candidates) {
      double score = truncatedCost(candidate);
      if (score < lowest) {
        lowest = score;
        best = candidate;
      }
    }
    return best;
  }

  private void addFit(List<Sim3> candidates, int[] of) {
    List<Vec3> inChunk = Arrays.stream(of).mapToObj(this::center).toList();
    List<Vec3> inWorld = Arrays.stream(of).mapToObj(i -> fixes.get(i).positionInWorld()).toList();
    if (inChunk.stream().distinct().count() < 3 || inWorld.stream().distinct().count() < 3) {
      return;
    }
    try {
      candidates.add(Umeyama.fit(inChunk, inWorld));
    } catch (DegenerateGeometryException onALine) {
      addAligned(candidates, of[0], of[of.length - 1]);
    }
  }

  /** The similarity with the smallest turn that takes one pair of centres to its fixes. */
  private void addAligned(List<Sim3> candidates, int i, int j) {
    Vec3 inChunk = center(j).minus(center(i));
    Vec3 inWorld = fixes.get(j).positionInWorld().minus(fixes.get(i).positionInWorld());
    if (!(inChunk.norm() > 0) || !(inWorld.norm() > 0)) {
      return;
    }
    Vec3 from = inChunk.normalized();
    Vec3 to = inWorld.normalized();
    Vec3 axis = from.cross(to);
    double angle = Math.atan2(axis.norm(), from.dot(to));
    Vec3 turn =
        axis.norm() > 0
            ? axis.normalized().times(angle)
            : Uprightness.anyPerpendicular(from).times(angle);
    Quaternion rotation = Quaternion.ofRotationVector(turn);
    double scale = inWorld.norm() / inChunk.norm();
    Vec3 moved = rotation.rotate(center(i)).times(scale);
    candidates.add(new Sim3(scale, rotation, fixes.get(i).positionInWorld().minus(moved)));
  }

  private double truncatedCost(Sim3 x) {
    double limit = config.kernelSigmas() * config.kernelSigmas();
    return Arrays.stream(residualSigmas(x)).map(s -> Math.min(s * s, limit)).sum();
  }

  /**
   * Geman-McClure weights {@code 1 / (1 + e^2)^2}; the width grows with a chunk that fits badly.
   */
  private void weigh(Sim3 x, double[] weights) {
    double[] sigmas = residualSigmas(x);
    double width = config.kernelSigmas() * Math.max(1, RobustScale.median(sigmas) / MEDIAN_NORM);
    for (int i = 0; i < weights.length; i++) {
      double e = sigmas[i] / width;
      weights[i] = 1 / ((1 + e * e) * (1 + e * e));
    }
  }

  private double[] residualSigmas(Sim3 x) {
    double[] sigmas = new double[fixes.size()];
    for (int i = 0; i < sigmas.length; i++) {
      sigmas[i] = fixes.get(i).sigmasTo(x.apply(center(i)));
    }
    return sigmas;
  }

  private GpsMoments moments(double[] weights) {
    return moments(IntStream.range(0, weights.length).boxed().toList(), weights);
  }

  private GpsMoments moments(List<Integer> of, double[] weights) {
    double sum = of.stream().mapToDouble(i -> weights[i]).sum();
    Vec3 inChunk = Vec3.ZERO;
    Vec3 inWorld = Vec3.ZERO;
    for (int i : of) {
      inChunk = inChunk.plus(center(i).times(weights[i] / sum));
      inWorld = inWorld.plus(fixes.get(i).positionInWorld().times(weights[i] / sum));
    }
    GpsMoments moments = GpsMoments.empty(inChunk, inWorld);
    for (int i : of) {
      moments = moments.plus(center(i), fixes.get(i), weights[i]);
    }
    return moments;
  }

  private Vec3 center(int i) {
    return cameras.get(i).cameraFromChunk().center();
  }

  private static int[] range(int n) {
    int[] all = new int[n];
    Arrays.setAll(all, i -> i);
    return all;
  }
}
