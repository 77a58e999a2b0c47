package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cost and normal equations of one component. A node's unknown is {@code worldFromAnchor}; its
 * change turns and scales about the node's own centre, in the axes of the world.
 */
final class GraphProblem {
  private static final int N = Block7.N;

  /** Keeps directions that nothing settles finite: half a turn, and a factor e, for node 0. */
  private static final double WEAK_TURN = 1 / (Math.PI * Math.PI);

  private final Component component;
  private final PoseGraph.Config config;
  private final GpsMoments[] moments; // about the anchored nodes; null without GPS
  private final double[] ownGpsCost;
  private final BlockCholesky cholesky;
  private final List<List<Integer>> linksAt = new ArrayList<>();

  Kernel kernel = Kernel.HUBER;
  boolean useGps;
  boolean useUp;
  double linkVariance = 1;
  double gpsVariance = 1;
  final boolean[] linkActive;
  final boolean[] gpsActive;

  /** Blocks of the normal equations. */
  static final class Blocks {
    final double[][] diagonal;
    final double[][] offDiagonal;
    final double[] gradient;

    Blocks(int nodes, int links) {
      diagonal = new double[nodes][Block7.SIZE];
      offDiagonal = new double[links][Block7.SIZE];
      gradient = new double[nodes * N];
    }
  }

  GraphProblem(Component component, PoseGraph.Config config) {
    this.component = component;
    this.config = config;
    int n = component.nodes().size();
    moments = new GpsMoments[n];
    ownGpsCost = new double[n];
    linkActive = new boolean[component.links().size()];
    gpsActive = new boolean[n];
    Arrays.fill(linkActive, true);
    Arrays.fill(gpsActive, true);
    for (int i = 0; i < n; i++) {
      linksAt.add(new ArrayList<>());
      ChunkNode node = component.nodes().get(i);
      if (node.gps() != null) {
        ownGpsCost[i] = node.gps().moments().cost(node.gps().worldFromChunk());
        moments[i] = node.gps().moments().carried(node.chunkFromAnchor().inverse());
      }
    }
    List<int[]> pairs = new ArrayList<>();
    for (int k = 0; k < linkActive.length; k++) {
      Link link = component.links().get(k);
      pairs.add(new int[] {link.a(), link.b()});
      linksAt.get(link.a()).add(k);
      linksAt.get(link.b()).add(k);
    }
    cholesky = new BlockCholesky(n, pairs);
  }

  BlockCholesky cholesky() {
    return cholesky;
  }

  int nodes() {
    return moments.length;
  }

  /** Without GPS, node 0 holds the gauge. */
  boolean isFixed(int node) {
    return !useGps && node == 0;
  }

  boolean hasGps(int node) {
    return moments[node] != null;
  }

  /** Mean squared GPS residual of a node in sigmas, per coordinate. */
  double gpsMeanSquared(int node, Sim3[] x) {
    return moments[node].cost(x[node]) / (GpsAnchor.AXES * moments[node].weight());
  }

  /**
   * By how much a node's GPS misses its frame: the cost beyond that of the chunk's own best fit,
   * chi-square with 7 degrees of freedom if the sigmas are honest. So a chunk's GPS has one vote,
   * like an edge to the world, however many photos it has.
   */
  double gpsSquared(int node, Sim3[] x) {
    return Math.max(0, moments[node].cost(x[node]) - ownGpsCost[node]);
  }

  double gpsWeight(int node, Sim3[] x) {
    return Kernel.CAUCHY.weight(gpsSquared(node, x) / gpsVariance, config.gpsSigmas());
  }

  double cost(Sim3[] x) {
    double sum = 0;
    for (int k = 0; k < linkActive.length; k++) {
      sum += linkCost(k, x);
    }
    for (int i = 0; i < x.length; i++) {
      sum += gpsCost(i, x);
    }
    return sum;
  }

  /** The part of the cost that a node has a share in. */
  double costAt(int node, Sim3[] x) {
    double sum = gpsCost(node, x);
    for (int k : linksAt.get(node)) {
      sum += linkCost(k, x);
    }
    return sum;
  }

  /** Where its links and its own GPS, each alone, would put a node. */
  List<Sim3> seats(int node, Sim3[] x) {
    List<Sim3> seats = new ArrayList<>();
    for (int k : linksAt.get(node)) {
      Link link = component.links().get(k);
      int other = link.other(node);
      seats.add(x[other].after(link.seenFrom(other)));
    }
    GpsEvidence gps = component.nodes().get(node).gps();
    if (useGps && gps != null && gps.determination() == GpsEvidence.Determination.FULL) {
      seats.add(gps.worldFromChunk().after(component.nodes().get(node).chunkFromAnchor()));
    }
    return seats;
  }

  private double linkCost(int k, Sim3[] x) {
    if (!linkActive[k]) {
      return 0;
    }
    Link link = component.links().get(k);
    double squared = link.squaredError(x[link.a()], x[link.b()]) / linkVariance;
    return kernel.rho(squared, config.edgeSigmas());
  }

