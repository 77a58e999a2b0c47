package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import java.util.Arrays;
import java.util.Optional;

/**
 * First frames of a component: grown along the most trusted links and synchronised, once without
 * GPS and then taken to the world as a whole, once from what each chunk's GPS says by itself; of
 * two, the cheaper. The whole bends in a large component, so there only the second is tried if some
 * chunk has the GPS for it.
 */
final class FirstFrames {
  /** Nodes up to which a component may be taken to the world as a whole. */
  private static final int SMALL = 500;

  private final Component component;
  private final PoseGraph.Config config;
  private final SpanningTree tree;
  private final boolean[] trusted;
  private final double[] linkShares;
  private Sim3[] worldFromAnchor;
  private boolean georeferenced;
  private boolean usesUp;

  private FirstFrames(Component component, PoseGraph.Config config) {
    this.component = component;
    this.config = config;
    int nodes = component.nodes().size();
    double[] goodShares = new CycleVotes(nodes, component.links()).goodShares();
    tree = new SpanningTree(nodes, component.links(), goodShares);
    trusted = new boolean[goodShares.length];
    linkShares = new double[goodShares.length];
    for (int k = 0; k < trusted.length; k++) {
      trusted[k] = tree.contains(k) || goodShares[k] >= config.minGoodCycleShare();
      linkShares[k] = trusted[k] ? 1 : 0;
    }
  }

  static FirstFrames of(Component component, PoseGraph.Config config) {
    FirstFrames first = new FirstFrames(component, config);
    boolean hasSeeds = hasSeeds(component);
    if (!hasSeeds || component.nodes().size() <= SMALL) {
      first.placeAsAWhole();
    }
    if (hasSeeds && (first.georeferenced || first.worldFromAnchor == null)) {
      first.placeByOwnGps();
    }
    return first;
  }

  /** Whether some chunk knows its whole frame from its own GPS. */
  static boolean hasSeeds(Component component) {
    return component.nodes().stream().anyMatch(FirstFrames::isSeed);
  }

  Sim3[] worldFromAnchor() {
    return worldFromAnchor;
  }

  boolean georeferenced() {
    return georeferenced;
  }

  boolean usesUp() {
    return usesUp;
  }

  /** Whether a link is in the tree or on good cycles. */
  boolean isTrusted(int link) {
    return trusted[link];
  }

  static boolean isSeed(ChunkNode node) {
    return node.gps() != null && node.gps().determination() == GpsEvidence.Determination.FULL;
  }

  private void placeAsAWhole() {
    int nodes = component.nodes().size();
    Sim3[] none = new Sim3[nodes];
    double[] noSigmas = new double[nodes];
    Sim3[] frames = synchronised(none, noSigmas, noSigmas, tree.frameFromNode());
    Optional<GpsAnchor.Anchor> anchor = GpsAnchor.of(component.nodes(), frames, config);
    georeferenced = anchor.isPresent();
    usesUp = georeferenced && anchor.get().usesUp();
    Sim3 worldFromFrame =
        georeferenced
            ? anchor.get().worldFromFrame()
            : component.nodes().get(0).chunkFromAnchor().after(frames[0].inverse());
    worldFromAnchor = new Sim3[nodes];
    Arrays.setAll(worldFromAnchor, i -> worldFromFrame.after(frames[i]));
  }

  private void placeByOwnGps() {
    int nodes = component.nodes().size();
    Sim3[] seeds = new Sim3[nodes];
    double[] radians = new double[nodes];
    double[] spread = new double[nodes];
    for (int i = 0; i < nodes; i++) {
      ChunkNode node = component.nodes().get(i);
      if (isSeed(node)) {
        seeds[i] = node.gps().worldFromChunk().after(node.chunkFromAnchor());
        double[] covariance = covariance(node, seeds[i]);
        double turn = (covariance[0] + covariance[8] + covariance[16]) / 3;
        radians[i] = Math.sqrt(Math.max(turn, covariance[48]));
        spread[i] = Math.sqrt((covariance[24] + covariance[32] + covariance[40]) / 3);
      }
    }
    Sim3[] frames = synchronised(seeds, radians, spread, tree.grown(seeds));
    if (worldFromAnchor == null || cost(frames) < cost(worldFromAnchor)) {
      worldFromAnchor = frames;
      georeferenced = true;
    }
  }

  /** Of changes of {@code worldFromAnchor} about the node's centre. */
  private static double[] covariance(ChunkNode node, Sim3 worldFromAnchor) {
    NormalEquations equations = new NormalEquations();
    GpsMoments moments = node.gps().moments().carried(node.chunkFromAnchor().inverse());
    moments.addTo(equations, worldFromAnchor, worldFromAnchor.translation(), 1);
    GpsFit.addWeakPriors(equations);
    return Block7.inverseSpd(equations.h);
  }

  private Sim3[] synchronised(Sim3[] seeds, double[] radians, double[] spread, Sim3[] start) {
    return new Synchronization(component.links(), linkShares, seeds, radians, spread, start)
        .frames();
  }

  private double cost(Sim3[] frames) {
    GraphProblem problem = new GraphProblem(component, config);
    problem.useGps = true;
    problem.useUp = usesUp;
    problem.kernel = Kernel.CAUCHY;
    return problem.cost(frames);
  }
}
