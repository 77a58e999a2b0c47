package dev.tessera.landmarks;

/** Points of a scene and the pixels that see them, as whoever keeps them can tell. */
public interface SeenPoints {
  int points();

  int cameras();

  /** Size of a camera's upright photo, pixels. */
  int width(int camera);

  int height(int camera);

  /** First observation of a point, which is one past the last of the point before. */
  int begin(int point);

  int camera(int observation);

  /** Where its camera sees it, upright original pixels. */
  float u(int observation);

  float v(int observation);

  /** In [0, 1]. */
  float confidence(int point);

  /** Coordinate 0 to 2 in the chunk's frame, chunk units. */
  double coordinate(int point, int axis);

  default int length(int point) {
    return begin(point + 1) - begin(point);
  }
}
