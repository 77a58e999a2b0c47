package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * How the tokens of one view lie: first the special ones (camera, registers), then the patches row
 * by row; and the angles by which rotary position embedding turns each of them (Su et al. 2021, in
 * two dimensions). A patch at row r and column c stands at (r + 1, c + 1), a special token at (0,
 * 0), which is no turn.
 *
 * <pre>w_i = base^(-2 i / (D / 2)),  angle = position * w_i,  i = 0 .. D/4 - 1</pre>
 *
 * The first half of a head's D features is turned by the row, the second by the column.
 *
 * @param cos (P, 2, D / 4), float32 or float64 as the network computes
 * @param sin (P, 2, D / 4)
 */
public record TokenGrid(
    int patchRows, int patchColumns, int specialTokens, NDArray cos, NDArray sin) {

  /**
   * The grid of a view.
   *
   * @param headWidth D, a multiple of 4
   * @param scope owns the tables
   */
  static TokenGrid of(
      NDManager scope,
      int patchRows,
      int patchColumns,
      int specialTokens,
      int headWidth,
      double base) {
    int quarter = headWidth / 4;
    int tokens = specialTokens + patchRows * patchColumns;
    float[] cos = new float[tokens * 2 * quarter];
    float[] sin = new float[tokens * 2 * quarter];
    for (int token = 0; token < tokens; token++) {
      int patch = token - specialTokens;
      int row = patch < 0 ? 0 : patch / patchColumns + 1;
      int column = patch < 0 ? 0 : patch % patchColumns + 1;
      for (int i = 0; i < quarter; i++) {
        // The frequencies are float32 in the reference, and so are the angles.
        float frequency = (float) (1.0 / Math.pow(base, 2.0 * i / (2 * quarter)));
        int at = token * 2 * quarter + i;
        cos[at] = (float) Math.cos(row * frequency);
        sin[at] = (float) Math.sin(row * frequency);
        cos[at + quarter] = (float) Math.cos(column * frequency);
        sin[at + quarter] = (float) Math.sin(column * frequency);
      }
    }
    Shape shape = new Shape(tokens, 2, quarter);
    return new TokenGrid(
        patchRows, patchColumns, specialTokens, scope.create(cos, shape), scope.create(sin, shape));
  }

  /** The same grid with tables of another type. */
  TokenGrid as(DataType type) {
    return new TokenGrid(
        patchRows, patchColumns, specialTokens, cos.toType(type, false), sin.toType(type, false));
  }

  /** P. */
  public int tokens() {
    return specialTokens + patches();
  }

  public int patches() {
    return patchRows * patchColumns;
  }
}
