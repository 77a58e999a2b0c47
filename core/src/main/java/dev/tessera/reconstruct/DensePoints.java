package dev.tessera.reconstruct;

import dev.tessera.backbone.PinholeCamera;
import dev.tessera.backbone.Unprojection;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.InputGeometry;
import dev.tessera.imagery.NetworkPhoto;
import dev.tessera.imagery.PixelBox;
import java.util.Arrays;

/**
 * Gathers points from depth maps, view after view. Each point is seen by one view, at the centre of
 * a pixel of the network's input; the grid of pixels starts at the photo's corner, so that a view
 * gives points at the same pixels in every chunk.
 */
final class DensePoints {
  private static final int FIRST_ROOM = 1024;

  /** Three coordinates each in one array, whose length a JVM may limit to a little below 2^31. */
  private static final int MOST_POINTS = (Integer.MAX_VALUE - 8) / 3;

  private final VggtSpec.PointSelection selection;
  private byte[] rgb = new byte[3 * FIRST_ROOM];
  private float[] xyz = new float[3 * FIRST_ROOM];
  private float[] confidence = new float[FIRST_ROOM];
  private int[] camera = new int[FIRST_ROOM];
  private float[] pixel = new float[2 * FIRST_ROOM];
  private int count;

  DensePoints(VggtSpec.PointSelection selection) {
    this.selection = selection;
  }

  /** A network's confidence c, 1 and more, as one in [0, 1]: 1 - 1/c. */
  static float trust(float c) {
    return 1 - 1 / c;
  }

  /**
   * Adds the points of a view.
   *
   * @param cameraIndex the view's place among the scene's cameras
   * @param depths row by row, at {@code from} and after
   * @param confidences the network's, 1 and more
   * @return how many points the view gave
   */
  int add(
      int cameraIndex,
      PinholeCamera network,
      NetworkPhoto photo,
      float[] depths,
      float[] confidences,
      int from) {
    InputGeometry geometry = photo.geometry();
    PixelBox box = geometry.valid();
    int width = geometry.network().width();
    int stride = selection.stride();
    int before = count;
    Unprojection unprojection = new Unprojection(network);
    for (int row = box.top() + stride / 2; row < box.top() + box.height(); row += stride) {
      for (int column = box.left() + stride / 2;
          column < box.left() + box.width();
          column += stride) {
        int at = from + row * width + column;
        float trust = trust(confidences[at]);
        if (!(trust >= selection.minConfidence())) {
          continue;
        }
        Vec3 x = unprojection.point(column, row, depths[at]);
        if (x.isFinite()) {
          double u = geometry.originalU(column + 0.5);
          double v = geometry.originalV(row + 0.5);
          put(x, trust, photo.rgbAt(column, row), cameraIndex, u, v);
        }
      }
    }
    return count - before;
  }

  private void put(Vec3 x, float trust, int color, int cameraIndex, double u, double v) {
    if (count == confidence.length) {
      grow();
    }
    rgb[3 * count] = (byte) (color >> 16);
    rgb[3 * count + 1] = (byte) (color >> 8);
    rgb[3 * count + 2] = (byte) color;
    xyz[3 * count] = (float) x.x();
    xyz[3 * count + 1] = (float) x.y();
    xyz[3 * count + 2] = (float) x.z();
    confidence[count] = trust;
    camera[count] = cameraIndex;
    pixel[2 * count] = (float) u;
    pixel[2 * count + 1] = (float) v;
    count++;
  }

  private void grow() {
    int room = (int) Math.min(MOST_POINTS, count + (count / 2L));
    if (room == count) {
      throw new OutOfMemoryError("out of memory: a scene holds %d points".formatted(MOST_POINTS));
    }
    rgb = Arrays.copyOf(rgb, 3 * room);
    xyz = Arrays.copyOf(xyz, 3 * room);
    confidence = Arrays.copyOf(confidence, room);
    camera = Arrays.copyOf(camera, room);
    pixel = Arrays.copyOf(pixel, 2 * room);
  }

  ScenePoints build() {
    int[] start = new int[count + 1];
    Arrays.setAll(start, i -> i);
    return new ScenePoints(
        Arrays.copyOf(xyz, 3 * count),
        Arrays.copyOf(rgb, 3 * count),
        Arrays.copyOf(confidence, count),
        start,
        Arrays.copyOf(camera, count),
        Arrays.copyOf(pixel, 2 * count));
  }
}