  private double gpsCost(int node, Sim3[] x) {
    double sum = 0;
    if (useGps && hasGps(node) && gpsActive[node]) {
      double squared = gpsSquared(node, x) / gpsVariance;
      sum += Kernel.CAUCHY.rho(squared, config.gpsSigmas());
    }
    return useUp && up(node) != null ? sum + up(node).cost(x[node]) : sum;
  }

  Blocks equations(Sim3[] x) {
    Blocks blocks = new Blocks(x.length, linkActive.length);
    for (int k = 0; k < linkActive.length; k++) {
      if (linkActive[k]) {
        addLink(blocks, k, x);
      }
    }
    for (int i = 0; useGps && i < x.length; i++) {
      NormalEquations own = new NormalEquations();
      if (hasGps(i) && gpsActive[i]) {
        double weight = gpsWeight(i, x) / gpsVariance;
        moments[i].addTo(own, x[i], x[i].translation(), weight);
      }
      if (useUp && up(i) != null) {
        up(i).addTo(own, x[i]);
      }
      Block7.add(blocks.diagonal[i], own.h, 1);
      for (int r = 0; r < N; r++) {
        blocks.gradient[i * N + r] += own.g[r];
      }
    }
    settleGauge(blocks);
    return blocks;
  }

  private void addLink(Blocks blocks, int k, Sim3[] x) {
    Link link = component.links().get(k);
    Sim3 worldFromA = x[link.a()];
    Sim3 worldFromB = x[link.b()];
    double[] r = link.residual(worldFromA, worldFromB);
    double squared = Block7.quadratic(link.information(), r) / linkVariance;
    double weight = kernel.weight(squared, config.edgeSigmas()) / linkVariance;
    Vec3 measured = worldFromB.after(link.aFromB().inverse()).translation();
    double[] ja = jacobian(worldFromA, r, measured.minus(worldFromA.translation()), -1);
    double[] jb = jacobian(worldFromA, r, measured.minus(worldFromB.translation()), 1);
    double[] wa = Block7.times(Block7.transposed(ja), link.information());
    double[] wb = Block7.times(Block7.transposed(jb), link.information());
    Block7.add(blocks.diagonal[link.a()], Block7.times(wa, ja), weight);
    Block7.add(blocks.diagonal[link.b()], Block7.times(wb, jb), weight);
    Block7.add(blocks.offDiagonal[k], Block7.times(wa, jb), weight);
    double[] ga = Block7.timesVector(wa, r);
    double[] gb = Block7.timesVector(wb, r);
    for (int i = 0; i < N; i++) {
      blocks.gradient[link.a() * N + i] += weight * ga[i];
      blocks.gradient[link.b() * N + i] += weight * gb[i];
    }
  }

  /**
   * Derivative of a link's residual {@code (log R, u, log s)} of {@code worldFromA^-1 worldFromB
   * aFromB^-1} by the change of a node, whose centre is {@code arm} away from the measured origin
   * of a:
   *
   * <pre>d log R = J_l^-1 R_a^T dw,  du = R_a^T (dt + dw x arm + dl arm) / s_a,  d log s = dl</pre>
   */
  private static double[] jacobian(Sim3 worldFromA, double[] residual, Vec3 arm, double sign) {
    double[] ra = worldFromA.rotation().toMatrix();
    double[] left =
        Sim3Tangent.inverseLeftJacobian(new Vec3(residual[0], residual[1], residual[2]));
    double[] arms = {arm.x(), arm.y(), arm.z()};
    double[] minusCross = {0, arm.z(), -arm.y(), -arm.z(), 0, arm.x(), arm.y(), -arm.x(), 0};
    double perA = sign / worldFromA.scale();
    double[] j = new double[Block7.SIZE];
    for (int i = 0; i < 3; i++) {
      for (int c = 0; c < 3; c++) {
        for (int k = 0; k < 3; k++) {
          j[i * N + c] += sign * left[i * 3 + k] * ra[c * 3 + k];
          j[(3 + i) * N + c] += perA * ra[k * 3 + i] * minusCross[k * 3 + c];
        }
        j[(3 + i) * N + 3 + c] = perA * ra[c * 3 + i];
        j[(3 + i) * N + 6] += perA * ra[c * 3 + i] * arms[c];
      }
    }
    j[6 * N + 6] = sign;
    return j;
  }

  private void settleGauge(Blocks blocks) {
    if (useGps) {
      for (int i = 0; i < 3; i++) {
        blocks.diagonal[0][i * N + i] += WEAK_TURN;
      }
      blocks.diagonal[0][Block7.SIZE - 1] += 1;
      return;
    }
    blocks.diagonal[0] = Block7.identity();
    Arrays.fill(blocks.gradient, 0, N, 0);
    for (int k = 0; k < linkActive.length; k++) {
      Link link = component.links().get(k);
      if (link.a() == 0 || link.b() == 0) {
        Arrays.fill(blocks.offDiagonal[k], 0);
      }
    }
  }

  private UpPrior up(int node) {
    GpsEvidence gps = component.nodes().get(node).gps();
    return gps == null ? null : gps.up();
  }
}
