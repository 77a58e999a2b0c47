package dev.tessera.jobs;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Vec3;
import java.util.Arrays;
import java.util.List;

/** Numbers in the rows that {@link MapSql} gives. */
final class SqlRows {
  private SqlRows() {}

  static List<Object> row(Object... values) {
    return Arrays.asList(values);
  }

  static double real(List<Object> row, int column) {
    return (double) row.get(column);
  }

  /** Three columns in a row: x, y, z. */
  static Vec3 vector(List<Object> row, int first) {
    return new Vec3(real(row, first), real(row, first + 1), real(row, first + 2));
  }

  /** Four columns in a row: w, x, y, z. */
  static Quaternion rotation(List<Object> row, int first) {
    return new Quaternion(
        real(row, first), real(row, first + 1), real(row, first + 2), real(row, first + 3));
  }
}
