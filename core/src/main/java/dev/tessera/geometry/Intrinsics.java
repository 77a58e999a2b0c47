package dev.tessera.geometry;

import java.io.Serializable;

/**
 * A pinhole camera with two radial distortion terms, for an upright image of {@code width x height}
 * pixels. The centre of the top left pixel is at (0.5, 0.5).
 *
 * <pre>r2 = (X/Z)^2 + (Y/Z)^2,  d = 1 + k1 r2 + k2 r2^2
 * u = focalPixels d X/Z + cx,  v = focalPixels d Y/Z + cy</pre>
 */
public record Intrinsics(
    int width, int height, double focalPixels, double cx, double cy, double k1, double k2)
    implements Serializable {

  /** Newton steps of {@link #undistort}: each doubles the digits, lenses here need three. */
  private static final int UNDISTORT_STEPS = 8;

  public Intrinsics {
    if (width <= 0 || height <= 0) {
      throw new IllegalArgumentException("Image must not be empty, was " + width + " x " + height);
    }
    if (!(focalPixels > 0) || Double.isInfinite(focalPixels)) {
      throw new IllegalArgumentException(
          "Focal length must be positive and finite, was " + focalPixels);
    }
  }

  /** No distortion, principal point in the middle of the image. */
  public static Intrinsics centered(int width, int height, double focalPixels) {
    return new Intrinsics(width, height, focalPixels, width / 2.0, height / 2.0, 0, 0);
  }

  /** The pixel {u, v} of a point in front of the camera; NaN for one that is not. */
  public double[] project(Vec3 xInCamera) {
    if (!(xInCamera.z() > 0)) {
      return new double[] {Double.NaN, Double.NaN};
    }
    double a = xInCamera.x() / xInCamera.z();
    double b = xInCamera.y() / xInCamera.z();
    double r2 = a * a + b * b;
    double d = 1 + r2 * (k1 + r2 * k2);
    return new double[] {focalPixels * d * a + cx, focalPixels * d * b + cy};
  }

  /** The ray {X/Z, Y/Z} of a pixel, distortion removed by Newton's method on the radius. */
  public double[] undistort(double u, double v) {
    double a = (u - cx) / focalPixels;
    double b = (v - cy) / focalPixels;
    double distorted = Math.hypot(a, b);
    if (distorted == 0 || (k1 == 0 && k2 == 0)) {
      return new double[] {a, b};
    }
    double r = distorted;
    for (int i = 0; i < UNDISTORT_STEPS; i++) {
      double r2 = r * r;
      double slope = 1 + r2 * (3 * k1 + r2 * 5 * k2);
      if (slope <= 0) {
        break; // beyond the fold of the polynomial no radius maps here: keep the last one
      }
      r -= (r * (1 + r2 * (k1 + r2 * k2)) - distorted) / slope;
    }
    return new double[] {a * r / distorted, b * r / distorted};
  }

  /** The same camera for the image resized to {@code newWidth x newHeight}. */
  public Intrinsics resized(int newWidth, int newHeight) {
    double sx = (double) newWidth / width;
    double sy = (double) newHeight / height;
    return new Intrinsics(
        newWidth, newHeight, focalPixels * Math.sqrt(sx * sy), cx * sx, cy * sy, k1, k2);
  }
}
