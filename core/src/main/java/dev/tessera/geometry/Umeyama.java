package dev.tessera.geometry;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * Least-squares similarity between two matched point sets.
 *
 * <pre>argmin over s, R, t of  sum_i w_i | y_i - (s R x_i + t) |^2</pre>
 *
 * <p>Closed form of Umeyama, "Least-squares estimation of transformation parameters between two
 * point patterns", PAMI 1991, eqs. 38-42, with weights; his S keeps {@code det R = +1}. Linear in
 * the number of pairs, one 3x3 SVD.
 */
public final class Umeyama {
  /** Second singular value over the first, below which the points count as lying on a line. */
  private static final double COLLINEAR_RATIO = 1e-9;

  private Umeyama() {}

  /** As {@link #fit(List, List, double[])} with equal weights. */
  public static Sim3 fit(List<Vec3> xInA, List<Vec3> xInB) {
    double[] weights = new double[xInA.size()];
    Arrays.fill(weights, 1);
    return fit(xInA, xInB, weights);
  }

  /**
   * The similarity {@code bFromA} that fits the pairs best.
   *
   * @throws DegenerateGeometryException for under three pairs of positive weight, or points on a
   *     line, so that the rotation is not determined
   */
  public static Sim3 fit(List<Vec3> xInA, List<Vec3> xInB, double[] weights) {
    if (xInA.size() != xInB.size() || xInA.size() != weights.length) {
      throw new IllegalArgumentException(
          "Cannot fit a similarity: %d points, %d points, %d weights"
              .formatted(xInA.size(), xInB.size(), weights.length));
    }
    double sum = 0;
    int used = 0;
    for (double w : weights) {
      sum += w;
      used += w > 0 ? 1 : 0;
    }
    if (used < 3) {
      throw new DegenerateGeometryException("Cannot fit a similarity: " + used + " pairs, need 3");
    }
    Vec3 meanA = weightedMean(xInA, weights, sum);
    Vec3 meanB = weightedMean(xInB, weights, sum);
    DMatrixRMaj covariance = new DMatrixRMaj(3, 3);
    double varianceA = 0;
    for (int i = 0; i < weights.length; i++) {
      double w = weights[i] / sum;
      Vec3 a = xInA.get(i).minus(meanA);
      Vec3 b = xInB.get(i).minus(meanB);
      varianceA += w * a.dot(a);
      addOuterProduct(covariance.data, b, a, w);
    }
    return fromCovariance(covariance, varianceA, meanA, meanB);
  }

  private static Sim3 fromCovariance(
      DMatrixRMaj covariance, double varianceA, Vec3 meanA, Vec3 meanB) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(3, 3, true, true, false);
    if (!svd.decompose(covariance.copy())) {
      throw new DegenerateGeometryException("Cannot fit a similarity: the points are not finite");
    }
    DMatrixRMaj u = svd.getU(null, false);
    DMatrixRMaj vt = svd.getV(null, true);
    double[] sigma = svd.getSingularValues().clone();
    SingularOps_DDRM.descendingOrder(u, false, sigma, 3, vt, true);
    if (!(sigma[1] > COLLINEAR_RATIO * sigma[0])) {
      throw new DegenerateGeometryException("Cannot fit a similarity: the points lie on a line");
    }
    double reflection = CommonOps_DDRM.det(u) * CommonOps_DDRM.det(vt) < 0 ? -1 : 1;
    for (int row = 0; row < 3; row++) {
      u.data[row * 3 + 2] *= reflection;
    }
    DMatrixRMaj r = new DMatrixRMaj(3, 3);
    CommonOps_DDRM.mult(u, vt, r);
    Quaternion rotation = Quaternion.ofMatrix(r.data);
    double scale = (sigma[0] + sigma[1] + reflection * sigma[2]) / varianceA;
    return new Sim3(scale, rotation, meanB.minus(rotation.rotate(meanA).times(scale)));
  }

  private static Vec3 weightedMean(List<Vec3> points, double[] weights, double sum) {
    Vec3 mean = Vec3.ZERO;
    for (int i = 0; i < weights.length; i++) {
      mean = mean.plus(points.get(i).times(weights[i] / sum));
    }
    return mean;
  }

  private static void addOuterProduct(double[] m, Vec3 b, Vec3 a, double w) {
    m[0] += w * b.x() * a.x();
    m[1] += w * b.x() * a.y();
    m[2] += w * b.x() * a.z();
    m[3] += w * b.y() * a.x();
    m[4] += w * b.y() * a.y();
    m[5] += w * b.y() * a.z();
    m[6] += w * b.z() * a.x();
    m[7] += w * b.z() * a.y();
    m[8] += w * b.z() * a.z();
  }
}
