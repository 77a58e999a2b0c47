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
  private final BlockCholesky cholesky;

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
    linkActive = new boolean[component.links().size()];
    gpsActive = new boolean[n];
    Arrays.fill(linkActive, true);
    Arrays.fill(gpsActive, true);
    for (int i = 0; i < n; i++) {
      ChunkNode node = component.nodes().get(i);
      if (node.gps() != null) {
        moments[i] = node.gps().moments().carried(node.chunkFromAnchor().inverse());
      }
    }
    List<int[]> pairs = new ArrayList<>();
    component.links().forEach(link -> pairs.add(new int[] {link.a(), link.b()}));
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
  double gpsSquared(int node, Sim3[] worldFromAnchor) {
    return moments[node].cost(worldFromAnchor[node]) / coordinates(node);
  }

  double gpsWeight(int node, Sim3[] worldFromAnchor) {
    return Kernel.CAUCHY.weight(
        gpsSquared(node, worldFromAnchor) / gpsVariance, config.gpsCauchySigmas());
  }

  double cost(Sim3[] x) {
    double sum = 0;
    for (int k = 0; k < linkActive.length; k++) {
      if (linkActive[k]) {
        Link link = component.links().get(k);
        double squared = link.squaredError(x[link.a()], x[link.b()]) / linkVariance;
        sum += kernel.rho(squared, config.edgeSigmas());
      }
    }
    for (int i = 0; useGps && i < x.length; i++) {
      if (hasGps(i) && gpsActive[i]) {
        double squared = gpsSquared(i, x) / gpsVariance;
        sum += coordinates(i) * Kernel.CAUCHY.rho(squared, config.gpsCauchySigmas());
      }
      if (useUp && up(i) != null) {
        sum += up(i).cost(x[i]);
      }
    }
    return sum;
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

  private double coordinates(int node) {
    return GpsAnchor.AXES * moments[node].weight();
  }
}
