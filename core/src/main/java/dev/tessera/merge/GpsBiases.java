package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.GpsEvidence.OfSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;

/**
 * By how much the GPS of each sequence is off, one shift per sequence of a component: what a fix
 * reads is where the photo was taken plus the shift of its sequence. Shifts have a prior around
 * zero, so that of several sequences the mean is believed, and of one alone nothing changes but the
 * sigmas.
 *
 * <p>Frames x and shifts b are solved for in turns. A turn of b is a step of Gauss-Newton in both,
 * with the frames eliminated (variable projection, Golub and Pereyra 1973), so that maps that hang
 * together do not have to creep after their shifts:
 *
 * <pre>S = H_bb + prior - H_bx H_xx^-1 H_xb,   S db = -(g_b - H_bx H_xx^-1 g_x),
 *   dx = -H_xx^-1 (g_x + H_xb db)</pre>
 *
 * Three solutions with a factorisation for each sequence.
 */
final class GpsBiases {
  /** Part of the prior's sigma below which a change of a shift is none. */
  private static final double SETTLED = 1e-3;

  private final PoseGraph.BiasPrior prior;
  private final List<String> sequences;
  private final List<List<Share>> ofNode = new ArrayList<>();
  private final double[] meters; // 3 per sequence: east, north, up

  /** What one sequence says about a node, in the node's anchored frame. */
  private record Share(int sequence, GpsMoments moments) {}

  GpsBiases(Component component, PoseGraph.BiasPrior prior) {
    this.prior = prior;
    TreeSet<String> names = new TreeSet<>();
    component.nodes().forEach(node -> sharesOf(node).forEach(s -> names.add(s.sequence())));
    sequences = List.copyOf(names);
    meters = new double[3 * sequences.size()];
    for (ChunkNode node : component.nodes()) {
      Sim3 anchorFromChunk = node.chunkFromAnchor().inverse();
      ofNode.add(
          sharesOf(node).stream()
              .map(
                  s ->
                      new Share(
                          sequences.indexOf(s.sequence()), s.moments().carried(anchorFromChunk)))
              .toList());
    }
  }

  private List<OfSequence> sharesOf(ChunkNode node) {
    return prior.isNone() || node.gps() == null ? List.of() : node.gps().bySequence();
  }

  boolean isEmpty() {
    return sequences.isEmpty();
  }

  List<String> sequences() {
    return sequences;
  }

  Vec3 of(int sequence) {
    return new Vec3(meters[3 * sequence], meters[3 * sequence + 1], meters[3 * sequence + 2]);
  }

  /** Begins with the shifts that another solution found for the same sequences. */
  void startFrom(GpsBiases earlier) {
    for (int q = 0; q < sequences.size(); q++) {
      int before = earlier.sequences.indexOf(sequences.get(q));
      if (before >= 0) {
        System.arraycopy(earlier.meters, 3 * before, meters, 3 * q, 3);
      }
    }
  }

  /** The shift of the sequence that a node's own fit agrees with. */
  Vec3 ofOwnFit(int node) {
    return ofNode.get(node).isEmpty() ? Vec3.ZERO : of(ofNode.get(node).get(0).sequence());
  }

  /** What GPS says about a node, the shifts taken off; null where sequences are not told apart. */
  GpsMoments corrected(int node) {
    GpsMoments sum = null;
    for (Share share : ofNode.get(node)) {
      GpsMoments own = share.moments().movedBy(of(share.sequence()).times(-1));
      sum = sum == null ? own : sum.plus(own, 1);
    }
    return sum;
  }

  /**
   * One step in frames and shifts together.
   *
   * @return moved frames, or null where the shifts have settled
   */
  Sim3[] step(Sim3[] x, GraphProblem problem, GraphSolver solver) {
    double[] gradient = solver.factorise(x);
    if (gradient == null) {
      return null;
    }
    Reduced reduced = new Reduced(x, problem, solver);
    double[] free = gradient.clone();
    solver.solve(free);
    DMatrixRMaj right = new DMatrixRMaj(meters.length, 1);
    for (int c = 0; c < meters.length; c++) {
      right.set(c, 0, -reduced.gradient[c] + reduced.dot(c, free));
    }
    DMatrixRMaj change = new DMatrixRMaj(meters.length, 1);
    CommonOps_DDRM.mult(reduced.covariance, right, change);
    double largest = 0;
    double[] step = gradient;
    for (int c = 0; c < meters.length; c++) {
      meters[c] += change.get(c);
      largest = Math.max(largest, Math.abs(change.get(c)) / prior.sigma(c % 3));
      reduced.addColumn(c, change.get(c), step);
    }
    solver.solve(step);
    for (int i = 0; i < step.length; i++) {
      step[i] = -step[i];
    }
    problem.correctGps();
    return largest > SETTLED ? GraphSolver.moved(x, step) : null;
  }

