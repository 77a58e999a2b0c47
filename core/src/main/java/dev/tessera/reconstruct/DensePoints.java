package dev.tessera.reconstruct;

import dev.tessera.backbone.PinholeCamera;
import dev.tessera.backbone.Unprojection;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.InputGeometry;
import dev.tessera.imagery.NetworkPhoto;
import dev.tessera.imagery.PixelBox;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Gathers points from depth maps, view after view. Each point is seen by one view, at the centre of
 * a pixel of the network's input; the grid of pixels starts at the photo's corner, so that a view
 * gives points at the same pixels in every chunk.
 */
final class DensePoints {
  private final VggtSpec.PointSelection selection;
  private final ByteArrayOutputStream rgb = new ByteArrayOutputStream();
  private float[] xyz = new float[3 * 1024];
  private float[] confidence = new float[1024];
  private int[] camera = new int[1024];
  private float[] pixel = new float[2 * 1024];
  private int count;

  DensePoints(VggtSpec.PointSelection selection) {
    this.selection = selection;
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
        float trust = 1 - 1 / confidences[at];
        if (!(trust >= selection.minConfidence())) {
          continue;
        }
        Vec3 x = unprojection.point(column, row, depths[at]);
        if (x.isFinite()) {
          put(x, trust, cameraIndex, geometry, column, row);
          int color = photo.rgbAt(column, row);
          rgb.write(color >> 16);
          rgb.write(color >> 8);
          rgb.write(color);
        }
      }
    }
    return count - before;
  }

  private void put(
      Vec3 x, float trust, int cameraIndex, InputGeometry geometry, int column, int row) {
    if (count == confidence.length) {
      int more = count + (count >> 1);
      xyz = Arrays.copyOf(xyz, 3 * more);
      confidence = Arrays.copyOf(confidence, more);
      camera = Arrays.copyOf(camera, more);
      pixel = Arrays.copyOf(pixel, 2 * more);
    }
    xyz[3 * count] = (float) x.x();
    xyz[3 * count + 1] = (float) x.y();
    xyz[3 * count + 2] = (float) x.z();
    confidence[count] = trust;
    camera[count] = cameraIndex;
    pixel[2 * count] = (float) geometry.originalU(column + 0.5);
    pixel[2 * count + 1] = (float) geometry.originalV(row + 0.5);
    count++;
  }

  ScenePoints build() {
    int[] start = new int[count + 1];
    Arrays.setAll(start, i -> i);
    return new ScenePoints(
        Arrays.copyOf(xyz, 3 * count),
        rgb.toByteArray(),
        Arrays.copyOf(confidence, count),
        start,
        Arrays.copyOf(camera, count),
        Arrays.copyOf(pixel, 2 * count));
  }
}
