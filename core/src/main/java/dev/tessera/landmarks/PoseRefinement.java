package dev.tessera.landmarks;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Vec3;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Robust least squares for one pose, and for its focal length if it is not held. Errors r in
 * working pixels have the kernel of Geman and McClure (1987), {@code sigma^2 r^2 / (sigma^2 +
 * r^2)}, weighted by the confidence of their reading; sigma narrows, each time from where the wider
 * one arrived.
 *
 * <p>The unknowns are {@code R <- exp(w) R}, the centre c and log f; with x = R (X - c), a = x/z, b
 * = y/z the derivatives are those of the camera model in {@link Intrinsics}.
 */
final class PoseRefinement {
  private static final double[] SIGMA_PIXELS = {4, 2.5, 1.5};
  private static final int ITERATIONS = 12;

  /** Relative decrease of the cost at which a step is the last one. */
  private static final double CONVERGED = 1e-9;

  private static final double FIRST_DAMPING = 1e-4;
  private static final double MOST_DAMPING = 1e4;

  /** Pose, then the logarithm of the focal length. */
  private static final int POSE = 6;

  private final Sightings seen;
  private final LensGuess guess;
  private final int unknowns;
  private final double pixel;

  private PoseRefinement(Sightings seen, LensGuess guess) {
    this.seen = seen;
    this.guess = guess;
    this.unknowns = guess.relativeFocalSigma() > 0 ? POSE + 1 : POSE;
    this.pixel = seen.originalPerWorkingPixel();
  }

  /** A pose on the way. */
  private record State(double[] rotation, double[] center, double logFactor) {
    boolean isFinite() {
      return Arrays.stream(rotation).allMatch(Double::isFinite)
          && Arrays.stream(center).allMatch(Double::isFinite);
    }
  }

  /** Empty if the sightings leave a direction of the pose open. */
  static Optional<PoseEstimate> run(
      Sightings seen, LensGuess guess, double[] rotation, double[] translation) {
    double[] center = new double[3];
    for (int e = 0; e < 3; e++) {
      for (int row = 0; row < 3; row++) {
        center[e] -= rotation[3 * row + e] * translation[row];
      }
    }
    State start = new State(rotation, center, 0);
    return start.isFinite() ? new PoseRefinement(seen, guess).refined(start) : Optional.empty();
  }

  private Optional<PoseEstimate> refined(State start) {
    State state = start;
    for (double sigma : SIGMA_PIXELS) {
      state = minimized(state, sigma);
    }
    double[] covariance = covariance(state);
    double[] distances = distances(state);
    if (covariance == null || distances.length == 0) {
      return Optional.empty();
    }
    Rigid3 pose =
        Rigid3.cameraFromWorld(
            Quaternion.ofMatrix(state.rotation),
            new Vec3(state.center[0], state.center[1], state.center[2]));
    Intrinsics intrinsics = guess.scaled(Math.exp(state.logFactor)).intrinsics();
    return Optional.of(
        new PoseEstimate(
            pose, intrinsics, distances.length, RobustScale.median(distances), covariance));
  }

  private State minimized(State start, double sigma) {
    State state = start;
    double cost = cost(state, sigma);
    double damping = FIRST_DAMPING;
    for (int i = 0; i < ITERATIONS && damping < MOST_DAMPING; i++) {
      State moved = step(state, sigma, damping);
      double next = moved == null ? Double.POSITIVE_INFINITY : cost(moved, sigma);
      if (!(next <= cost)) {
        damping *= 10;
        continue;
      }
      boolean arrived = cost - next <= CONVERGED * cost;
      state = moved;
      cost = next;
      damping /= 10;
      if (arrived) {
        break;
      }
    }
    return state;
  }

  private double cost(State state, double sigma) {
    double[] row = new double[2 * (1 + POSE + 1)];
    double s2 = sigma * sigma;
    double cost = 0;
    for (int i = 0; i < seen.count(); i++) {
      double r2 = linearize(state, i, row) ? row[0] * row[0] + row[1] * row[1] : Double.MAX_VALUE;
      cost += seen.confidence()[i] * s2 * (r2 / (s2 + r2));
    }
    return cost + priorWeight() * state.logFactor * state.logFactor;
  }

  /** The focal length counts as another sighting with an error of one pixel per sigma. */
  private double priorWeight() {
    double sigma = guess.relativeFocalSigma();
    return sigma > 0 ? 1 / (sigma * sigma) : 0;
  }

  private State step(State state, double sigma, double damping) {
    Normal normal = normal(state, sigma);
    DMatrixRMaj h = normal.h.copy();
    for (int i = 0; i < unknowns; i++) {
      h.set(i, i, h.get(i, i) * (1 + damping));
    }
    DMatrixRMaj x = new DMatrixRMaj(unknowns, 1);
    if (!CommonOps_DDRM.solve(h, normal.g, x)) {
      return null;
    }
    Quaternion turned =
        Quaternion.ofRotationVector(new Vec3(-x.get(0), -x.get(1), -x.get(2)))
            .times(Quaternion.ofMatrix(state.rotation));
    double[] center = state.center.clone();
    for (int e = 0; e < 3; e++) {
      center[e] -= x.get(3 + e);
    }
    double logFactor = unknowns > POSE ? state.logFactor - x.get(POSE) : 0;
    State moved = new State(turned.toMatrix(), center, logFactor);
    return moved.isFinite() ? moved : null;
  }

