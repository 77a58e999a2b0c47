package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.EdgeResult;
import dev.tessera.merge.MapFrames.Status;
import dev.tessera.partition.ChunkId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the frame of every chunk from edges and GPS: robust least squares over one similarity per
 * chunk, component by component.
 *
 * <pre>min  sum over edges rho(xi^T Sigma^-1 xi),  P(xi) after aFromB = worldFromA^-1 worldFromB
 *    + sum over chunks rho(GPS residuals in sigmas)</pre>
 *
 * <p>Edges that end with a low weight are taken out as INCONSISTENT, and the rest is solved again
 * in the components that remain. The driver's work is per chunk and per edge, never per photo.
 */
public final class PoseGraph {
  /** Rounds of taking out edges; each solves what is left. */
  private static final int MAX_ROUNDS = 6;

  private final List<ChunkNode> nodes;
  private final List<Edge> edges;
  private final Config config;
  private final Map<ChunkId, Integer> index = new HashMap<>();
  private final Link[] measured; // by edge; null where rejected beforehand, or at a chunk left out
  private final Link[] links; // by edge; null where not used
  private final boolean[] leftOut; // by node
  private final List<MapFrames.Quarantined> quarantined = new ArrayList<>();
  private List<Component> components = List.of();
  private List<ComponentSolver> solved = List.of();
  private final double[] weights;
  private final double[] residuals;

  /**
   * @param edgeSigmas half-width of the robust kernel on edges: norm of the seven whitened
   *     coordinates
   * @param gpsSigmas the same on a chunk's GPS: root of its cost beyond that of its own best fit
   * @param anchorSigmas half-width of the kernel on a chunk's root mean square GPS residual while a
   *     whole component is anchored
   * @param minEdgeWeight an edge that ends with less is taken out
   * @param minGpsWeight a chunk's GPS that ends with less is taken out
   * @param minGoodCycleShare an edge whose share of good cycles is below waits for the second stage
   * @param maxIterations steps of Levenberg-Marquardt per stage
   * @param scalePrior how far chunks are believed to share one unit of length
   * @param biasPrior how far whole sequences of GPS may be off; needs evidence in which they are
   *     told apart
   * @param gps what a component's GPS must settle to anchor it
   */
  public record Config(
      double edgeSigmas,
      double gpsSigmas,
      double anchorSigmas,
      double minEdgeWeight,
      double minGpsWeight,
      double minGoodCycleShare,
      int maxIterations,
      ScalePrior scalePrior,
      BiasPrior biasPrior,
      GpsEvidence.Config gps) {

    /** The kernels begin at the 95 % point of chi with 7 degrees of freedom. */
    public static Config defaults() {
      return new Config(
          3.75,
          3.75,
          3,
          0.2,
          0.2,
          0.4,
          60,
          ScalePrior.FREE,
          BiasPrior.NONE,
          GpsEvidence.Config.defaults());
    }

    /** The same with what is known beforehand; sequences are told apart if they may be off. */
    public Config with(ScalePrior ofScale, BiasPrior ofGps) {
      return new Config(
          edgeSigmas,
          gpsSigmas,
          anchorSigmas,
          minEdgeWeight,
          minGpsWeight,
          minGoodCycleShare,
          maxIterations,
          ofScale,
          ofGps,
          gps.withSequences(!ofGps.isNone()));
    }
  }

  /**
   * How far the GPS of a whole sequence may be off, one standard deviation along each axis.
   *
   * @param horizontalSigmaMeters 0, with the other, where GPS is off photo by photo only
   */
  public record BiasPrior(double horizontalSigmaMeters, double verticalSigmaMeters) {
    public static final BiasPrior NONE = new BiasPrior(0, 0);

