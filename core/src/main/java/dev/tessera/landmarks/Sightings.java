package dev.tessera.landmarks;

/**
 * Landmarks that a photo sees. K of them.
 *
 * @param points (K, 3) where they are, chunk units
 * @param pixels (K, 2) where they are seen, upright original pixels
 * @param confidence (K) of the reading, in [0, 1]
 * @param originalPerWorkingPixel errors count in working pixels, of this size
 */
@SuppressWarnings("ArrayRecordComponent")
public record Sightings(
    double[] points, double[] pixels, float[] confidence, double originalPerWorkingPixel) {
  public int count() {
    return confidence.length;
  }
}
