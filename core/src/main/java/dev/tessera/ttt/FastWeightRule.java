package dev.tessera.ttt;

/**
 * How a gradient moves fast weights.
 *
 * <pre>w &lt;- w + decay^step NS(G),  then each column of w gets the norm it had at the start</pre>
 *
 * @param muonSteps steps of the Newton-Schulz iteration NS (Jordan et al. 2024, "Muon") that brings
 *     the singular values of G near 1; 0 only divides G by its Frobenius norm, less than 0 leaves
 *     it
 * @param meanGradient whether G is the mean over tokens instead of their sum; a learning rate
 *     divided by the number of tokens comes to the same
 * @param decay factor of each further update
 */
public record FastWeightRule(int muonSteps, boolean meanGradient, double decay) {
  public FastWeightRule {
    if (!(decay > 0) || decay > 1) {
      throw new IllegalArgumentException("Decay must be in (0, 1], was " + decay);
    }
  }

  /** The sum of all tokens, always at the same rate. */
  public static FastWeightRule muon(int steps) {
    return new FastWeightRule(steps, false, 1);
  }
}
