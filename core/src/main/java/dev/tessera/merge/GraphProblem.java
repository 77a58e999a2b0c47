package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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
  private final GpsBiases biases;
  private final double[] ownGpsCost;
  private final int[] pairA;
  private final int[] pairB;
  private final int[] starts; // the links at node i are linksAt[starts[i] .. starts[i + 1] - 1]
  private final int[] linksAt;

  Kernel kernel = Kernel.HUBER;
  Kernel gpsKernel = Kernel.CAUCHY;
  boolean useGps;
  boolean useUp;
  double widening = 1; // of both kernels
  double linkVariance = 1;
  double gpsVariance = 1;
  final boolean[] linkActive;
  final boolean[] gpsActive;

  /**
   * The normal equations {@code H x = -gradient}: blocks of 7x7 one after the other, those of the
   * nodes, and those of node a against node b of each link.
   */
  final class Blocks {
    final double[] diagonal = new double[nodes() * Block7.SIZE];
    final double[] offDiagonal = new double[linkActive.length * Block7.SIZE];
    final double[] gradient = new double[nodes() * N];

    /** {@code y = H x}. */
    void times(double[] x, double[] y) {
      IntStream.range(0, nodes()).parallel().forEach(node -> timesRow(node, x, y));
    }

    private void timesRow(int node, double[] x, double[] y) {
      Arrays.fill(y, node * N, (node + 1) * N, 0);
      addTimes(diagonal, node, false, x, node, y, node);
      for (int at = starts[node]; at < starts[node + 1]; at++) {
        int k = linksAt[at];
        boolean isA = pairA[k] == node;
        addTimes(offDiagonal, k, !isA, x, isA ? pairB[k] : pairA[k], y, node);
      }
    }
  }

  private static void addTimes(
      double[] blocks, int block, boolean transposed, double[] x, int from, double[] y, int to) {
    for (int i = 0; i < N; i++) {
      double sum = 0;
      for (int j = 0; j < N; j++) {
        int at = block * Block7.SIZE + (transposed ? j * N + i : i * N + j);
        sum += blocks[at] * x[from * N + j];
      }
      y[to * N + i] += sum;
    }
  }

  GraphProblem(Component component, PoseGraph.Config config) {
    this.component = component;
    this.config = config;
    int n = component.nodes().size();
    moments = new GpsMoments[n];
    biases = new GpsBiases(component, config.biasPrior());
    ownGpsCost = new double[n];
    linkActive = new boolean[component.links().size()];
    gpsActive = new boolean[n];
    Arrays.fill(linkActive, true);
    Arrays.fill(gpsActive, true);
    for (int i = 0; i < n; i++) {
      ChunkNode node = component.nodes().get(i);
      if (node.gps() != null) {
        ownGpsCost[i] = node.gps().moments().cost(node.gps().worldFromChunk());
        moments[i] = node.gps().moments().carried(node.chunkFromAnchor().inverse());
      }
    }
    pairA = component.links().stream().mapToInt(Link::a).toArray();
    pairB = component.links().stream().mapToInt(Link::b).toArray();
    starts = new int[n + 1];
    linksAt = Adjacency.pairs(starts, pairA, pairB);
  }

  GpsBiases biases() {
    return biases;
  }

  /** Takes the shifts of the sequences, as they are now, off the fixes. */
  void correctGps() {
    for (int i = 0; i < moments.length; i++) {
      GpsMoments corrected = biases.corrected(i);
      moments[i] = corrected == null ? moments[i] : corrected;
    }
  }

  /** Where a node's own GPS puts it. */
  Sim3 frameByGps(int node) {
    ChunkNode of = component.nodes().get(node);
    Sim3 read = of.gps().worldFromChunk().after(of.chunkFromAnchor());
    return new Sim3(read.scale(), read.rotation(), read.translation().minus(biases.ofOwnFit(node)));
  }

  /** A factorisation with the pattern of this problem. */
  BlockCholesky cholesky(Sim3[] x) {
    return new BlockCholesky(N, pairA, pairB, Places.smoothed(x, pairA, pairB));
  }

  int nodes() {
    return moments.length;
  }

  /** Indices of the links at a node. */
  int[] linksOf(int node) {
    return Arrays.copyOfRange(linksAt, starts[node], starts[node + 1]);
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
    return gpsKernel.weight(gpsSquared(node, x) / gpsVariance, widening * config.gpsSigmas());
  }

  /** What a node's GPS moments are multiplied with in the normal equations. */
  double gpsFactor(int node, Sim3[] x) {
    return useGps && hasGps(node) && gpsActive[node] ? gpsWeight(node, x) / gpsVariance : 0;
  }

  double cost(Sim3[] x) {
    double[] parts = new double[linkActive.length + x.length];
    IntStream.range(0, parts.length)
        .parallel()
        .forEach(
            i ->
                parts[i] =
                    i < linkActive.length ? linkCost(i, x) : gpsCost(i - linkActive.length, x));
    double sum = 0; // in one order, so that it is the same for any number of threads
    for (double part : parts) {
      sum += part;
    }
    return sum;
  }

  /** The part of the cost that a node has a share in. */
  double costAt(int node, Sim3[] x) {
    double sum = gpsCost(node, x);
    for (int at = starts[node]; at < starts[node + 1]; at++) {
      sum += linkCost(linksAt[at], x);
    }
    return sum;
  }

  /** The same of several nodes; links between two of them count twice, wherever they lie. */
  double costAt(List<Integer> group, Sim3[] x) {
    double sum = 0;
    for (int node : group) {
      sum += costAt(node, x);
    }
    return sum;
  }

  double linkWeight(int k, Sim3[] x) {
    Link link = component.links().get(k);
    double squared = link.squaredError(x[link.a()], x[link.b()]) / linkVariance;
    return kernel.weight(squared, widening * config.edgeSigmas());
  }

  /** Where its links and its own GPS, each alone, would put a node. */
  List<Sim3> seats(int node, Sim3[] x) {
    List<Sim3> seats = new ArrayList<>();
    for (int at = starts[node]; at < starts[node + 1]; at++) {
      Link link = component.links().get(linksAt[at]);
      int other = link.other(node);
      seats.add(x[other].after(link.seenFrom(other)));
    }
    GpsEvidence gps = component.nodes().get(node).gps();
    if (useGps && gps != null && gps.determination() == GpsEvidence.Determination.FULL) {
      seats.add(frameByGps(node));
    }
    return seats;
  }

  private double linkCost(int k, Sim3[] x) {
    if (!linkActive[k]) {
      return 0;
    }
    Link link = component.links().get(k);
    double squared = link.squaredError(x[link.a()], x[link.b()]) / linkVariance;
    return kernel.rho(squared, widening * config.edgeSigmas());
  }

  private double gpsCost(int node, Sim3[] x) {
    double sum = 0;
    if (useGps && hasGps(node) && gpsActive[node]) {
      double squared = gpsSquared(node, x) / gpsVariance;
      sum += gpsKernel.rho(squared, widening * config.gpsSigmas());
    }
    return useUp && up(node) != null ? sum + up(node).cost(x[node]) : sum;
  }

  Blocks equations(Sim3[] x) {
    Blocks blocks = new Blocks();
    IntStream.range(0, nodes()).parallel().forEach(node -> addNode(blocks, node, x));
    settleGauge(blocks);
    return blocks;
  }

  /** All of a node's row; its links are linearised once from each end. */
  private void addNode(Blocks blocks, int node, Sim3[] x) {
    NormalEquations own = new NormalEquations();
    for (int at = starts[node]; at < starts[node + 1]; at++) {
      if (linkActive[linksAt[at]]) {
        addLink(blocks, own, linksAt[at], node, x);
      }
    }
    if (gpsFactor(node, x) > 0) {
      moments[node].addTo(own, x[node], x[node].translation(), gpsFactor(node, x));
    }
    if (useUp && up(node) != null) {
      up(node).addTo(own, x[node]);
    }
    System.arraycopy(own.h, 0, blocks.diagonal, node * Block7.SIZE, Block7.SIZE);
    System.arraycopy(own.g, 0, blocks.gradient, node * N, N);
  }

  private void addLink(Blocks blocks, NormalEquations own, int k, int node, Sim3[] x) {
    Link link = component.links().get(k);
    Sim3 worldFromA = x[link.a()];
    Sim3 worldFromB = x[link.b()];
    double[] r = link.residual(worldFromA, worldFromB);
    double squared = Block7.quadratic(link.information(), r) / linkVariance;
    double weight = kernel.weight(squared, widening * config.edgeSigmas()) / linkVariance;
    Vec3 measured = worldFromB.after(link.aFromB().inverse()).translation();
    boolean isA = link.a() == node;
    double[] ja = jacobian(worldFromA, r, measured.minus(worldFromA.translation()), -1);
    double[] jb = jacobian(worldFromA, r, measured.minus(worldFromB.translation()), 1);
    double[] wOwn = Block7.times(Block7.transposed(isA ? ja : jb), link.information());
    Block7.add(own.h, Block7.times(wOwn, isA ? ja : jb), weight);
    Block7.add(own.g, Block7.timesVector(wOwn, r), weight);
    if (isA) {
      double[] off = Block7.times(wOwn, jb);
      for (int i = 0; i < Block7.SIZE; i++) {
        blocks.offDiagonal[k * Block7.SIZE + i] = weight * off[i];
      }
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
        blocks.diagonal[i * N + i] += WEAK_TURN;
      }
      blocks.diagonal[Block7.SIZE - 1] += 1;
      return;
    }
    System.arraycopy(Block7.identity(), 0, blocks.diagonal, 0, Block7.SIZE);
    Arrays.fill(blocks.gradient, 0, N, 0);
    for (int at = starts[0]; at < starts[1]; at++) {
      int from = linksAt[at] * Block7.SIZE;
      Arrays.fill(blocks.offDiagonal, from, from + Block7.SIZE, 0);
    }
  }

  private UpPrior up(int node) {
    GpsEvidence gps = component.nodes().get(node).gps();
    return gps == null ? null : gps.up();
  }
}
