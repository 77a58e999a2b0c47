package dev.tessera.synthetic;

import dev.tessera.geometry.Vec3;
import dev.tessera.map.Bounds;
import dev.tessera.map.MapPoint;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Points of many chunks over one hilly ground, without photos. Chunks lie on a square grid and see
 * the same spots of the ground, one every {@value #SPACING_METERS} m; each reaches over its
 * neighbours by {@value #FRINGE} of its width, and measures every spot with an error of its own. A
 * function of the seed and the chunk: chunks can be made in any order, anywhere.
 */
public final class SyntheticCloud implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Distance of spots, before they are jittered. */
  public static final double SPACING_METERS = 0.1;

  /** Of the width of a chunk, on each side. */
  public static final double FRINGE = 0.05;

  private static final double ERROR_METERS = 0.005;
  private static final double HILL_METERS = 12;
  private static final double HILL_WAVELENGTH_METERS = 60;
  private static final int PHOTOS_PER_CHUNK = 50;

  /** What a number is drawn for. */
  private enum Draw {
    HILL,
    X,
    Y,
    COLOR,
    ERROR_X,
    ERROR_Y,
    ERROR_Z,
    CONFIDENCE,
    PHOTO
  }

  private final int chunks;
  private final int columns;
  private final int coreSpots; // along an edge of what a chunk has for itself
  private final int fringeSpots;
  private final int salt;

  /**
   * @param points of all chunks together, about
   */
  public SyntheticCloud(long points, int chunks, long seed) {
    if (chunks < 1 || points < chunks) {
      throw new IllegalArgumentException(
          "Cannot make %d points in %d chunks: a chunk needs a point at least"
              .formatted(points, chunks));
    }
    double edge = Math.sqrt((double) points / chunks);
    this.chunks = chunks;
    this.columns = (int) Math.ceil(Math.sqrt(chunks));
    this.fringeSpots = (int) Math.round(FRINGE * edge / (1 + 2 * FRINGE));
    this.coreSpots = Math.max(1, (int) Math.round(edge) - 2 * fringeSpots);
    this.salt = Long.hashCode(seed) * Draw.values().length;
  }

  public int pointsPerChunk() {
    int edge = coreSpots + 2 * fringeSpots;
    return edge * edge;
  }

  /** A box around all points. */
  public Bounds bounds() {
    double half = (columns * coreSpots / 2.0 + fringeSpots + 2) * SPACING_METERS;
    return new Bounds(-half, -half, -2 * HILL_METERS, half, half, 2 * HILL_METERS);
  }

  /** What the chunk sees, row by row. */
  public List<MapPoint> points(int chunk) {
    int firstColumn = (chunk % columns) * coreSpots - columns * coreSpots / 2 - fringeSpots;
    int firstRow = (chunk / columns) * coreSpots - columns * coreSpots / 2 - fringeSpots;
    int edge = coreSpots + 2 * fringeSpots;
    List<MapPoint> points = new ArrayList<>(edge * edge);
    for (int row = firstRow; row < firstRow + edge; row++) {
      for (int column = firstColumn; column < firstColumn + edge; column++) {
        points.add(point(chunk, column, row));
      }
    }
    return points;
  }

  private MapPoint point(int chunk, int column, int row) {
    double x = (column + Hashes.unit(column, row, salt(Draw.X))) * SPACING_METERS;
    double y = (row + Hashes.unit(column, row, salt(Draw.Y))) * SPACING_METERS;
    double z =
        HILL_METERS
            * Noise.octave(x / HILL_WAVELENGTH_METERS, y / HILL_WAVELENGTH_METERS, salt(Draw.HILL));
    Vec3 error =
        new Vec3(
            error(chunk, column, row, Draw.ERROR_X),
            error(chunk, column, row, Draw.ERROR_Y),
            error(chunk, column, row, Draw.ERROR_Z));
    int photo = Math.floorMod(Hashes.of(column / 8, row / 8, salt(Draw.PHOTO)), PHOTOS_PER_CHUNK);
    return new MapPoint(
        new Vec3(x, y, z).plus(error),
        Hashes.of(column, row, salt(Draw.COLOR)) & 0xffffff,
        (float) Hashes.unit(column, row, salt(Draw.CONFIDENCE) + chunks + chunk),
        (long) chunk * PHOTOS_PER_CHUNK + photo,
        chunk,
        2 + photo % 5,
        1);
  }

  private double error(int chunk, int column, int row, Draw draw) {
    return Hashes.between(
        -ERROR_METERS, ERROR_METERS, column, row, salt(draw) * 31 + chunk * Draw.values().length);
  }

  private int salt(Draw draw) {
    return salt + draw.ordinal();
  }
}
