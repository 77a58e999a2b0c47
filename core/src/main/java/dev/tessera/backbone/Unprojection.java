package dev.tessera.backbone;

import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;

/**
 * World points of one view's depth map.
 *
 * <pre>xInCamera = ((u - cx) z / fx, (v - cy) z / fy, z),  xInWorld = R^T (xInCamera - t)</pre>
 *
 * with whole u and v, no half pixel, as the reference has it. Points in the camera frame are
 * rounded to float32 there, and so they are here.
 */
public final class Unprojection {
  private final PinholeCamera camera;
  private final double[] worldFromCameraRotation;
  private final Vec3 centerInWorld;

  public Unprojection(PinholeCamera camera) {
    this.camera = camera;
    Rigid3 worldFromCamera = camera.cameraFromWorld().inverse();
    this.worldFromCameraRotation = worldFromCamera.rotation().toMatrix();
    this.centerInWorld = worldFromCamera.translation();
  }

  /**
   * The points of a depth map.
   *
   * @param depths row by row
   * @param width columns of the map; its pixels are those of the camera
   * @return x, y, z of each pixel in the world, in the order of the depths
   */
  public float[] points(float[] depths, int width) {
    if (width < 1 || depths.length % width != 0) {
      throw new IllegalArgumentException(
          "Cannot unproject %d depths in rows of %d".formatted(depths.length, width));
    }
    float[] points = new float[3 * depths.length];
    for (int i = 0; i < depths.length; i++) {
      put(points, 3 * i, i % width, i / width, depths[i]);
    }
    return points;
  }

  /** The point of one pixel. */
  public Vec3 point(int u, int v, float z) {
    float[] point = new float[3];
    put(point, 0, u, v, z);
    return new Vec3(point[0], point[1], point[2]);
  }

  private void put(float[] points, int at, int u, int v, float z) {
    double x = (float) ((u - camera.cx()) * z / camera.fx());
    double y = (float) ((v - camera.cy()) * z / camera.fy());
    double[] r = worldFromCameraRotation;
    points[at] = (float) (r[0] * x + r[1] * y + r[2] * z + centerInWorld.x());
    points[at + 1] = (float) (r[3] * x + r[4] * y + r[5] * z + centerInWorld.y());
    points[at + 2] = (float) (r[6] * x + r[7] * y + r[8] * z + centerInWorld.z());
  }
}
