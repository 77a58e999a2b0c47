package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import java.util.List;

/**
 * All that Gauss-Newton needs of a chunk's GPS, in a size that does not grow with the photos.
 *
 * <p>A view with centre c in the chunk and fix g in the world has the residual {@code s R c + t -
 * g}, which is linear in {@code z = (c - centerInChunk, g - centerInWorld, 1)}. Its cost and normal
 * equations therefore follow exactly from two 7x7 moment matrices, one for the east and north rows
 * and one for the up row:
 *
 * <pre>Z_h = sum w_h z z^T,  Z_v = sum w_v z z^T,  w = robust weight / sigma^2</pre>
 *
 * Arrays are 7x7 row-major, owned by this object and not copied.
 *
 * @param weight sum of the robust weights of the fixes in it
 */
public record GpsMoments(
    Vec3 centerInChunk, Vec3 centerInWorld, double[] horizontal, double[] vertical, double weight)
    implements Serializable {

  private static final int N = Block7.N;

  /**
   * Moments of views whose fixes all count fully.
   *
   * @param centersInChunk camera centres, as many as fixes and in their order
   */
  static GpsMoments of(List<Vec3> centersInChunk, List<GpsFix> fixes) {
    Vec3 inChunk = Vec3.ZERO;
    Vec3 inWorld = Vec3.ZERO;
    for (int i = 0; i < fixes.size(); i++) {
      inChunk = inChunk.plus(centersInChunk.get(i).times(1.0 / fixes.size()));
      inWorld = inWorld.plus(fixes.get(i).positionInWorld().times(1.0 / fixes.size()));
    }
    GpsMoments moments = empty(inChunk, inWorld);
    for (int i = 0; i < fixes.size(); i++) {
      moments = moments.plus(centersInChunk.get(i), fixes.get(i), 1);
    }
    return moments;
  }

  static GpsMoments empty(Vec3 centerInChunk, Vec3 centerInWorld) {
    return new GpsMoments(
        centerInChunk, centerInWorld, new double[Block7.SIZE], new double[Block7.SIZE], 0);
  }

  /** With one more fix: camera centre, position, inverse variances times robust weight. */
  GpsMoments plus(Vec3 centerOfView, GpsFix fix, double robustWeight) {
    Vec3 c = centerOfView.minus(centerInChunk);
    Vec3 g = fix.positionInWorld().minus(centerInWorld);
    double[] z = {c.x(), c.y(), c.z(), g.x(), g.y(), g.z(), 1};
    double wh = robustWeight / (fix.horizontalSigmaMeters() * fix.horizontalSigmaMeters());
    double wv = robustWeight / (fix.verticalSigmaMeters() * fix.verticalSigmaMeters());
    double[] h = horizontal.clone();
    double[] v = vertical.clone();
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        h[i * N + j] += wh * z[i] * z[j];
        v[i * N + j] += wv * z[i] * z[j];
      }
    }
    return new GpsMoments(centerInChunk, centerInWorld, h, v, weight + robustWeight);
  }

  /** Sum of squared residuals in sigmas, robust weights as they are. */
  public double cost(Sim3 worldFromChunk) {
    double[] b = residualRows(worldFromChunk);
    double sum = 0;
    for (int axis = 0; axis < 3; axis++) {
      sum += product(b, axis, matrix(axis), b, axis);
    }
    return Math.max(sum, 0);
  }

  /**
   * Adds the chunk's normal equations for changes of {@code worldFromChunk} on the left, turning
   * and scaling about {@code pivotInWorld}.
   */
  void addTo(NormalEquations equations, Sim3 worldFromChunk, Vec3 pivotInWorld, double factor) {
    double[] b = residualRows(worldFromChunk);
    double[][] d = derivatives(worldFromChunk, pivotInWorld);
    for (int axis = 0; axis < 3; axis++) {
      double[] z = matrix(axis);
      for (int i = 0; i < N; i++) {
        equations.g[i] += factor * product(d[i], axis, z, b, axis);
        for (int j = 0; j < N; j++) {
          equations.h[i * N + j] += factor * product(d[i], axis, z, d[j], axis);
        }
      }
    }
  }

  /** The same evidence had all fixes been read elsewhere. */
  GpsMoments movedBy(Vec3 metersInWorld) {
    return new GpsMoments(
        centerInChunk, centerInWorld.plus(metersInWorld), horizontal, vertical, weight);
  }

  /**
   * Adds the normal equations for a shift b that is added to all residuals, {@code s R c + t - g +
   * b}: its 3x3 block is diagonal.
   *
   * @param gradient 3 numbers from {@code at}
   * @param diagonal 3 numbers from {@code at}
   * @param cross 7x3, changes of {@code worldFromChunk} as in {@link #addTo} against the shift
   */
  void addShiftTo(
      double[] gradient,
      double[] diagonal,
      int at,
      double[] cross,
      Sim3 worldFromChunk,
      Vec3 pivotInWorld,
      double factor) {
    double[] b = residualRows(worldFromChunk);
    double[][] d = derivatives(worldFromChunk, pivotInWorld);
    for (int axis = 0; axis < 3; axis++) {
      double[] z = matrix(axis);
      diagonal[at + axis] += factor * z[Block7.SIZE - 1];
      for (int j = 0; j < N; j++) {
        double zj = factor * z[j * N + 6];
        gradient[at + axis] += b[axis * N + j] * zj;
        for (int i = 0; i < N; i++) {
          cross[i * 3 + axis] += d[i][axis * N + j] * zj;
        }
      }
    }
  }

  /** The same evidence about a frame into which the chunk was carried by {@code frameFromChunk}. */
  GpsMoments carried(Sim3 frameFromChunk) {
    double[] r = frameFromChunk.rotation().toMatrix();
    double[] map = Block7.identity();
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        map[i * N + j] = frameFromChunk.scale() * r[i * 3 + j];
      }
    }
    return new GpsMoments(
        frameFromChunk.apply(centerInChunk),
        centerInWorld,
        Block7.congruent(map, horizontal),
        Block7.congruent(map, vertical),
        weight);
  }

  /** This and other evidence about the same frame, the other's counted {@code factor} times. */
  GpsMoments plus(GpsMoments other, double factor) {
    double[] map = Block7.identity();
    Vec3 c = other.centerInChunk.minus(centerInChunk);
    Vec3 g = other.centerInWorld.minus(centerInWorld);
    double[] shift = {c.x(), c.y(), c.z(), g.x(), g.y(), g.z()};
    for (int i = 0; i < shift.length; i++) {
      map[i * N + 6] = shift[i];
    }
    double[] h = horizontal.clone();
    double[] v = vertical.clone();
    Block7.add(h, Block7.congruent(map, other.horizontal), factor);
    Block7.add(v, Block7.congruent(map, other.vertical), factor);
    return new GpsMoments(centerInChunk, centerInWorld, h, v, weight + factor * other.weight);
  }

  private double[] matrix(int axis) {
    return axis < 2 ? horizontal : vertical;
  }

  /** Rows of B (3x7): {@code r = B z}. */
  private double[] residualRows(Sim3 x) {
    double[] b = new double[3 * N];
    double[] r = x.rotation().toMatrix();
    Vec3 offset = x.apply(centerInChunk).minus(centerInWorld);
    double[] last = {offset.x(), offset.y(), offset.z()};
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        b[i * N + j] = x.scale() * r[i * 3 + j];
      }
      b[i * N + 3 + i] = -1;
      b[i * N + 6] = last[i];
    }
    return b;
  }

  /** dB / dxi_i, seven matrices 3x7. */
  private double[][] derivatives(Sim3 x, Vec3 pivotInWorld) {
    double[] r = x.rotation().toMatrix();
    Vec3 arm = x.apply(centerInChunk).minus(pivotInWorld);
    double[] arms = {arm.x(), arm.y(), arm.z()};
    double[] m = new double[3 * N];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        m[i * N + j] = x.scale() * r[i * 3 + j];
      }
      m[i * N + 6] = arms[i];
    }
    double[][] d = new double[N][3 * N];
    for (int i = 0; i < 3; i++) {
      int next = (i + 1) % 3;
      int last = (i + 2) % 3;
      for (int k = 0; k < N; k++) { // e_i x column: row next is -m[last], row last is +m[next]
        d[i][next * N + k] = -m[last * N + k];
        d[i][last * N + k] = m[next * N + k];
      }
      d[3 + i][i * N + 6] = 1;
    }
    d[6] = m;
    return d;
  }

  private static double product(double[] a, int rowA, double[] z, double[] b, int rowB) {
    double sum = 0;
    for (int i = 0; i < N; i++) {
      double ai = a[rowA * N + i];
      if (ai == 0) {
        continue;
      }
      for (int j = 0; j < N; j++) {
        sum += ai * z[i * N + j] * b[rowB * N + j];
      }
    }
    return sum;
  }
}
