package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;

/**
 * Levenberg-Marquardt over one similarity; directions that the data leave open stay as they were.
 */
final class DampedFit {
  private static final int ITERATIONS = 60;
  private static final double FIRST_DAMPING = 1e-6;
  private static final double MAX_DAMPING = 1e6;

  /** Relative decrease of the cost below which the fit has arrived. */
  private static final double CONVERGED = 1e-14;

  private DampedFit() {}

  /** A cost with its normal equations about a pivot. */
  interface Problem {
    double cost(Sim3 worldFromFrame);

    NormalEquations equations(Sim3 worldFromFrame, Vec3 pivotInWorld);
  }

  static Sim3 minimize(Sim3 start, Vec3 pivotInWorld, Problem problem) {
    Sim3 best = start;
    double cost = problem.cost(best);
    double damping = FIRST_DAMPING;
    for (int i = 0; i < ITERATIONS && damping < MAX_DAMPING; i++) {
      double[] step = problem.equations(best, pivotInWorld).step(damping);
      Sim3 candidate = step == null ? null : Sim3Tangent.perturbAbout(pivotInWorld, best, step);
      double moved = candidate == null ? Double.POSITIVE_INFINITY : problem.cost(candidate);
      if (!(moved <= cost)) {
        damping *= 10;
        continue;
      }
      boolean arrived = cost - moved <= CONVERGED * cost;
      best = candidate;
      cost = moved;
      damping = Math.max(damping / 10, FIRST_DAMPING * FIRST_DAMPING);
      if (arrived) {
        break;
      }
    }
    return best;
  }
}
