package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
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
  private final Link[] links; // by edge; null where not used
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
      GpsEvidence.Config gps) {

    /** The kernels begin at the 95 % point of chi with 7 degrees of freedom. */
    public static Config defaults() {
      return new Config(3.75, 3.75, 3, 0.2, 0.2, 0.4, 60, GpsEvidence.Config.defaults());
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
    Map<ChunkId, Integer> index = new HashMap<>();
    for (int i = 0; i < this.nodes.size(); i++) {
      if (index.put(this.nodes.get(i).chunk(), i) != null) {
        throw new IllegalArgumentException(
            "Cannot merge: chunk " + this.nodes.get(i).chunk() + " is given twice");
      }
    }
    for (int e = 0; e < links.length; e++) {
      links[e] = this.edges.get(e).accepted() ? link(e, index) : null;
    }
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

  private Link link(int e, Map<ChunkId, Integer> index) {
    Edge edge = edges.get(e);
    Integer a = index.get(edge.a());
    Integer b = index.get(edge.b());
    if (a == null || b == null) {
      throw new IllegalArgumentException(
          "Cannot merge: edge %s - %s joins a chunk that is not there"
              .formatted(edge.a(), edge.b()));
    }
    return Link.of(e, edge, a, b, nodes.get(a), nodes.get(b));
  }

  private MapFrames solve() {
    List<Component> components = List.of();
    List<ComponentSolver> solved = List.of();
    for (int round = 0; round < MAX_ROUNDS; round++) {
      components = Component.of(nodes, links);
      solved = new ArrayList<>();
      for (Component component : components) {
        ComponentSolver solver = new ComponentSolver(component, config);
        solver.solve();
        solved.add(solver);
      }
      if (!takeOutInconsistent(components, solved) || round == MAX_ROUNDS - 1) {
        break;
      }
    }
    return new MapFrames(frames(components, solved), results());
  }

  /** Notes weights and residuals; true if an edge was taken out. */
  private boolean takeOutInconsistent(List<Component> components, List<ComponentSolver> solved) {
    boolean changed = false;
    for (int c = 0; c < solved.size(); c++) {
      List<Link> of = components.get(c).links();
      for (int k = 0; k < of.size(); k++) {
        int edge = of.get(k).edge();
        weights[edge] = solved.get(c).linkWeight(k);
        residuals[edge] = Math.sqrt(solved.get(c).squaredError(k) / Block7.N);
        if (weights[edge] < config.minEdgeWeight()) {
          weights[edge] = 0;
          links[edge] = null;
          changed = true;
        }
      }
    }
    return changed;
  }

  private List<ChunkFrame> frames(List<Component> components, List<ComponentSolver> solved) {
    List<ChunkFrame> frames = new ArrayList<>();
    for (int c = 0; c < solved.size(); c++) {
      Component component = components.get(c);
      ComponentSolver solver = solved.get(c);
      double[][] covariance = solver.marginals();
      for (int i = 0; i < component.nodes().size(); i++) {
        frames.add(frame(c, component.nodes().get(i), solver, i, covariance[i]));
      }
    }
    frames.sort(Comparator.comparing(ChunkFrame::chunk));
    return frames;
  }

  private ChunkFrame frame(
      int component, ChunkNode node, ComponentSolver solver, int i, double[] covariance) {
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
        edgeResidualSigmas(solver, i),
        status(node, solver, i));
  }

  private static double edgeResidualSigmas(ComponentSolver solver, int node) {
    double[] squared = solver.squaredErrorsAt(node);
    return squared.length == 0 ? Double.NaN : Math.sqrt(RobustScale.median(squared) / Block7.N);
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
      boolean takenOut = edge.accepted() && links[e] == null;
      results.add(
          new EdgeResult(
              takenOut ? edge.with(Edge.Verdict.INCONSISTENT) : edge, weights[e], residuals[e]));
    }
    return results;
  }
}