    public BiasPrior {
      if (!(horizontalSigmaMeters > 0 && verticalSigmaMeters > 0)
          && !(horizontalSigmaMeters == 0 && verticalSigmaMeters == 0)) {
        throw new IllegalArgumentException(
            "Sigmas of a GPS bias must both be positive, or both 0, were %s and %s"
                .formatted(horizontalSigmaMeters, verticalSigmaMeters));
      }
    }

    boolean isNone() {
      return horizontalSigmaMeters == 0;
    }

    /** East, north, up. */
    double sigma(int axis) {
      return axis < 2 ? horizontalSigmaMeters : verticalSigmaMeters;
    }
  }

  /** What is known of an edge's scale before it is measured. */
  public enum ScalePrior {
    /** Nothing: each chunk has a unit of length of its own. */
    FREE(Double.POSITIVE_INFINITY),
    /** Chunks have the same unit but for a few percent: engines that guess the metre. */
    SOFT(0.05),
    /** Chunks have the same unit. */
    FIXED(1e-4);

    private final double logSigma;

    ScalePrior(double logSigma) {
      this.logSigma = logSigma;
    }

    double logSigma() {
      return logSigma;
    }
  }

  private PoseGraph(List<ChunkNode> nodes, List<Edge> edges, Config config) {
    this.nodes = new ArrayList<>(nodes);
    this.nodes.sort(Comparator.comparing(ChunkNode::chunk));
    this.edges = new ArrayList<>(edges);
    this.edges.sort(Comparator.comparing(Edge::a).thenComparing(Edge::b).thenComparing(Edge::kind));
    this.config = config;
    this.links = new Link[edges.size()];
    this.weights = new double[edges.size()];
    this.residuals = new double[edges.size()];
    Arrays.fill(residuals, Double.NaN);
    this.leftOut = new boolean[nodes.size()];
    for (int i = 0; i < this.nodes.size(); i++) {
      if (index.put(this.nodes.get(i).chunk(), i) != null) {
        throw new IllegalArgumentException(
            "Cannot merge: chunk " + this.nodes.get(i).chunk() + " is given twice");
      }
    }
    for (int e = 0; e < links.length; e++) {
      links[e] = this.edges.get(e).accepted() ? link(e) : null;
    }
    this.measured = links.clone();
  }

  /**
   * Frames of all chunks. The result is the same to the last bit for any order of {@code nodes} and
   * {@code edges}.
   *
   * @throws IllegalArgumentException if a chunk is given twice, or an edge joins an unknown chunk
   */
  public static MapFrames solve(List<ChunkNode> nodes, List<Edge> edges, Config config) {
    return new PoseGraph(nodes, edges, config).solve();
  }

  /**
   * What the graph says against chunks and edges.
   *
   * @param quarantined chunks that are wrong in themselves, in the order of their ids
   * @param inconsistent accepted edges that the rest contradicts, those of quarantined chunks too
   */
  public record Judgement(List<MapFrames.Quarantined> quarantined, List<Edge> inconsistent) {}

  /**
   * What {@link #solve} leaves out of the map, without what it needs for the map only: the last
   * refinement, sigmas and biases.
   *
   * @throws IllegalArgumentException as {@link #solve}
   */
  public static Judgement judge(List<ChunkNode> nodes, List<Edge> edges, Config config) {
    PoseGraph graph = new PoseGraph(nodes, edges, config);
    graph.settle();
    List<Edge> inconsistent = new ArrayList<>();
    for (int e = 0; e < graph.links.length; e++) {
      if (graph.takenOut(e)) {
        inconsistent.add(graph.edges.get(e));
      }
    }
    return new Judgement(List.copyOf(graph.quarantined), inconsistent);
  }

  private Link link(int e) {
    Edge edge = edges.get(e);
    int a = node(edge, edge.a());
    int b = node(edge, edge.b());
    return Link.of(e, edge, a, b, nodes.get(a), nodes.get(b), config.scalePrior());
  }

  private int node(Edge edge, ChunkId end) {
    Integer node = index.get(end);
    if (node == null) {
      throw new IllegalArgumentException(
          "Cannot merge: edge %s - %s joins a chunk that is not there"
              .formatted(edge.a(), edge.b()));
    }
    return node;
  }

