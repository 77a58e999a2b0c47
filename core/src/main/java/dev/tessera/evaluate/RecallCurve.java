package dev.tessera.evaluate;

/**
 * Area under the recall curve: recall at e is the share of pairs with an error of at most e.
 *
 * <pre>auc(T) = 1/T integral_0^T recall(e) de = 1/N sum_i max(0, 1 - e_i / T)</pre>
 *
 * <p>The integral of the step curve is exact, no bins and no interpolation. In [0, 1]; a failed
 * pair has an infinite error and adds nothing.
 */
public final class RecallCurve {
  private RecallCurve() {}

  /**
   * @param errors not negative, infinite for a failed pair
   * @param threshold upper end of the curve, in the unit of the errors
   * @return NaN for no pairs
   */
  public static double area(double[] errors, double threshold) {
    if (!(threshold > 0)) {
      throw new IllegalArgumentException("Threshold must be positive, was " + threshold);
    }
    if (errors.length == 0) {
      return Double.NaN;
    }
    double sum = 0;
    for (double error : errors) {
      sum += Math.max(0, 1 - error / threshold);
    }
    return sum / errors.length;
  }
}