  /** Sums of {@code w J^T J}, {@code w J^T r} and what the covariance needs. */
  private static final class Normal {
    final DMatrixRMaj h;
    final DMatrixRMaj g;
    double weights;
    double squares;

    Normal(int unknowns) {
      h = new DMatrixRMaj(unknowns, unknowns);
      g = new DMatrixRMaj(unknowns, 1);
    }
  }

  private Normal normal(State state, double sigma) {
    Normal normal = new Normal(unknowns);
    double[] row = new double[2 * (1 + POSE + 1)];
    for (int i = 0; i < seen.count(); i++) {
      if (linearize(state, i, row)) {
        double w = weight(i, row, sigma);
        normal.weights += w;
        normal.squares += w * (row[0] * row[0] + row[1] * row[1]);
        add(normal, row, 0, w);
        add(normal, row, 1, w);
      }
    }
    if (unknowns > POSE) {
      normal.h.add(POSE, POSE, priorWeight());
      normal.g.add(POSE, 0, priorWeight() * state.logFactor);
    }
    return normal;
  }

  private double weight(int i, double[] row, double sigma) {
    double s2 = sigma * sigma;
    double share = s2 / (s2 + row[0] * row[0] + row[1] * row[1]);
    return seen.confidence()[i] * share * share;
  }

  private void add(Normal normal, double[] row, int axis, double w) {
    int j = 2 + axis * (POSE + 1);
    for (int a = 0; a < unknowns; a++) {
      normal.g.add(a, 0, w * row[j + a] * row[axis]);
      for (int b = 0; b < unknowns; b++) {
        normal.h.add(a, b, w * row[j + a] * row[j + b]);
      }
    }
  }

  /** Distances of the sightings that agree from the camera. */
  private double[] distances(State state) {
    double[] row = new double[2 * (1 + POSE + 1)];
    return IntStream.range(0, seen.count())
        .filter(
            i ->
                linearize(state, i, row)
                    && Math.hypot(row[0], row[1]) < LandmarkPose.MAX_ERROR_PIXELS)
        .mapToDouble(i -> distance(state, i))
        .toArray();
  }

  private double distance(State state, int i) {
    double squares = 0;
    for (int e = 0; e < 3; e++) {
      double d = seen.points()[3 * i + e] - state.center[e];
      squares += d * d;
    }
    return Math.sqrt(squares);
  }

  private double[] covariance(State state) {
    Normal normal = normal(state, SIGMA_PIXELS[SIGMA_PIXELS.length - 1]);
    double freedom = 2 * normal.weights - unknowns;
    DMatrixRMaj inverse = new DMatrixRMaj(unknowns, unknowns);
    if (!(freedom > 0) || !CommonOps_DDRM.invert(normal.h, inverse)) {
      return null;
    }
    double variance = normal.squares / freedom;
    double[] covariance = new double[POSE * POSE];
    for (int a = 0; a < POSE; a++) {
      for (int b = 0; b < POSE; b++) {
        covariance[POSE * a + b] = variance * inverse.get(a, b);
      }
      if (!(covariance[POSE * a + a] > 0) || !Double.isFinite(covariance[POSE * a + a])) {
        return null;
      }
    }
    return covariance;
  }

  /**
   * Error of a sighting, working pixels, and its derivatives: {@code {rx, ry, d rx (7), d ry (7)}}.
   *
   * @return false if the landmark is behind the camera
   */
  private boolean linearize(State state, int i, double[] row) {
    double[] r = state.rotation;
    double dx = seen.points()[3 * i] - state.center[0];
    double dy = seen.points()[3 * i + 1] - state.center[1];
    double dz = seen.points()[3 * i + 2] - state.center[2];
    double x = r[0] * dx + r[1] * dy + r[2] * dz;
    double y = r[3] * dx + r[4] * dy + r[5] * dz;
    double z = r[6] * dx + r[7] * dy + r[8] * dz;
    if (!(z > 0)) {
      return false;
    }
    Intrinsics k = guess.intrinsics();
    double f = k.focalPixels() * Math.exp(state.logFactor) / pixel;
    double a = x / z;
    double b = y / z;
    double r2 = a * a + b * b;
    double d = 1 + r2 * (k.k1() + r2 * k.k2());
    double slope = 2 * (k.k1() + 2 * k.k2() * r2);
    row[0] = f * d * a - (seen.pixels()[2 * i] - k.cx()) / pixel;
    row[1] = f * d * b - (seen.pixels()[2 * i + 1] - k.cy()) / pixel;
    double xa = f * (d + slope * a * a);
    double xb = f * slope * a * b;
    double yb = f * (d + slope * b * b);
    derivatives(row, 2, xa / z, xb / z, -(xa * a + xb * b) / z, x, y, z, r);
    derivatives(row, 3 + POSE, xb / z, yb / z, -(xb * a + yb * b) / z, x, y, z, r);
    row[2 + POSE] = f * d * a;
    row[3 + 2 * POSE] = f * d * b;
    return true;
  }

  /** From derivatives by the point in the camera, g, to those by pose. */
  private static void derivatives(
      double[] row,
      int at,
      double gx,
      double gy,
      double gz,
      double x,
      double y,
      double z,
      double[] r) {
    row[at] = gz * y - gy * z;
    row[at + 1] = gx * z - gz * x;
    row[at + 2] = gy * x - gx * y;
    for (int e = 0; e < 3; e++) {
      row[at + 3 + e] = -(gx * r[e] + gy * r[3 + e] + gz * r[6 + e]);
    }
  }
}
