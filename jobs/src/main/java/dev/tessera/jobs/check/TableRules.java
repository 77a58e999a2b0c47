package dev.tessera.jobs.check;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What holds of a table row by row, and in which order its rows are.
 *
 * @param columns of the table, as its codec knows them
 * @param ofAllTables every row has the values it needs, and numbers are finite
 * @param further looked at in rows that keep those
 * @param orderedBy columns that the rows are sorted by; all of them comparable
 */
record TableRules(
    String table,
    StructType columns,
    List<RowRule> ofAllTables,
    List<RowRule> further,
    int[] orderedBy)
    implements Serializable {
  /** The rules of a table, with its name and columns. */
  static TableRules of(
      String table, StructType columns, List<RowRule> further, String... orderedBy) {
    return new TableRules(
        table,
        columns,
        List.of(nulls(columns), finite(columns)),
        List.copyOf(further),
        Arrays.stream(orderedBy).mapToInt(columns::fieldIndex).toArray());
  }

  private static RowRule nulls(StructType columns) {
    int[] needed = columns(columns, field -> !field.nullable());
    return new RowRule("nulls", row -> Arrays.stream(needed).noneMatch(row::isNullAt), needed);
  }

  private static RowRule finite(StructType columns) {
    int[] numbers = columns(columns, field -> isFloating(field.dataType()));
    return new RowRule("finite", row -> areFinite(row, numbers), numbers);
  }

  private static boolean areFinite(Row row, int[] numbers) {
    for (int i : numbers) {
      if (row.get(i) instanceof Number n && !Double.isFinite(n.doubleValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isFloating(DataType type) {
    return type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType);
  }

  private static int[] columns(StructType columns, Predicate<StructField> wanted) {
    StructField[] fields = columns.fields();
    return IntStream.range(0, fields.length).filter(i -> wanted.test(fields[i])).toArray();
  }
}
