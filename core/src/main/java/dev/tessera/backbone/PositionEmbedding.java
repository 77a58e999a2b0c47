package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * The learnt position embedding, resampled from its square grid to the patches of an image:
 * separable bicubic interpolation, smoothed where it shrinks (an antialiased resize).
 *
 * <pre>grid' = M(side to rows) grid M(side to columns)^T
 * M_ij ~ f((j + 1/2 - s (i + 1/2)) / max(s, 1)),  s = in / out,  rows normalised to sum 1</pre>
 *
 * f is Keys' cubic (1981) with a = -1/2.
 */
final class PositionEmbedding {
  /** Support of the cubic on each side. */
  private static final double SUPPORT = 2;

  private static final double A = -0.5;

  private PositionEmbedding() {}

  /**
   * The embedding of a grid of patches.
   *
   * @param grid (side, side, C)
   * @return (rows * columns, C), owned by {@code scope}
   */
  static NDArray resampled(NDManager scope, NDArray grid, int rows, int columns) {
    int side = (int) grid.getShape().get(0);
    long channels = grid.getShape().get(2);
    DataType type = grid.getDataType();
    try (NDManager step = scope.newSubManager()) {
      step.tempAttachAll(grid);
      NDArray down = step.create(weights(side, rows), new Shape(rows, side)).toType(type, false);
      NDArray across =
          step.create(weights(side, columns), new Shape(columns, side)).toType(type, false);
      NDArray byRow =
          down.matMul(grid.reshape(side, side * channels)).reshape(rows, side, channels);
      NDArray result = across.matMul(byRow).reshape((long) rows * columns, channels);
      result.attach(scope);
      return result;
    }
  }

  /** The (out, in) matrix of the resampling along one axis, in double. */
  static double[] weights(int in, int out) {
    double[] weights = new double[out * in];
    double scale = (double) in / out;
    double widened = Math.max(scale, 1);
    for (int i = 0; i < out; i++) {
      double center = scale * (i + 0.5);
      int low = Math.max((int) (center - SUPPORT * widened + 0.5), 0);
      int high = Math.min((int) (center + SUPPORT * widened + 0.5), in);
      double sum = 0;
      for (int j = low; j < high; j++) {
        weights[i * in + j] = cubic((j - center + 0.5) / widened);
        sum += weights[i * in + j];
      }
      for (int j = low; j < high; j++) {
        weights[i * in + j] /= sum;
      }
    }
    return weights;
  }

  private static double cubic(double x) {
    double t = Math.abs(x);
    if (t < 1) {
      return ((A + 2) * t - (A + 3)) * t * t + 1;
    }
    return t < 2 ? (((t - 5) * t + 8) * t - 4) * A : 0;
  }
}
