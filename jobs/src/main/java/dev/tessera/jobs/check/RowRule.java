package dev.tessera.jobs.check;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Something that holds of every row of a table by itself.
 *
 * @param shown the columns that an example shows
 */
record RowRule(String name, Condition condition, int[] shown) implements Serializable {
  /** What holds of a row. */
  @FunctionalInterface
  interface Condition extends Serializable {
    boolean holds(Row row);
  }

  static RowRule of(String name, StructType schema, Condition condition, String... shown) {
    return new RowRule(
        name, condition, Arrays.stream(shown).mapToInt(schema::fieldIndex).toArray());
  }

  /** Values of which no rotation, position or tensor can be made break it. */
  boolean holds(Row row) {
    try {
      return condition.holds(row);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The values that break it. */
  String example(Row row) {
    return Arrays.stream(shown)
        .mapToObj(i -> row.schema().fields()[i].name() + "=" + text(row.get(i)))
        .collect(Collectors.joining(", "));
  }

  private static String text(Object value) {
    return value instanceof byte[] bytes ? bytes.length + " bytes" : String.valueOf(value);
  }
}
