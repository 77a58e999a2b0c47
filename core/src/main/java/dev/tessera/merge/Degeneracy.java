package dev.tessera.merge;

import dev.tessera.geometry.Vec3;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Names what the evidence of an edge leaves open. Whether something is open is read off the
 * covariance: largest eigenvalue of its rotation and of its translation block, so that the axes of
 * the chunks do not matter. Why it is open is read off the eigenvalues of the spread of the places
 * that hold the edge.
 */
final class Degeneracy {
  /** Spread across a line, or a plane, below this part of the spread along it is none. */
  private static final double FLAT = 0.05;

  private final boolean centersOnALine;
  private final boolean placesInAPlane;

  /**
   * @param centers of the cameras
   * @param places points and centres
   */
  Degeneracy(List<Vec3> centers, List<Vec3> places) {
    double[] ofCenters = spread(centers);
    double[] ofPlaces = spread(places);
    centersOnALine = ofCenters[1] <= FLAT * ofCenters[2];
    placesInAPlane = ofPlaces[0] <= FLAT * ofPlaces[2];
  }

  /**
   * ACCEPTED, or what is open.
   *
   * @param covariance 7x7, translation in units of the depth
   */
  Edge.Verdict verdict(double[] covariance, EdgeEstimator.Config config) {
    if (!(sigma(covariance, 0) <= Math.toRadians(config.maxRotationSigmaDegrees()))) {
      return named(0);
    }
    if (!(sigma(covariance, 3) <= config.maxRelativeSigma())) {
      return named(3);
    }
    boolean scaleIsOpen = !(Math.sqrt(covariance[Block7.SIZE - 1]) <= config.maxRelativeSigma());
    return scaleIsOpen ? named(6) : Edge.Verdict.ACCEPTED;
  }

  /** The name of an open coordinate, 0 to 6. */
  Edge.Verdict named(int coordinate) {
    if (coordinate < 3 && centersOnALine) {
      return Edge.Verdict.COLLINEAR_CENTERS;
    }
    if (placesInAPlane) {
      return Edge.Verdict.PLANAR_OVERLAP;
    }
    if (coordinate < 3) {
      return Edge.Verdict.DEGENERATE_ROTATION;
    }
    return coordinate < 6 ? Edge.Verdict.DEGENERATE_TRANSLATION : Edge.Verdict.DEGENERATE_SCALE;
  }

  /** Largest standard deviation along any axis of the 3x3 block that begins at {@code from}. */
  private static double sigma(double[] covariance, int from) {
    double[] block = new double[9];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        block[i * 3 + j] = covariance[(from + i) * Block7.N + from + j];
      }
    }
    return Math.sqrt(eigenvalues(block)[2]);
  }

  /** Root mean square distances from the mean along the principal axes, ascending. */
  private static double[] spread(List<Vec3> places) {
    Vec3 mean = Vec3.ZERO;
    for (Vec3 place : places) {
      mean = mean.plus(place.times(1.0 / places.size()));
    }
    double[] moments = new double[9];
    for (Vec3 place : places) {
      Vec3 d = place.minus(mean);
      double[] x = {d.x(), d.y(), d.z()};
      for (int i = 0; i < 9; i++) {
        moments[i] += x[i / 3] * x[i % 3] / places.size();
      }
    }
    return Arrays.stream(eigenvalues(moments)).map(v -> Math.sqrt(Math.max(v, 0))).toArray();
  }

  /** Of a symmetric 3x3 matrix, ascending; NaN if it is not finite. */
  private static double[] eigenvalues(double[] symmetric) {
    double[] values = {Double.NaN, Double.NaN, Double.NaN};
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(3, false, true);
    if (Arrays.stream(symmetric).allMatch(Double::isFinite)
        && eigen.decompose(new DMatrixRMaj(3, 3, true, symmetric))) {
      Arrays.setAll(values, i -> eigen.getEigenvalue(i).getReal());
      Arrays.sort(values);
    }
    return values;
  }
}
