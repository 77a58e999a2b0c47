package dev.tessera.imagery;

import java.io.Serializable;

/**
 * What is known of a photo's focal length before reconstruction.
 *
 * @param pixels focal length in pixels of the upright image
 * @param source where it comes from, best first
 */
public record FocalPrior(double pixels, Source source) implements Serializable {
  /** Where a focal length comes from, and how far (relative sigma) it is to be trusted. */
  public enum Source {
    /** EXIF FocalLengthIn35mmFilm: rounded to whole millimetres by most cameras. */
    EQUIVALENT_35MM(0.05),
    /** EXIF focal length times focal-plane resolution. */
    FOCAL_PLANE(0.05),
    /** EXIF focal length over the sensor width of a known camera model. */
    SENSOR_TABLE(0.05),
    /** Nothing known: 1.2 times the longer side. */
    ASSUMED(0.3);

    private final double relativeSigma;

    Source(double relativeSigma) {
      this.relativeSigma = relativeSigma;
    }

    public double relativeSigma() {
      return relativeSigma;
    }
  }

  public FocalPrior {
    if (!(pixels > 0) || Double.isInfinite(pixels)) {
      throw new IllegalArgumentException("Focal length must be positive and finite, was " + pixels);
    }
  }
}