  /** Solves until nothing more is left out. */
  private void settle() {
    solveAll();
    for (int round = 0; round < MAX_ROUNDS && takeOutInconsistent(); round++) {
      solveAll();
    }
    while (quarantineWrong()) {
      solveAll();
    }
  }

  private MapFrames solve() {
    settle();
    solved.forEach(ComponentSolver::finish);
    noteEdges();
    List<MapFrames.GpsBias> biases = new ArrayList<>();
    for (int c = 0; c < solved.size(); c++) {
      biases.addAll(solved.get(c).gpsBiases(c));
    }
    return new MapFrames(frames(components, solved), results(), quarantined, biases);
  }

  /** Solves the components that changed, from where they are. */
  private void solveAll() {
    Map<Integer, Integer> earlier = new HashMap<>(); // node -> earlier component
    Sim3[] frames = new Sim3[nodes.size()];
    for (int c = 0; c < components.size(); c++) {
      for (int i = 0; i < components.get(c).indices().size(); i++) {
        frames[components.get(c).indices().get(i)] = solved.get(c).worldFromAnchor(i);
        earlier.put(components.get(c).indices().get(i), c);
      }
    }
    List<Component> now = Component.of(nodes, leftOut, links);
    List<ComponentSolver> solvers = new ArrayList<>();
    for (Component component : now) {
      Integer before = earlier.get(component.indices().get(0));
      if (before != null && component.isSameAs(components.get(before))) {
        solvers.add(solved.get(before));
        continue;
      }
      ComponentSolver solver = new ComponentSolver(component, config);
      if (before == null) {
        solver.solve();
      } else {
        Sim3[] own = component.indices().stream().map(i -> frames[i]).toArray(Sim3[]::new);
        solver.solveFrom(own, solved.get(before));
      }
      solvers.add(solver);
    }
    components = now;
    solved = solvers;
  }

  private boolean takeOutInconsistent() {
    noteEdges();
    boolean changed = false;
    for (int e = 0; e < links.length; e++) {
      if (links[e] != null && weights[e] < config.minEdgeWeight()) {
        weights[e] = 0;
        links[e] = null;
        changed = true;
      }
    }
    return changed;
  }

  private void noteEdges() {
    for (int c = 0; c < solved.size(); c++) {
      List<Link> of = components.get(c).links();
      for (int k = 0; k < of.size(); k++) {
        weights[of.get(k).edge()] = solved.get(c).linkWeight(k);
        residuals[of.get(k).edge()] = Math.sqrt(solved.get(c).squaredError(k) / Block7.N);
      }
    }
  }

  private boolean quarantineWrong() {
    boolean[] gpsFor = new boolean[nodes.size()];
    boolean[] gpsAgainst = new boolean[nodes.size()];
    Sim3[] frames = new Sim3[nodes.size()];
    for (int c = 0; c < components.size(); c++) {
      ComponentSolver solver = solved.get(c);
      for (int i = 0; i < components.get(c).indices().size(); i++) {
        int node = components.get(c).indices().get(i);
        frames[node] = solver.worldFromAnchor(i);
        boolean hasGps = solver.georeferenced() && nodes.get(node).gps() != null;
        gpsFor[node] = hasGps && !solver.gpsRejected(i);
        gpsAgainst[node] = hasGps && solver.gpsRejected(i);
      }
    }
    List<MapFrames.Quarantined> found =
        new Quarantine(nodes, measured, links, misfits(), gpsFor, gpsAgainst, frames).wrong();
    for (MapFrames.Quarantined q : found) {
      leaveOut(index.get(q.chunk()));
    }
    quarantined.addAll(found);
    quarantined.sort(Comparator.comparing(MapFrames.Quarantined::chunk));
    return !found.isEmpty();
  }

