package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;

/**
 * An edge between anchored nodes, by their indices.
 *
 * @param edge index of the edge it stands for
 * @param covariance 7x7, of the left change of {@code aFromB}
 * @param information its inverse
 */
record Link(int edge, int a, int b, Sim3 aFromB, double[] covariance, double[] information) {

  /** The anchored form of an edge, or null if its covariance cannot be inverted. */
  static Link of(int index, Edge edge, int a, int b, ChunkNode nodeA, ChunkNode nodeB) {
    Sim3 anchorFromA = nodeA.chunkFromAnchor().inverse();
    Sim3 aFromB = anchorFromA.after(edge.aFromB()).after(nodeB.chunkFromAnchor());
    double[] covariance = Sim3Tangent.carry(anchorFromA, Sim3Tangent.unpack(edge.covariance28()));
    double[] information = Block7.inverseSpd(covariance);
    return information == null ? null : new Link(index, a, b, aFromB, covariance, information);
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
