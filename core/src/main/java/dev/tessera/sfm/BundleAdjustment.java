package dev.tessera.sfm;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Refines cameras and points together: Levenberg-Marquardt on the robust reprojection error.
 *
 * <pre>minimise  sum_obs rho_h(|x - project(camera, point)|) + sum_intrinsics ((k - k0) / sigma)^2
 *           + sum_cameras rho_p(|(c - c0) / sigma|)</pre>
 *
 * <p>rho is Huber's function on the length of the residual vector, applied by weights (Triggs et
 * al., "Bundle adjustment - a modern synthesis", 2000, section 4.3). The points are eliminated
 * (Schur complement, ibid. section 6.1), the reduced camera system is dense and solved by Cholesky.
 * Rotations are perturbed on the left about the camera centre, {@code R <- exp(w) R}, so that a
 * position prior touches three unknowns only. The gauge is left to damping and priors. Damping
 * scales with the diagonal (Marquardt 1963).
 *
 * <p>Cost of an iteration: linear in the observations times the track length, plus {@code (6 C)^3 /
 * 3}. Sums are taken over a fixed number of blocks in a fixed order: the result is bit-identical
 * for any number of threads.
 */
final class BundleAdjustment {
  private static final double FIRST_DAMPING = 1e-4;
  private static final double LEAST_DAMPING = 1e-8;
  private static final double MOST_DAMPING = 1e8;
  private static final double DAMPING_AFTER_SUCCESS = 0.2;
  private static final double DAMPING_AFTER_FAILURE = 8;

  private final BundleProblem problem;
  private final Config config;
  private final NormalEquations equations;
  private final WorkerPool pool;

  /**
   * @param maxIterations attempted steps at most
   * @param huberPixels residual length up to which the loss is quadratic
   * @param positionHuber the same for position priors, in sigmas
   * @param leastRelativeDecrease a step that lowers the cost by less than this share is the last
   */
  record Config(
      int maxIterations, double huberPixels, double positionHuber, double leastRelativeDecrease) {
    static Config defaults() {
      return new Config(50, 1, 1, 1e-6);
    }

    Config iterations(int most, double leastDecrease) {
      return new Config(most, huberPixels, positionHuber, leastDecrease);
    }
  }

  /** What a run did. */
  record Summary(double costBefore, double costAfter, int iterations) {}

  BundleAdjustment(BundleProblem problem, Config config, WorkerPool pool) {
    this.problem = problem;
    this.config = config;
    this.pool = pool;
    this.equations = new NormalEquations(problem, config.huberPixels, config.positionHuber);
  }

  /** Improves the problem's unknowns in place. The cost never rises. */
  Summary run() {
    double[] costBlocks = new double[NormalEquations.BLOCKS];
    double before = cost(costBlocks);
    double now = before;
    double damping = FIRST_DAMPING;
    int iteration = 0;
    boolean linearize = true;
    Unknowns kept = new Unknowns(problem);
    for (; iteration < config.maxIterations && damping <= MOST_DAMPING; iteration++) {
      if (linearize) {
        pool.forEach(NormalEquations.BLOCKS, equations::linearizeBlock);
      }
      kept.copyFrom(problem);
      if (!step(damping)) {
        damping *= DAMPING_AFTER_FAILURE;
        linearize = false;
        continue;
      }
      double next = cost(costBlocks);
      if (next < now) {
        double decrease = (now - next) / now;
        now = next;
        damping = Math.max(LEAST_DAMPING, damping * DAMPING_AFTER_SUCCESS);
        linearize = true;
        if (decrease < config.leastRelativeDecrease) {
          iteration++;
          break;
        }
      } else {
        kept.copyTo(problem);
        damping *= DAMPING_AFTER_FAILURE;
        linearize = false;
        if (!(next > now * (1 + config.leastRelativeDecrease * 1e-3))) {
          break; // as good as it gets in this arithmetic
        }
      }
    }
    return new Summary(before, now, iteration);
  }

  private double cost(double[] blocks) {
    pool.forEach(NormalEquations.BLOCKS, b -> blocks[b] = equations.costOfBlock(b));
    return Arrays.stream(blocks).sum() + equations.costOfPriors();
  }

  /** Solves the damped equations and moves the unknowns; false if they cannot be solved. */
  private boolean step(double damping) {
    pool.forEach(NormalEquations.BLOCKS, b -> equations.reduceBlock(b, damping));
    int n = equations.size();
    DMatrixRMaj delta = new DMatrixRMaj(Math.max(n, 1), 1);
    if (n > 0) {
      DMatrixRMaj matrix = new DMatrixRMaj(n, n);
      DMatrixRMaj gradient = new DMatrixRMaj(n, 1);
      pool.forEach(
          NormalEquations.BLOCKS, b -> equations.sumRows(b, damping, matrix.data, gradient.data));
      LinearSolverDense<DMatrixRMaj> cholesky = LinearSolverFactory_DDRM.chol(n);
      if (!cholesky.setA(matrix)) {
        return false;
      }
      cholesky.solve(gradient, delta);
      for (double d : delta.data) {
        if (!Double.isFinite(d)) {
          return false;
        }
      }
    }
    pool.forEach(NormalEquations.BLOCKS, b -> equations.movePoints(b, delta.data));
    equations.moveCameras(delta.data);
    return true;
  }

  /** A copy of everything that a step changes. */
  private static final class Unknowns {
    private final double[] rotation;
    private final double[] center;
    private final double[] intrinsics;
    private final double[] point;

    Unknowns(BundleProblem p) {
      rotation = new double[p.rotation.length];
      center = new double[p.center.length];
      intrinsics = new double[p.intrinsics.length];
      point = new double[p.point.length];
    }

    void copyFrom(BundleProblem p) {
      System.arraycopy(p.rotation, 0, rotation, 0, rotation.length);
      System.arraycopy(p.center, 0, center, 0, center.length);
      System.arraycopy(p.intrinsics, 0, intrinsics, 0, intrinsics.length);
      System.arraycopy(p.point, 0, point, 0, point.length);
    }

    void copyTo(BundleProblem p) {
      System.arraycopy(rotation, 0, p.rotation, 0, rotation.length);
      System.arraycopy(center, 0, p.center, 0, center.length);
      System.arraycopy(intrinsics, 0, p.intrinsics, 0, intrinsics.length);
      System.arraycopy(point, 0, p.point, 0, point.length);
    }
  }
}
