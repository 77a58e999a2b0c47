package dev.tessera.reconstruct;

import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import java.util.Random;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Point;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * A photo made worse, by a camera of which only the focal length is known.
 *
 * @param view its header
 * @param file PNG
 */
@SuppressWarnings("ArrayRecordComponent")
record WarpedPhoto(View view, byte[] file) {
  /** What is done to a photo. */
  enum Warp {
    HALF_SIZE,
    ROTATED_40_DEGREES,
    DARKER_WITH_NOISE,
    BLURRED,
    MIDDLE_NINTH
  }

  /**
   * @param focalPixels of the photo as it is
   */
  static WarpedPhoto of(View view, byte[] file, double focalPixels, Warp warp) {
    Mat photo = Imgcodecs.imdecode(new MatOfByte(file), Imgcodecs.IMREAD_COLOR);
    Mat warped = warped(photo, warp);
    MatOfByte png = new MatOfByte();
    Imgcodecs.imencode(".png", warped, png);
    byte[] bytes = png.toArray();
    String digest = PhotoSet.sha256(bytes);
    double focal = warp == Warp.HALF_SIZE ? focalPixels / 2 : focalPixels;
    View header =
        new View(
            ViewId.ofSha256(digest),
            view.uri(),
            view.name(),
            digest,
            warped.width(),
            warped.height(),
            1,
            new FocalPrior(focal, FocalPrior.Source.FOCAL_PLANE),
            "warped " + warp,
            null,
            null);
    photo.release();
    warped.release();
    png.release();
    return new WarpedPhoto(header, bytes);
  }

  private static Mat warped(Mat photo, Warp warp) {
    Mat to = new Mat();
    switch (warp) {
      case HALF_SIZE -> Imgproc.resize(photo, to, new Size(), 0.5, 0.5, Imgproc.INTER_AREA);
      case ROTATED_40_DEGREES -> {
        Point middle = new Point((photo.width() - 1) / 2.0, (photo.height() - 1) / 2.0);
        Imgproc.warpAffine(photo, to, Imgproc.getRotationMatrix2D(middle, 40, 1), photo.size());
      }
      case DARKER_WITH_NOISE -> {
        Mat noise = new Mat(photo.size(), CvType.CV_16SC3);
        short[] values = new short[(int) photo.total() * 3];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
          values[i] = (short) Math.round(8 * random.nextGaussian());
        }
        noise.put(0, 0, values);
        Mat dark = new Mat();
        photo.convertTo(dark, CvType.CV_16SC3, 0.4);
        Core.add(dark, noise, dark);
        dark.convertTo(to, CvType.CV_8UC3);
      }
      case BLURRED -> Imgproc.GaussianBlur(photo, to, new Size(), 2.5);
      case MIDDLE_NINTH -> {
        int width = photo.width() / 3;
        int height = photo.height() / 3;
        to = photo.submat(new Rect(width, height, width, height)).clone();
      }
    }
    return to;
  }
}
