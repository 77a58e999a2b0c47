package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.merge.PoseGraph.ScalePrior;
import java.util.Arrays;

/**
 * An edge between anchored nodes, by their indices.
 *
 * @param edge index of the edge it stands for
 * @param covariance 7x7, of the left change of {@code aFromB}
 * @param information its inverse
 */
record Link(int edge, int a, int b, Sim3 aFromB, double[] covariance, double[] information) {

  /** The anchored form of an edge, or null if its covariance cannot be inverted. */
  static Link of(
      int index, Edge edge, int a, int b, ChunkNode nodeA, ChunkNode nodeB, ScalePrior prior) {
    double[] ofEdge = Sim3Tangent.unpack(edge.covariance28());
    Sim3 measured = withPrior(edge.aFromB(), ofEdge, prior);
    Sim3 anchorFromA = nodeA.chunkFromAnchor().inverse();
    Sim3 aFromB = anchorFromA.after(measured).after(nodeB.chunkFromAnchor());
    double[] covariance = Sim3Tangent.carry(anchorFromA, ofEdge);
    double[] information = Block7.inverseSpd(covariance);
    return information == null ? null : new Link(index, a, b, aFromB, covariance, information);
  }

  /**
   * The mean of measurement and prior {@code log scale = 0}, as one step of a Kalman filter:
   *
   * <pre>K = C e / (e^T C e + sigma^2),  xi = -K log s,  C' = C - K e^T C</pre>
   *
   * @param covariance C, replaced
   */
  private static Sim3 withPrior(Sim3 aFromB, double[] covariance, ScalePrior prior) {
    if (Double.isInfinite(prior.logSigma())) {
      return aFromB;
    }
    int last = Block7.N - 1;
    double sum = covariance[Block7.SIZE - 1] + prior.logSigma() * prior.logSigma();
    double[] gain = new double[Block7.N];
    double[] change = new double[Block7.N];
    for (int i = 0; i < Block7.N; i++) {
      gain[i] = covariance[i * Block7.N + last] / sum;
      change[i] = -gain[i] * Math.log(aFromB.scale());
    }
    double[] row = Arrays.copyOfRange(covariance, last * Block7.N, Block7.SIZE);
    for (int i = 0; i < Block7.N; i++) {
      for (int j = 0; j < Block7.N; j++) {
        covariance[i * Block7.N + j] -= gain[i] * row[j];
      }
    }
    return Sim3Tangent.perturb(aFromB, change);
  }

  /** The change that takes the measured to the estimated similarity. */
  double[] residual(Sim3 worldFromA, Sim3 worldFromB) {
    return Sim3Tangent.between(aFromB, worldFromA.inverse().after(worldFromB));
  }

  /** Squared Mahalanobis norm of the residual: 7 on average if the covariance is honest. */
  double squaredError(Sim3 worldFromA, Sim3 worldFromB) {
    return Block7.quadratic(information, residual(worldFromA, worldFromB));
  }

  /** The measurement as seen from node {@code from}: {@code fromFromTo}. */
  Sim3 seenFrom(int from) {
    return from == a ? aFromB : aFromB.inverse();
  }

  /** Covariance of {@link #seenFrom}. */
  double[] covarianceSeenFrom(int from) {
    return from == a ? covariance : Sim3Tangent.carry(aFromB.inverse(), covariance);
  }

  int other(int node) {
    return node == a ? b : a;
  }

  /** Size of the uncertainty in units of the chunk: root of the covariance's trace. */
  double sigma() {
    double trace = 0;
    for (int i = 0; i < Block7.N; i++) {
      trace += covariance[i * Block7.N + i];
    }
    return Math.sqrt(trace);
  }

  /** One standard deviation of the log scale. */
  double scaleSigma() {
    return Math.sqrt(covariance[Block7.SIZE - 1]);
  }

  /** One standard deviation of the rotation about an axis, radians. */
  double rotationSigma() {
    return Math.sqrt((covariance[0] + covariance[8] + covariance[16]) / 3);
  }

  /** One standard deviation of b's centre along an axis, in units of a. */
  double positionSigma() {
    Sim3 aboutB = new Sim3(1, Quaternion.IDENTITY, aFromB.translation().times(-1));
    double[] own = Sim3Tangent.carry(aboutB, covariance);
    return Math.sqrt((own[24] + own[32] + own[40]) / 3);
  }
}