  /** Edges of which the measurement says that one of their chunks is wrong. */
  private List<Quarantine.Misfit> misfits() {
    List<Quarantine.Misfit> misfits = new ArrayList<>();
    for (Edge edge : edges) {
      if (edge.verdict().isContradiction()) {
        int a = node(edge, edge.a());
        int b = node(edge, edge.b());
        if (!leftOut[a] && !leftOut[b]) {
          misfits.add(new Quarantine.Misfit(a, b));
        }
      }
    }
    return misfits;
  }

  private void leaveOut(int node) {
    leftOut[node] = true;
    for (int e = 0; e < links.length; e++) {
      if (measured[e] != null && (measured[e].a() == node || measured[e].b() == node)) {
        links[e] = null;
        measured[e] = null;
        weights[e] = 0;
      }
    }
  }

  private List<ChunkFrame> frames(List<Component> components, List<ComponentSolver> solved) {
    List<ChunkFrame> frames = new ArrayList<>();
    for (int c = 0; c < solved.size(); c++) {
      Component component = components.get(c);
      ComponentSolver solver = solved.get(c);
      double[] covariances = solver.marginals();
      double[] edgeResiduals = medianResiduals(component);
      for (int i = 0; i < component.nodes().size(); i++) {
        double[] covariance =
            Arrays.copyOfRange(covariances, i * Block7.SIZE, (i + 1) * Block7.SIZE);
        frames.add(frame(component.nodes().get(i), c, solver, i, covariance, edgeResiduals[i]));
      }
    }
    frames.sort(Comparator.comparing(ChunkFrame::chunk));
    return frames;
  }

  private static ChunkFrame frame(
      ChunkNode node,
      int component,
      ComponentSolver solver,
      int i,
      double[] covariance,
      double edgeResidualSigmas) {
    double turn = 0;
    double move = 0;
    for (int k = 0; k < 3; k++) {
      turn += covariance[k * Block7.N + k] / 3;
      move += covariance[(3 + k) * Block7.N + 3 + k] / 3;
    }
    return new ChunkFrame(
        node.chunk(),
        solver.worldFromAnchor(i).after(node.chunkFromAnchor().inverse()),
        component,
        solver.georeferenced(),
        Math.sqrt(move),
        Math.toDegrees(Math.sqrt(turn)),
        Math.sqrt(covariance[Block7.SIZE - 1]),
        solver.gpsResidualSigmas(i),
        edgeResidualSigmas,
        status(node, solver, i));
  }

  /** By node; NaN without links. */
  private double[] medianResiduals(Component component) {
    List<List<Double>> ofNode = new ArrayList<>();
    component.nodes().forEach(node -> ofNode.add(new ArrayList<>()));
    for (Link link : component.links()) {
      ofNode.get(link.a()).add(residuals[link.edge()]);
      ofNode.get(link.b()).add(residuals[link.edge()]);
    }
    return ofNode.stream()
        .mapToDouble(
            of ->
                of.isEmpty()
                    ? Double.NaN
                    : RobustScale.median(of.stream().mapToDouble(r -> r).toArray()))
        .toArray();
  }

  private static Status status(ChunkNode node, ComponentSolver solver, int i) {
    if (!solver.georeferenced()) {
      return Status.FLOATING;
    }
    if (node.gps() == null) {
      return Status.CONNECTED;
    }
    return solver.gpsRejected(i) ? Status.GPS_REJECTED : Status.ANCHORED;
  }

  private List<EdgeResult> results() {
    List<EdgeResult> results = new ArrayList<>();
    for (int e = 0; e < links.length; e++) {
      Edge edge = edges.get(e);
      results.add(
          new EdgeResult(
              takenOut(e) ? edge.with(Edge.Verdict.INCONSISTENT) : edge, weights[e], residuals[e]));
    }
    return results;
  }

  private boolean takenOut(int e) {
    return edges.get(e).accepted() && links[e] == null;
  }
}
