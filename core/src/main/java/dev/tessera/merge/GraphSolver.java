package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import java.util.Arrays;

/** Levenberg-Marquardt over the frames of a component, on a sparse block factorisation. */
final class GraphSolver {
  private static final double FIRST_DAMPING = 1e-8;
  private static final double MAX_DAMPING = 1e8;

  /** Largest change of a frame (radians, chunk radii, log scale) that ends the iteration. */
  private static final double CONVERGED = 1e-9;

  private GraphSolver() {}

  static Sim3[] minimize(GraphProblem problem, Sim3[] start, int maxIterations) {
    Sim3[] best = start;
    double cost = problem.cost(best);
    double damping = FIRST_DAMPING;
    for (int i = 0; i < maxIterations && damping < MAX_DAMPING; i++) {
      double[] step = step(problem, best, damping);
      if (step == null) {
        damping *= 10;
        continue;
      }
      Sim3[] candidate = moved(best, step);
      double moved = problem.cost(candidate);
      if (moved <= cost) {
        best = candidate;
        cost = moved;
        damping = Math.max(damping / 10, FIRST_DAMPING * FIRST_DAMPING);
      } else {
        damping *= 10;
      }
      if (size(best, step) < CONVERGED) {
        break;
      }
    }
    return best;
  }

  /** Diagonal blocks of the inverse normal matrix; NaN where it cannot be inverted. */
  static double[][] marginals(GraphProblem problem, Sim3[] x) {
    GraphProblem.Blocks blocks = problem.equations(x);
    if (!problem.cholesky().factor(blocks.diagonal, blocks.offDiagonal)) {
      double[][] unknown = new double[problem.nodes()][Block7.SIZE];
      for (double[] block : unknown) {
        Arrays.fill(block, Double.NaN);
      }
      return unknown;
    }
    double[][] covariances = problem.cholesky().inverseDiagonal();
    if (problem.isFixed(0)) {
      covariances[0] = new double[Block7.SIZE];
    }
    return covariances;
  }

  private static double[] step(GraphProblem problem, Sim3[] x, double damping) {
    GraphProblem.Blocks blocks = problem.equations(x);
    for (double[] block : blocks.diagonal) {
      for (int i = 0; i < Block7.N; i++) {
        block[i * Block7.N + i] *= 1 + damping;
      }
    }
    if (!problem.cholesky().factor(blocks.diagonal, blocks.offDiagonal)) {
      return null;
    }
    double[] step = blocks.gradient;
    for (int i = 0; i < step.length; i++) {
      step[i] = -step[i];
    }
    problem.cholesky().solve(step);
    return step;
  }

  private static Sim3[] moved(Sim3[] x, double[] step) {
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