  /** Standard deviations, 3 per sequence; NaN where they are not known. */
  Uncertainty uncertainty(Sim3[] x, GraphProblem problem, GraphSolver solver) {
    double[] sigmas = new double[meters.length];
    double[] ofFrames = new double[x.length * Block7.SIZE];
    if (solver.factorise(x) == null) {
      Arrays.fill(sigmas, Double.NaN);
      return new Uncertainty(sigmas, ofFrames);
    }
    Reduced reduced = new Reduced(x, problem, solver);
    DMatrixRMaj root = reduced.covarianceRoot;
    for (int k = 0; k < meters.length; k++) {
      double[] column = new double[x.length * Block7.N];
      for (int c = 0; c < meters.length; c++) {
        reduced.addColumn(c, root.get(c, k), column);
      }
      solver.solve(column);
      addOuterProducts(column, ofFrames);
      sigmas[k] = Math.sqrt(reduced.covariance.get(k, k));
    }
    return new Uncertainty(sigmas, ofFrames);
  }

  /**
   * @param sigmas of the shifts, 3 per sequence
   * @param ofFrames what the shifts add to the covariance of each node, 7x7 one after the other
   */
  record Uncertainty(double[] sigmas, double[] ofFrames) {}

  private static void addOuterProducts(double[] column, double[] blocks) {
    for (int at = 0; at < column.length; at += Block7.N) {
      for (int i = 0; i < Block7.N; i++) {
        for (int j = 0; j < Block7.N; j++) {
          blocks[at * Block7.N + i * Block7.N + j] += column[at + i] * column[at + j];
        }
      }
    }
  }

  /** The 7x3 block of a node against a sequence. */
  private record Cross(int node, double[] block) {}

  /** The normal equations of the shifts, the frames eliminated. */
  private final class Reduced {
    private final double[] gradient = new double[meters.length];
    private final List<List<Cross>> ofSequence = new ArrayList<>();
    private final DMatrixRMaj covariance;
    private final DMatrixRMaj covarianceRoot; // M with M M^T the covariance

    Reduced(Sim3[] x, GraphProblem problem, GraphSolver solver) {
      int n = meters.length;
      double[] diagonal = new double[n];
      for (int c = 0; c < n; c++) {
        double information = 1 / (prior.sigma(c % 3) * prior.sigma(c % 3));
        diagonal[c] = information;
        gradient[c] = information * meters[c];
      }
      sequences.forEach(sequence -> ofSequence.add(new ArrayList<>()));
      for (int node = 0; node < x.length; node++) {
        addNode(node, x[node], problem.gpsFactor(node, x), diagonal);
      }
      DMatrixRMaj schur = new DMatrixRMaj(n, n);
      for (int c = 0; c < n; c++) {
        double[] column = new double[x.length * Block7.N];
        addColumn(c, 1, column);
        solver.solve(column);
        for (int row = 0; row < n; row++) {
          schur.set(row, c, (row == c ? diagonal[c] : 0) - dot(row, column));
        }
      }
      CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(n, true);
      if (!cholesky.decompose(schur)) {
        throw new ArithmeticException("GPS shifts have no positive information, prior and all");
      }
      covarianceRoot = cholesky.getT(null);
      CommonOps_DDRM.invert(covarianceRoot);
      CommonOps_DDRM.transpose(covarianceRoot);
      covariance = new DMatrixRMaj(n, n);
      CommonOps_DDRM.multTransB(covarianceRoot, covarianceRoot, covariance);
    }

    private void addNode(int node, Sim3 worldFromAnchor, double factor, double[] diagonal) {
      Vec3 pivot = worldFromAnchor.translation();
      for (Share share : ofNode.get(node)) {
        int q = share.sequence();
        double[] block = new double[Block7.N * 3];
        share
            .moments()
            .movedBy(of(q).times(-1))
            .addShiftTo(gradient, diagonal, 3 * q, block, worldFromAnchor, pivot, factor);
        ofSequence.get(q).add(new Cross(node, block));
      }
    }

    /** {@code to += factor H_xb e_c}. */
    void addColumn(int c, double factor, double[] to) {
      for (Cross cross : ofSequence.get(c / 3)) {
        for (int i = 0; i < Block7.N; i++) {
          to[cross.node() * Block7.N + i] += factor * cross.block()[i * 3 + c % 3];
        }
      }
    }

    /** {@code e_c^T H_bx v}. */
    double dot(int c, double[] v) {
      double sum = 0;
      for (Cross cross : ofSequence.get(c / 3)) {
        for (int i = 0; i < Block7.N; i++) {
          sum += v[cross.node() * Block7.N + i] * cross.block()[i * 3 + c % 3];
        }
      }
      return sum;
    }
  }
}
