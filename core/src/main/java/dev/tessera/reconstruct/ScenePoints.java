package dev.tessera.reconstruct;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;

/**
 * Coloured points with confidence, and the pixels that saw them, in flat arrays that this object
 * owns (they are not copied). N points, M observations; the observations of point i are {@code
 * observationStart[i]} (inclusive) to {@code observationStart[i + 1]} (exclusive), sorted by
 * camera.
 */
public final class ScenePoints implements Serializable {
  public static final ScenePoints NONE =
      new ScenePoints(
          new float[0], new byte[0], new float[0], new int[1], new int[0], new float[0]);

  private final float[] xyz; // (N, 3) in the chunk's frame
  private final byte[] rgb; // (N, 3)
  private final float[] confidence; // (N) in [0, 1]
  private final int[] observationStart; // (N + 1)
  private final int[] observationCamera; // (M) index into the scene's cameras
  private final float[] observationPixel; // (M, 2) u, v in the upright original photo

  public ScenePoints(
      float[] xyz,
      byte[] rgb,
      float[] confidence,
      int[] observationStart,
      int[] observationCamera,
      float[] observationPixel) {
    int n = confidence.length;
    int m = observationCamera.length;
    if (xyz.length != 3 * n
        || rgb.length != 3 * n
        || observationStart.length != n + 1
        || observationPixel.length != 2 * m
        || observationStart[n] != m) {
      throw new IllegalArgumentException(
          "Cannot make points: xyz %d, rgb %d, starts %d, pixels %d for %d points, %d observations"
              .formatted(
                  xyz.length, rgb.length, observationStart.length, observationPixel.length, n, m));
    }
    this.xyz = xyz;
    this.rgb = rgb;
    this.confidence = confidence;
    this.observationStart = observationStart;
    this.observationCamera = observationCamera;
    this.observationPixel = observationPixel;
  }

  // The arrays themselves, for engines: not to be changed.

  float[] xyz() {
    return xyz;
  }

  byte[] rgb() {
    return rgb;
  }

  float[] confidence() {
    return confidence;
  }

  int[] observationStart() {
    return observationStart;
  }

  int[] observationCamera() {
    return observationCamera;
  }

  float[] observationPixel() {
    return observationPixel;
  }

  public int count() {
    return confidence.length;
  }

  public int observationCount() {
    return observationCamera.length;
  }

  public Vec3 position(int point) {
    return new Vec3(xyz[3 * point], xyz[3 * point + 1], xyz[3 * point + 2]);
  }

  /** 0xRRGGBB. */
  public int rgb(int point) {
    return (rgb[3 * point] & 0xff) << 16
        | (rgb[3 * point + 1] & 0xff) << 8
        | (rgb[3 * point + 2] & 0xff);
  }

  public float confidence(int point) {
    return confidence[point];
  }

  public int observationsBegin(int point) {
    return observationStart[point];
  }

  public int observationsEnd(int point) {
    return observationStart[point + 1];
  }

  public int cameraOf(int observation) {
    return observationCamera[observation];
  }

  public float uOf(int observation) {
    return observationPixel[2 * observation];
  }

  public float vOf(int observation) {
    return observationPixel[2 * observation + 1];
  }
}
