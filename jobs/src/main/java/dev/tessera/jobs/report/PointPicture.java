package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Point;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * The sampled cloud as a small transparent PNG in a data URI, orthographic, nearest point on top.
 */
final class PointPicture {
  private static final double PIXELS_PER_UNIT = 1.25;
  private static final int OPAQUE = 0xff000000;

  /**
   * Colours keep five bits per channel: the eye sees no difference, the file is a third smaller.
   */
  private static final int COLOR_BITS = 0x00f8f8f8;

  private PointPicture() {}

  /** From above. */
  static String plan(List<Point> points, Axes axes) {
    return draw(points, axes, Point::north, Point::up);
  }

  /** From the south. */
  static String side(List<Point> points, Axes axes) {
    return draw(points, axes, Point::up, p -> -p.north());
  }

  private static String draw(
      List<Point> points, Axes axes, ToDoubleFunction<Point> y, ToDoubleFunction<Point> nearness) {
    Axes pixels = axes.resized(Math.rint(axes.width() * PIXELS_PER_UNIT));
    BufferedImage image =
        new BufferedImage(
            (int) pixels.width(),
            (int) Math.max(1, Math.rint(pixels.height())),
            BufferedImage.TYPE_INT_ARGB);
    points.stream()
        .sorted(Comparator.comparingDouble(nearness))
        .forEach(p -> splat(image, pixels.x(p.east()), pixels.y(y.applyAsDouble(p)), p.rgb()));
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png(image));
  }

  private static void splat(BufferedImage image, double x, double y, int rgb) {
    if (!(Math.abs(x) < 1e6 && Math.abs(y) < 1e6)) {
      return;
    }
    int left = (int) Math.floor(x) - 1;
    int top = (int) Math.floor(y) - 1;
    for (int row = top; row < top + 3; row++) {
      for (int column = left; column < left + 3; column++) {
        if (row >= 0 && row < image.getHeight() && column >= 0 && column < image.getWidth()) {
          image.setRGB(column, row, OPAQUE | (rgb & COLOR_BITS));
        }
      }
    }
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
