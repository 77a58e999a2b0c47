package dev.tessera.synthetic;

/**
 * What a {@link SyntheticCity} is like.
 *
 * @param chunks on a square grid, as nearly as their number allows
 * @param spacingMeters between neighbours
 * @param badEdgeShare part of the edges that are random similarities
 * @param badEdgeSeams groups of three edges side by side that are wrong by the same shift, so that
 *     the cycles between them close
 * @param badGpsShare part of the chunks whose GPS is some hundred metres off
 * @param gpsFreeRegions square blocks of chunks without GPS
 * @param islands strips of the city without edges between them
 * @param islandsWithoutGps the last of the islands, all without GPS
 * @param wrongScaleChunks chunks whose points are 1.5 times too large for their cameras
 * @param mirroredChunks chunks whose depth is mirrored
 * @param seed equal options give equal cities; another seed gives other frames and other noise
 */
public record CityOptions(
    int chunks,
    double spacingMeters,
    double badEdgeShare,
    int badEdgeSeams,
    double badGpsShare,
    int gpsFreeRegions,
    int islands,
    int islandsWithoutGps,
    int wrongScaleChunks,
    int mirroredChunks,
    long seed) {

  private static final double SPACING_METERS = 100;

  public CityOptions {
    if (chunks < 1 || islands < 1 || islandsWithoutGps > islands) {
      throw new IllegalArgumentException(
          "Cannot make a city of %d chunks on %d islands, %d of them without GPS"
              .formatted(chunks, islands, islandsWithoutGps));
    }
    if (!(badEdgeShare >= 0 && badEdgeShare <= 1) || !(badGpsShare >= 0 && badGpsShare <= 1)) {
      throw new IllegalArgumentException(
          "Shares must be between 0 and 1, were %s and %s".formatted(badEdgeShare, badGpsShare));
    }
  }

  /** A city in which everything is right but for the noise. */
  public static CityOptions clean(int chunks, long seed) {
    return new CityOptions(chunks, SPACING_METERS, 0, 0, 0, 0, 1, 0, 0, 0, seed);
  }

  /** With edges and GPS that are wrong one by one. */
  public CityOptions withBad(double edgeShare, double gpsShare) {
    return new CityOptions(
        chunks,
        spacingMeters,
        edgeShare,
        badEdgeSeams,
        gpsShare,
        gpsFreeRegions,
        islands,
        islandsWithoutGps,
        wrongScaleChunks,
        mirroredChunks,
        seed);
  }

  /** With seams of edges that are wrong together. */
  public CityOptions withBadSeams(int seams) {
    return new CityOptions(
        chunks,
        spacingMeters,
        badEdgeShare,
        seams,
        badGpsShare,
        gpsFreeRegions,
        islands,
        islandsWithoutGps,
        wrongScaleChunks,
        mirroredChunks,
        seed);
  }

  /** With regions where there is no GPS. */
  public CityOptions withGpsFreeRegions(int regions) {
    return new CityOptions(
        chunks,
        spacingMeters,
        badEdgeShare,
        badEdgeSeams,
        badGpsShare,
        regions,
        islands,
        islandsWithoutGps,
        wrongScaleChunks,
        mirroredChunks,
        seed);
  }

  /** Cut into islands, the last of them without GPS. */
  public CityOptions withIslands(int count, int withoutGps) {
    return new CityOptions(
        chunks,
        spacingMeters,
        badEdgeShare,
        badEdgeSeams,
        badGpsShare,
        gpsFreeRegions,
        count,
        withoutGps,
        wrongScaleChunks,
        mirroredChunks,
        seed);
  }

  /** With chunks that are wrong in themselves. */
  public CityOptions withWrongChunks(int scaled, int mirrored) {
    return new CityOptions(
        chunks,
        spacingMeters,
        badEdgeShare,
        badEdgeSeams,
        badGpsShare,
        gpsFreeRegions,
        islands,
        islandsWithoutGps,
        scaled,
        mirrored,
        seed);
  }
}
