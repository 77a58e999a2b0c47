package dev.tessera.geometry;

/** The data do not determine what was asked for: too few points, all on a line, all equal. */
public final class DegenerateGeometryException extends RuntimeException {
  public DegenerateGeometryException(String message) {
    super(message);
  }
}
