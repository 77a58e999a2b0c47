package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.PhotoDecoder;
import dev.tessera.imagery.UprightPhoto;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import org.junit.jupiter.api.Test;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;

class FeatureExtractorTest {
  private static final int SIDE = 400;

  /** Blob centres in pixels, the centre of the top left pixel at (0.5, 0.5). */
  private static final double[][] BLOBS = {{100, 90}, {250.25, 120.5}, {130.6, 300.3}, {310, 305}};

  /** Lowe 2004 locates extrema by a quadratic; 8-bit levels limit it to about this. */
  private static final double LOCATION_ERROR_PIXELS = 0.1;

  @Test
  void keypointsAreAtTheCentresOfBlobs() {
    Features features = extract(PhotoDecoder.Config.defaults());

    for (double[] blob : BLOBS) {
      assertThat(distanceOfNearest(features, blob)).isLessThan(LOCATION_ERROR_PIXELS);
    }
  }

  @Test
  void keypointsOfAReducedPhotoAreScaledBack() {
    Features features = extract(new PhotoDecoder.Config(SIDE / 2));

    assertThat(features.originalPerWorkingPixel()).isEqualTo(2);
    for (double[] blob : BLOBS) {
      assertThat(distanceOfNearest(features, blob)).isLessThan(2 * LOCATION_ERROR_PIXELS);
    }
  }

  @Test
  void samePhotoGivesTheSameFeatures() {
    Features once = extract(PhotoDecoder.Config.defaults());
    Features again = extract(PhotoDecoder.Config.defaults());

    assertThat(again.rootSift()).isEqualTo(once.rootSift());
    for (int i = 0; i < once.count(); i++) {
      assertThat(again.u(i)).isEqualTo(once.u(i));
      assertThat(again.v(i)).isEqualTo(once.v(i));
    }
  }

  @Test
  void descriptorsAreUnitVectors() {
    Features features = extract(PhotoDecoder.Config.defaults());
    float[] root = features.rootSift();

    for (int i = 0; i < features.count(); i++) {
      double sum = 0;
      for (int e = 0; e < Features.DESCRIPTOR_LENGTH; e++) {
        sum += root[i * Features.DESCRIPTOR_LENGTH + e] * root[i * Features.DESCRIPTOR_LENGTH + e];
      }
      assertThat(sum).isBetween(1 - 1e-5, 1 + 1e-5);
    }
  }

  private static double distanceOfNearest(Features features, double[] blob) {
    double nearest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < features.count(); i++) {
      nearest = Math.min(nearest, Math.hypot(features.u(i) - blob[0], features.v(i) - blob[1]));
    }
    return nearest;
  }

  private static Features extract(PhotoDecoder.Config config) {
    PhotoDecoder decoder = new PhotoDecoder(config);
    PhotoDecoder.Outcome outcome = decoder.decode(blobs(), view());
    UprightPhoto photo = ((PhotoDecoder.Outcome.Decoded) outcome).photo();
    return new FeatureExtractor(FeatureExtractor.Config.defaults()).extract(photo);
  }

  private static byte[] blobs() {
    byte[] gray = new byte[SIDE * SIDE];
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        double level = 60;
        for (double[] blob : BLOBS) {
          double dx = column + 0.5 - blob[0];
          double dy = row + 0.5 - blob[1];
          level += 150 * Math.exp(-(dx * dx + dy * dy) / (2 * 5 * 5));
        }
        gray[row * SIDE + column] = (byte) Math.round(level);
      }
    }
    Mat image = new Mat(SIDE, SIDE, CvType.CV_8UC1);
    image.put(0, 0, gray);
    MatOfByte png = new MatOfByte();
    Imgcodecs.imencode(".png", image, png);
    byte[] file = png.toArray();
    image.release();
    png.release();
    return file;
  }

  private static View view() {
    return new View(
        new ViewId(1),
        "memory:/blobs.png",
        "blobs.png",
        "0".repeat(64),
        SIDE,
        SIDE,
        1,
        new FocalPrior(400, FocalPrior.Source.ASSUMED),
        "camera",
        null,
        null);
  }
}
