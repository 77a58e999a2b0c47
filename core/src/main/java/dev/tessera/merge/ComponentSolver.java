package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Solves one component: layout along the spanning tree, anchor to GPS as a whole, then
 * Levenberg-Marquardt over all frames, first with Huber's kernel and without the links that cycles
 * put in doubt, then with Cauchy's over all of them.
 *
 * <p>If the median link misses by more than its covariance says, all links are taken to be that
 * much less certain, so that a kernel is never narrower than the data.
 */
final class ComponentSolver {
  /** Median of chi-square with 7 degrees of freedom. */
  private static final double MEDIAN_CHI_SQUARE = 6.3458;

  private static final int SCALE_ROUNDS = 3;
  private static final int MAX_SWEEPS = 5;

  private final Component component;
  private final PoseGraph.Config config;
  private final GraphProblem problem;
  private Sim3[] worldFromAnchor;
  private boolean georeferenced;

  ComponentSolver(Component component, PoseGraph.Config config) {
    this.component = component;
    this.config = config;
    this.problem = new GraphProblem(component, config);
  }

  void solve() {
    List<Link> links = component.links();
    double[] shares = new CycleVotes(component.nodes().size(), links).goodShares();
    SpanningTree tree = new SpanningTree(component.nodes().size(), links, shares);
    place(tree.frameFromNode());
    for (int k = 0; k < links.size(); k++) {
      problem.linkActive[k] = tree.contains(k) || shares[k] >= config.minGoodCycleShare();
    }
    problem.kernel = Kernel.HUBER;
    worldFromAnchor = GraphSolver.minimize(problem, worldFromAnchor, config.maxIterations());
    Arrays.fill(problem.linkActive, true);
    problem.kernel = Kernel.CAUCHY;
    for (int round = 0; round < SCALE_ROUNDS; round++) {
      rescale();
      reseat();
      worldFromAnchor = GraphSolver.minimize(problem, worldFromAnchor, config.maxIterations());
    }
    if (dropBadGps()) {
      worldFromAnchor = GraphSolver.minimize(problem, worldFromAnchor, config.maxIterations());
    }
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

  double[] squaredErrorsAt(int node) {
    return IntStream.range(0, component.links().size())
        .filter(k -> component.links().get(k).a() == node || component.links().get(k).b() == node)
        .mapToDouble(this::squaredError)
        .toArray();
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
   * Marginal covariance of each node: turn and scale about its centre, translation in the world.
   */
  double[][] marginals() {
    return GraphSolver.marginals(problem, worldFromAnchor);
  }

  private void place(Sim3[] frameFromAnchor) {
    Optional<GpsAnchor.Anchor> anchor = GpsAnchor.of(component.nodes(), frameFromAnchor, config);
    georeferenced = anchor.isPresent();
    problem.useGps = georeferenced;
    problem.useUp = georeferenced && anchor.get().usesUp();
    Sim3 worldFromFrame =
        georeferenced
            ? anchor.get().worldFromFrame()
            : component.nodes().get(0).chunkFromAnchor(); // the world is the first chunk's gauge
    worldFromAnchor = new Sim3[frameFromAnchor.length];
    Arrays.setAll(worldFromAnchor, i -> worldFromFrame.after(frameFromAnchor[i]));
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
    }
  }

  private boolean reseat(int node) {
    Sim3 best = worldFromAnchor[node];
    double lowest = problem.costAt(node, worldFromAnchor);
    double before = lowest;
    for (Sim3 seat : problem.seats(node, worldFromAnchor)) {
      worldFromAnchor[node] = seat;
      double cost = problem.costAt(node, worldFromAnchor);
      if (cost < lowest) {
        lowest = cost;
        best = seat;
      }
    }
    worldFromAnchor[node] = best;
    return lowest < before;
  }

  private void rescale() {
    double[] squared =
        IntStream.range(0, component.links().size()).mapToDouble(this::squaredError).toArray();
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
