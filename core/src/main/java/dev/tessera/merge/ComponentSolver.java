package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Solves one component. First frames by {@link FirstFrames}; then Levenberg-Marquardt over all
 * frames with Cauchy's kernel, first wide and without the links that cycles put in doubt, then over
 * all of them and narrower from round to round; at the end, without what was taken out, with
 * Huber's, which wastes less of good links.
 *
 * <p>If the median link misses by more than its covariance says, all links are taken to be that
 * much less certain, so that a kernel is never narrower than the data.
 */
final class ComponentSolver {
  /** Median of chi-square with 7 degrees of freedom. */
  private static final double MEDIAN_CHI_SQUARE = 6.3458;

  private static final int SCALE_ROUNDS = 3;

  /** The kernels begin this much wider, and are halved from round to round. */
  private static final double FIRST_WIDENING = 4;

  private static final int MAX_SWEEPS = 5;

  /** Turns of GPS biases and frames; the first is exact but for kernels and curvature. */
  private static final int MAX_TURNS = 4;

  /** Part of its cost that a node must gain by a leap; less is for the steps to find. */
  static final double LEAST_GAIN = 0.05;

  /** Changes (radians, chunk radii, log scale) after which a stage hands over to the next. */
  private static final double HAND_OVER = 1e-3;

  /** Changes that are rounding for every use of a map. */
  private static final double CONVERGED = 1e-8;

  private final Component component;
  private final PoseGraph.Config config;
  private final GraphProblem problem;
  private final GraphSolver solver;
  private Sim3[] worldFromAnchor;
  private boolean georeferenced;
  private GpsBiases.Uncertainty uncertainty; // null where no biases are solved for, or not yet

  ComponentSolver(Component component, PoseGraph.Config config) {
    this.component = component;
    this.config = config;
    this.problem = new GraphProblem(component, config);
    this.solver = new GraphSolver(problem);
  }

  /** From edges and GPS alone. */
  void solve() {
    FirstFrames first = FirstFrames.of(component, config);
    start(first.worldFromAnchor(), first.georeferenced(), first.usesUp());
    for (int k = 0; k < problem.linkActive.length; k++) {
      problem.linkActive[k] = first.isTrusted(k);
    }
    problem.kernel = Kernel.CAUCHY;
    problem.widening = FIRST_WIDENING;
    minimize(HAND_OVER);
    Arrays.fill(problem.linkActive, true);
    for (int round = 0; round < SCALE_ROUNDS; round++) {
      problem.widening = Math.max(1, problem.widening / 2);
      rescale();
      reseat();
      minimize(HAND_OVER);
    }
    settleGps();
  }

  /**
   * From what an earlier round found for a component that held this one. How uncertain links and
   * GPS are is also taken from there: what is cut off may be mostly wrong.
   *
   * @param earlier frames in the world
   */
  void solveFrom(Sim3[] earlier, ComponentSolver whole) {
    Optional<GpsAnchor.Anchor> anchor = GpsAnchor.of(component.nodes(), earlier, config);
    boolean hasFull = FirstFrames.hasSeeds(component);
    Sim3 worldFromEarlier =
        anchor.isEmpty()
            ? component.nodes().get(0).chunkFromAnchor().after(earlier[0].inverse())
            : hasFull ? Sim3.IDENTITY : anchor.get().worldFromFrame();
    Sim3[] frames = new Sim3[earlier.length];
    Arrays.setAll(frames, i -> worldFromEarlier.after(earlier[i]));
    start(frames, anchor.isPresent(), anchor.isPresent() && anchor.get().usesUp());
    problem.linkVariance = whole.problem.linkVariance;
    problem.gpsVariance = whole.problem.gpsVariance;
    problem.kernel = Kernel.CAUCHY;
    problem.biases().startFrom(whole.problem.biases());
    problem.correctGps();
    reseat();
    minimize(HAND_OVER);
    settleGps();
  }

  private void start(Sim3[] frames, boolean isGeoreferenced, boolean usesUp) {
    worldFromAnchor = frames;
    georeferenced = isGeoreferenced;
    problem.useGps = isGeoreferenced;
    problem.useUp = usesUp;
  }

  /** Frames, and the shifts of GPS sequences where they are solved for, in turns. */
  private void minimize(double converged) {
    worldFromAnchor = solver.minimize(worldFromAnchor, config.maxIterations(), converged);
    for (int turn = 0; turn < MAX_TURNS && hasBiases(); turn++) {
      Sim3[] moved = problem.biases().step(worldFromAnchor, problem, solver);
      if (moved == null) {
        break;
      }
      worldFromAnchor = solver.minimize(moved, config.maxIterations(), converged);
    }
  }

