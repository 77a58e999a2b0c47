package dev.tessera.sfm;

import dev.tessera.geometry.Intrinsics;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * How well a model knows a lens (focal length, k1, k2, principal point; lengths in pixels of the
 * original size): the inverse of its covariance with all poses and points free as well.
 *
 * <pre>I = (S^-1 restricted to the lens)^-1 / s^2,   s^2 = mean square of the residuals</pre>
 *
 * with S the normal matrix after the points are eliminated (Triggs et al., "Bundle adjustment - a
 * modern synthesis", 2000, sections 6.1 and 7). A distortion that is exactly zero was held, and has
 * no information; so has a principal point in the middle of the photo.
 *
 * @param matrix (5, 5), symmetric, row by row; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent")
public record LensInformation(double[] matrix) implements Serializable {
  /** Coordinates of a lens. */
  public static final int N = BundleProblem.INTRINSICS;

  /** Relative to the diagonal: the directions of the gauge have no curvature of their own. */
  private static final double GAUGE_DAMPING = 1e-9;

  /**
   * One for each lens of the model.
   *
   * @param lensOf which of the model's cameras share a lens: numbers from 0, without gaps
   */
  public static List<LensInformation> of(SfmModel model, int[] lensOf) {
    List<Intrinsics> lenses = model.cameras().stream().map(SfmModel.Camera::intrinsics).toList();
    BundleProblem problem = ModelProblem.of(model, lenses, lensOf, Integer.MAX_VALUE);
    for (int c = 0; c < lensOf.length; c++) {
      setFree(problem, N * lensOf[c], lenses.get(c));
    }
    NormalEquations equations = new NormalEquations(problem, Double.MAX_VALUE, Double.MAX_VALUE);
    double squares = 0;
    for (int block = 0; block < NormalEquations.BLOCKS; block++) {
      squares += equations.costOfBlock(block);
      equations.linearizeBlock(block);
      equations.reduceBlock(block, 0);
    }
    DMatrixRMaj covariance = covariance(equations);
    double variance = squares / (2.0 * problem.observations());
    List<LensInformation> informations = new ArrayList<>();
    for (int lens = 0; lens < problem.groups(); lens++) {
      informations.add(new LensInformation(marginal(problem, lens, covariance, variance)));
    }
    return informations;
  }

  private static void setFree(BundleProblem problem, int at, Intrinsics k) {
    boolean[] held = {
      false, k.k1() == 0, k.k2() == 0, 2 * k.cx() == k.width(), 2 * k.cy() == k.height()
    };
    for (int i = 0; i < N; i++) {
      problem.intrinsicsSigma[at + i] = held[i] ? 0 : Double.POSITIVE_INFINITY;
    }
  }

  /** One standard deviation of the focal length in pixels; infinite without information. */
  public double focalSigmaPixels() {
    double variance = inverse(new DMatrixRMaj(N, N, true, matrix)).get(0, 0);
    return variance > 0 ? Math.sqrt(variance) : Double.POSITIVE_INFINITY;
  }

  /** Inverse over what there is information on, zero elsewhere (Moore and Penrose). */
  public static DMatrixRMaj inverse(DMatrixRMaj information) {
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.pseudoInverse(true);
    DMatrixRMaj inverse = new DMatrixRMaj(information.numRows, information.numRows);
    if (!solver.setA(information.copy())) {
      throw new ArithmeticException("Cannot invert the information of a lens: " + information);
    }
    solver.invert(inverse);
    return inverse;
  }

  private static DMatrixRMaj covariance(NormalEquations equations) {
    int n = equations.size();
    DMatrixRMaj matrix = new DMatrixRMaj(n, n);
    DMatrixRMaj gradient = new DMatrixRMaj(n, 1);
    for (int share = 0; share < NormalEquations.BLOCKS; share++) {
      equations.sumRows(share, GAUGE_DAMPING, matrix.data, gradient.data);
    }
    LinearSolverDense<DMatrixRMaj> cholesky = LinearSolverFactory_DDRM.chol(n);
    if (!cholesky.setA(matrix)) {
      return null;
    }
    DMatrixRMaj inverse = new DMatrixRMaj(n, n);
    cholesky.invert(inverse);
    return inverse;
  }

  /** All zero where the model is too weak to have a covariance, or has no residuals. */
  private static double[] marginal(
      BundleProblem problem, int lens, DMatrixRMaj covariance, double variance) {
    double[] information = new double[N * N];
    if (covariance == null || !(variance > 0)) {
      return information;
    }
    int[] free =
        IntStream.range(0, N).filter(i -> problem.intrinsicsSigma[N * lens + i] != 0).toArray();
    int at = covariance.numRows - N * (problem.groups() - lens);
    DMatrixRMaj block = new DMatrixRMaj(free.length, free.length);
    for (int i = 0; i < free.length; i++) {
      for (int j = 0; j < free.length; j++) {
        block.set(i, j, covariance.get(at + free[i], at + free[j]));
      }
    }
    DMatrixRMaj inverse = inverse(block);
    for (int i = 0; i < free.length; i++) {
      for (int j = 0; j < free.length; j++) {
        information[N * free[i] + free[j]] = inverse.get(i, j) / variance;
      }
    }
    return information;
  }
}
