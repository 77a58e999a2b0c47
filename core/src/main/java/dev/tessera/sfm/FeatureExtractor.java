package dev.tessera.sfm;

import dev.tessera.imagery.MatScope;
import dev.tessera.imagery.OpenCv;
import dev.tessera.imagery.UprightPhoto;
import java.io.Serializable;
import org.opencv.core.CvType;
import org.opencv.core.KeyPoint;
import org.opencv.core.Mat;
import org.opencv.core.MatOfKeyPoint;
import org.opencv.features2d.SIFT;

/**
 * Finds SIFT features (Lowe, "Distinctive image features from scale-invariant keypoints", IJCV
 * 2004), the strongest first where there are too many. Safe for many threads.
 */
final class FeatureExtractor {
  private final Config config;

  /**
   * @param maxFeatures most features per photo
   * @param contrastThreshold least contrast of a keypoint, Lowe's D(x) over the three layers of an
   *     octave; 0.04 is right for facades, fields seen from the air need a third of it
   */
  public record Config(int maxFeatures, double contrastThreshold) implements Serializable {
    public Config {
      if (maxFeatures < 8) {
        throw new IllegalArgumentException("Features per photo must be >= 8, was " + maxFeatures);
      }
      if (!(contrastThreshold > 0)) {
        throw new IllegalArgumentException(
            "Contrast threshold must be positive, was " + contrastThreshold);
      }
    }

    public static Config defaults() {
      return new Config(4000, 0.013);
    }
  }

  /** Layers per octave, edge threshold and first blur of Lowe 2004, sections 3.3, 4.1, 3.3. */
  private static final int OCTAVE_LAYERS = 3;

  private static final double EDGE_THRESHOLD = 10;
  private static final double FIRST_BLUR_SIGMA = 1.6;

  FeatureExtractor(Config config) {
    this.config = config;
    OpenCv.ensureLoaded();
  }

  Features extract(UprightPhoto photo) {
    SIFT sift =
        SIFT.create(
            config.maxFeatures,
            OCTAVE_LAYERS,
            config.contrastThreshold,
            EDGE_THRESHOLD,
            FIRST_BLUR_SIGMA,
            CvType.CV_8U,
            true);
    try (MatScope scope = new MatScope()) {
      Mat image = scope.own(new Mat(photo.height(), photo.width(), CvType.CV_8UC1));
      image.put(0, 0, photo.gray());
      MatOfKeyPoint keypoints = scope.own(new MatOfKeyPoint());
      Mat descriptors = scope.empty();
      sift.detectAndCompute(image, scope.empty(), keypoints, descriptors);
      return featuresOf(photo, keypoints.toArray(), descriptors);
    } finally {
      sift.clear();
    }
  }

  private Features featuresOf(UprightPhoto photo, KeyPoint[] found, Mat descriptors) {
    int count = Math.min(found.length, config.maxFeatures);
    float[] pixel = new float[2 * count];
    int[] rgb = new int[count];
    for (int i = 0; i < count; i++) {
      double x = found[i].pt.x;
      double y = found[i].pt.y;
      pixel[2 * i] = (float) photo.originalU(x);
      pixel[2 * i + 1] = (float) photo.originalV(y);
      rgb[i] = photo.rgbAt(x, y);
    }
    byte[] sift = new byte[count * Features.DESCRIPTOR_LENGTH];
    if (count > 0) {
      descriptors.get(0, 0, sift);
    }
    return new Features(pixel, rgb, sift, photo.originalU(0.5));
  }
}