  private boolean hasBiases() {
    return problem.useGps && !problem.biases().isEmpty();
  }

  /** In the order of their sequences; none where they are not solved for. */
  List<MapFrames.GpsBias> gpsBiases(int componentId) {
    List<MapFrames.GpsBias> biases = new ArrayList<>();
    for (int q = 0; uncertainty != null && q < problem.biases().sequences().size(); q++) {
      double[] sigmas = Arrays.copyOfRange(uncertainty.sigmas(), 3 * q, 3 * q + 3);
      biases.add(
          new MapFrames.GpsBias(
              componentId,
              problem.biases().sequences().get(q),
              problem.biases().of(q),
              Math.sqrt((sigmas[0] * sigmas[0] + sigmas[1] * sigmas[1]) / 2),
              sigmas[2]));
    }
    return biases;
  }

  private void settleGps() {
    if (dropBadGps()) {
      minimize(HAND_OVER);
    }
  }

  /** The last step, once no more links are taken out. */
  void finish() {
    problem.kernel = Kernel.HUBER;
    problem.gpsKernel = Kernel.HUBER;
    minimize(CONVERGED);
    uncertainty =
        hasBiases() ? problem.biases().uncertainty(worldFromAnchor, problem, solver) : null;
  }

  boolean georeferenced() {
    return georeferenced;
  }

  Sim3 worldFromAnchor(int node) {
    return worldFromAnchor[node];
  }

  double squaredError(int link) {
    Link l = component.links().get(link);
    return l.squaredError(worldFromAnchor[l.a()], worldFromAnchor[l.b()]);
  }

  double linkWeight(int link) {
    return Kernel.CAUCHY.weight(squaredError(link) / problem.linkVariance, config.edgeSigmas());
  }

  double gpsResidualSigmas(int node) {
    return georeferenced && problem.hasGps(node)
        ? Math.sqrt(problem.gpsMeanSquared(node, worldFromAnchor))
        : Double.NaN;
  }

  boolean gpsRejected(int node) {
    return !problem.gpsActive[node];
  }

  /**
   * Marginal covariance of each node, one after the other: turn and scale about its centre,
   * translation in the world.
   */
  double[] marginals() {
    double[] covariances = solver.marginals(worldFromAnchor);
    if (uncertainty != null) {
      Block7.add(covariances, uncertainty.ofFrames(), 1);
    }
    return covariances;
  }

  /**
   * Moves single nodes to where one of their links or their GPS alone would put them, if that is
   * cheaper: steps of a gradient cannot leave the basin of a wrong link that came first.
   */
  private void reseat() {
    boolean moved = true;
    for (int sweep = 0; moved && sweep < MAX_SWEEPS; sweep++) {
      moved = false;
      for (int node = 0; node < worldFromAnchor.length; node++) {
        moved |= !problem.isFixed(node) && reseat(node);
      }
      moved |= georeferenced && new GroupLeaps(component, problem, config, worldFromAnchor).leap();
    }
  }

  private boolean reseat(int node) {
    Sim3 best = worldFromAnchor[node];
    double before = problem.costAt(node, worldFromAnchor);
    double lowest = before * (1 - LEAST_GAIN);
    boolean moved = false;
    for (Sim3 seat : problem.seats(node, worldFromAnchor)) {
      worldFromAnchor[node] = seat;
      double cost = problem.costAt(node, worldFromAnchor);
      if (cost < lowest) {
        lowest = cost;
        best = seat;
        moved = true;
      }
    }
    worldFromAnchor[node] = best;
    return moved;
  }

  private void rescale() {
    double[] squared =
        IntStream.range(0, component.links().size())
            .parallel()
            .mapToDouble(this::squaredError)
            .toArray();
    if (squared.length > 0) {
      problem.linkVariance = Math.max(1, RobustScale.median(squared) / MEDIAN_CHI_SQUARE);
    }
    double[] gps =
        IntStream.range(0, worldFromAnchor.length)
            .filter(problem::hasGps)
            .mapToDouble(i -> problem.gpsSquared(i, worldFromAnchor))
            .toArray();
    if (gps.length > 0) {
      problem.gpsVariance = Math.max(1, RobustScale.median(gps) / MEDIAN_CHI_SQUARE);
    }
  }

  private boolean dropBadGps() {
    boolean dropped = false;
    for (int i = 0; i < worldFromAnchor.length && problem.useGps; i++) {
      if (problem.hasGps(i) && problem.gpsWeight(i, worldFromAnchor) < config.minGpsWeight()) {
        problem.gpsActive[i] = false;
        dropped = true;
      }
    }
    return dropped;
  }
}
