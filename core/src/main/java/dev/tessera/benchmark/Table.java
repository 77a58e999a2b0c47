package dev.tessera.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured.
 *
 * @param name of the benchmark
 * @param rows each with the same names in the same order; values are numbers or words
 * @param notes what must be known to read them
 */
public record Table(String name, List<Map<String, Object>> rows, List<String> notes) {
  private static final double LARGE = 100;
  private static final double SMALL = 10;

  public Table {
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /** A row: names and values in turn. */
  static Map<String, Object> row(Object... namesAndValues) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      row.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return row;
  }

  /** For a JSON file. */
  public Map<String, Object> toFields() {
    return row("name", name, "rows", rows, "notes", notes);
  }

  /** In Markdown. */
  public String toText() {
    StringBuilder text = new StringBuilder(name).append("\n\n");
    if (!rows.isEmpty()) {
      List<String> names = new ArrayList<>(rows.get(0).keySet());
      line(text, names);
      line(text, names.stream().map(column -> "---").toList());
      for (Map<String, Object> row : rows) {
        line(text, names.stream().map(column -> cell(row.get(column))).toList());
      }
    }
    notes.forEach(note -> text.append('\n').append(note));
    return text.append('\n').toString();
  }

  private static void line(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static String cell(Object value) {
    if (value instanceof Double number) {
      if (number.isNaN()) {
        return "";
      }
      int digits = Math.abs(number) >= LARGE ? 0 : Math.abs(number) >= SMALL ? 1 : 2;
      return String.format(Locale.ROOT, "%." + digits + "f", number);
    }
    return String.valueOf(value);
  }
}
