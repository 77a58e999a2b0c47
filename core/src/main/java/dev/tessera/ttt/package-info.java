/**
 * The fast-weight operator: weights that are trained while the network runs, and remember what they
 * were trained on in a size that does not grow with it (Zhang et al. 2025, "Test-time training done
 * right"). Knows no backbone: a layer brings keys, values and queries.
 *
 * <p>Letters of the shapes, which are the only short names allowed here:
 *
 * <pre>H heads · n tokens · D width of a head · E width of the hidden layer</pre>
 *
 * The gradient is a sum over tokens. Hence {@link dev.tessera.ttt.FastWeightOperator#accumulate},
 * {@link dev.tessera.ttt.FastWeightOperator#update} and {@link
 * dev.tessera.ttt.FastWeightOperator#apply} are separate: the sums of shards of the tokens, on
 * whatever machines, {@linkplain dev.tessera.ttt.FastWeightGradient#add add} to the sum over all.
 */
package dev.tessera.ttt;
