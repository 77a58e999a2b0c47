package dev.tessera.reconstruct;

import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.OpenCv;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;

/**
 * Photos whose colour says where a pixel is: in the upright photo, red grows from 0 at the left
 * edge to 255 at the right, green from the upper edge to the lower; blue tells photos apart.
 */
final class GradientPhotos {
  private final List<View> views = new ArrayList<>();
  private final Map<ViewId, byte[]> files = new HashMap<>();

  /** Adds a photo of this upright size, stored as the orientation 1, 3, 6 or 8 asks for. */
  GradientPhotos with(int width, int height, int exifOrientation) {
    OpenCv.ensureLoaded();
    int index = views.size();
    byte[] file = encode(width, height, exifOrientation, 40 * index);
    String digest = PhotoSet.sha256(file);
    ViewId id = ViewId.ofSha256(digest);
    views.add(
        new View(
            id,
            "memory:/" + index,
            index + ".png",
            digest,
            width,
            height,
            exifOrientation,
            new FocalPrior(width, FocalPrior.Source.ASSUMED),
            "gradient",
            null,
            null));
    files.put(id, file);
    return this;
  }

  /** Level of a channel that grows along a side, at the centre of a pixel. */
  static double level(double position, int side) {
    return 255 * position / side;
  }

  private static byte[] encode(int width, int height, int exifOrientation, int blue) {
    boolean turned = exifOrientation >= 5;
    int columns = turned ? height : width;
    int rows = turned ? width : height;
    byte[] bgr = new byte[3 * columns * rows];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int x =
            switch (exifOrientation) {
              case 1 -> column;
              case 3 -> width - 1 - column;
              case 6 -> width - 1 - row; // stored rows run from the upright photo's right to left
              case 8 -> row;
              default -> throw new IllegalArgumentException("orientation " + exifOrientation);
            };
        int y =
            switch (exifOrientation) {
              case 1 -> row;
              case 3 -> height - 1 - row;
              case 6 -> column;
              default -> height - 1 - column;
            };
        int at = 3 * (row * columns + column);
        bgr[at] = (byte) blue;
        bgr[at + 1] = (byte) Math.round(level(y + 0.5, height));
        bgr[at + 2] = (byte) Math.round(level(x + 0.5, width));
      }
    }
    return encode(columns, rows, bgr);
  }

  private static byte[] encode(int width, int height, byte[] bgr) {
    Mat image = new Mat(height, width, CvType.CV_8UC3);
    image.put(0, 0, bgr);
    MatOfByte png = new MatOfByte();
    Imgcodecs.imencode(".png", image, png);
    byte[] file = png.toArray();
    image.release();
    png.release();
    return file;
  }

  ChunkViews chunk() {
    return new ChunkViews(new ChunkId(1), null, views);
  }

  PhotoSource source() {
    return view -> files.get(view.id());
  }
}
