package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import java.util.Arrays;

/**
 * Levenberg-Marquardt over the frames of a component. Small graphs are factorised in every step; of
 * large ones a factorisation serves as preconditioner of conjugate gradients for as many steps as
 * it stays close to the matrix.
 */
final class GraphSolver {
  private static final double FIRST_DAMPING = 1e-8;
  private static final double MAX_DAMPING = 1e8;

  /** Relative decrease of the cost that ends the iteration, in units of the change that does. */
  private static final double SETTLED = 0.01;

  /** Nodes from which on factorising costs more than a few rounds of conjugate gradients. */
  private static final int LARGE = 4000;

  /** Rounds of conjugate gradients that cost about as much as factorising anew. */
  private static final int MAX_ROUNDS = 16;

  /** Rounds after which the way to go is judged by the way gone. */
  private static final int TRIAL_ROUNDS = 5;

  private static final double TRIAL_SHARE = (double) TRIAL_ROUNDS / MAX_ROUNDS;

  /** Norm of what a step leaves of the gradient, under which the step is good enough. */
  private static final double LEFT_OVER = 1e-2;

  private final GraphProblem problem;
  private BlockCholesky cholesky;
  private boolean isFactorised;

  GraphSolver(GraphProblem problem) {
    this.problem = problem;
  }

  /**
   * Frames of lower cost.
   *
   * @param converged largest change of a frame (radians, chunk radii, log scale) that ends the
   *     iteration
   */
  Sim3[] minimize(Sim3[] start, int maxIterations, double converged) {
    if (cholesky == null) {
      cholesky = problem.cholesky(start);
    }
    Sim3[] best = start;
    double cost = problem.cost(best);
    double damping = FIRST_DAMPING;
    for (int i = 0; i < maxIterations && damping < MAX_DAMPING; i++) {
      double[] step = step(best, damping);
      if (step == null) {
        damping *= 10;
        continue;
      }
      Sim3[] candidate = moved(best, step);
      double moved = problem.cost(candidate);
      boolean settled = moved <= cost && cost - moved <= SETTLED * converged * cost;
      if (moved <= cost) {
        best = candidate;
        cost = moved;
        damping = Math.max(damping / 10, FIRST_DAMPING * FIRST_DAMPING);
      } else {
        damping *= 10;
      }
      if (settled || size(best, step) < converged) {
        break;
      }
    }
    return best;
  }

  /** Diagonal blocks of the inverse normal matrix; NaN where it cannot be inverted. */
  double[] marginals(Sim3[] x) {
    GraphProblem.Blocks blocks = problem.equations(x);
    isFactorised = false;
    if (!cholesky.factor(blocks.diagonal, blocks.offDiagonal)) {
      double[] unknown = new double[blocks.diagonal.length];
      Arrays.fill(unknown, Double.NaN);
      return unknown;
    }
    double[] covariances = cholesky.inverseDiagonal();
    if (problem.isFixed(0)) {
      Arrays.fill(covariances, 0, Block7.SIZE, 0);
    }
    return covariances;
  }

  /** Factorises the normal equations; the gradient, or null where they are singular. */
  double[] factorise(Sim3[] x) {
    GraphProblem.Blocks blocks = problem.equations(x);
    isFactorised = cholesky.factor(blocks.diagonal, blocks.offDiagonal);
    return isFactorised ? blocks.gradient : null;
  }

  /** Replaces b by {@code H^-1 b}, H as last factorised. */
  void solve(double[] b) {
    cholesky.solve(b);
  }

  private double[] step(Sim3[] x, double damping) {
    GraphProblem.Blocks blocks = problem.equations(x);
    for (int node = 0; node < problem.nodes(); node++) {
      for (int i = 0; i < Block7.N; i++) {
        blocks.diagonal[node * Block7.SIZE + i * (Block7.N + 1)] *= 1 + damping;
      }
    }
    double[] step = new double[blocks.gradient.length];
    for (int i = 0; i < step.length; i++) {
      step[i] = -blocks.gradient[i];
    }
    if (isFactorised && problem.nodes() >= LARGE && conjugateGradients(blocks, step)) {
      return step;
    }
    isFactorised = cholesky.factor(blocks.diagonal, blocks.offDiagonal);
    if (!isFactorised) {
      return null;
    }
    cholesky.solve(step);
    return step;
  }

  /**
   * Preconditioned conjugate gradients (Golub and Van Loan 2013, alg. 11.5.1).
   *
   * @param b right side; replaced by the solution, left alone where there is none soon
   */
  private boolean conjugateGradients(GraphProblem.Blocks h, double[] b) {
    double[] x = new double[b.length];
    double[] residual = b.clone();
    double[] z = residual.clone();
    cholesky.solve(z);
    double[] direction = z.clone();
    double[] product = new double[b.length];
    double rz = dot(residual, z);
    double first = rz;
    double enough = LEFT_OVER * LEFT_OVER * rz;
    for (int round = 0; round < MAX_ROUNDS && rz > enough; round++) {
      if (round == TRIAL_ROUNDS && Math.log(rz / first) > TRIAL_SHARE * Math.log(enough / first)) {
        return false; // at this pace it will not arrive
      }
      h.times(direction, product);
      double alpha = rz / dot(direction, product);
      for (int i = 0; i < x.length; i++) {
        x[i] += alpha * direction[i];
        residual[i] -= alpha * product[i];
      }
      System.arraycopy(residual, 0, z, 0, z.length);
      cholesky.solve(z);
      double next = dot(residual, z);
      for (int i = 0; i < x.length; i++) {
        direction[i] = z[i] + next / rz * direction[i];
      }
      rz = next;
    }
    if (!(rz <= enough)) {
      return false;
    }
    System.arraycopy(x, 0, b, 0, x.length);
    return true;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  static Sim3[] moved(Sim3[] x, double[] step) {
    Sim3[] moved = new Sim3[x.length];
    for (int i = 0; i < x.length; i++) {
      double[] own = Arrays.copyOfRange(step, i * Block7.N, (i + 1) * Block7.N);
      moved[i] = Sim3Tangent.perturbAbout(x[i].translation(), x[i], own);
    }
    return moved;
  }

  private static double size(Sim3[] x, double[] step) {
    double largest = 0;
    for (int i = 0; i < step.length; i++) {
      boolean translation = i % Block7.N >= 3 && i % Block7.N < 6;
      double unit = translation ? x[i / Block7.N].scale() : 1;
      largest = Math.max(largest, Math.abs(step[i]) / unit);
    }
    return largest;
  }
}
