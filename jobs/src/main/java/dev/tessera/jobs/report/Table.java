package dev.tessera.jobs.report;

import java.util.List;
import java.util.function.Function;

/**
 * A table of one kind of row, cut off after a number of rows and saying so.
 *
 * @param <T> what a row tells
 */
final class Table<T> {
  private static final int FILTERED_FROM = 12;

  /** Text that stands left, or a number that stands right. */
  record Column<T>(String title, boolean number, Function<T, String> cell) {
    static <T> Column<T> text(String title, Function<T, String> cell) {
      return new Column<>(title, false, cell);
    }

    static <T> Column<T> number(String title, Function<T, String> cell) {
      return new Column<>(title, true, cell);
    }

    private String cssClass() {
      return number ? "number" : null;
    }
  }

  private final List<Column<T>> columns;
  private Function<T, String> rowClass = row -> null;
  private Function<T, Integer> rowChunk = row -> null;

  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  Table(Column<T>... columns) {
    this.columns = List.of(columns);
  }

  Table<T> classed(Function<T, String> rowClass) {
    this.rowClass = rowClass;
    return this;
  }

  /** Rows that tell of a chunk point it out in the pictures. */
  Table<T> ofChunk(Function<T, Integer> rowChunk) {
    this.rowChunk = rowChunk;
    return this;
  }

  /**
   * @param total how many rows there would be without any cut
   * @param things what the rows are, in the plural
   */
  void write(Markup m, List<T> rows, int most, long total, String things) {
    if (rows.size() >= FILTERED_FROM) {
      m.leaf(
          "input",
          "type",
          "search",
          "class",
          "filter",
          "hidden",
          "hidden",
          "placeholder",
          "Filter " + things,
          "aria-label",
          "Filter " + things);
    }
    m.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", things);
    m.open("table").open("thead").open("tr");
    columns.forEach(c -> m.element("th", c.title(), "scope", "col", "class", c.cssClass()));
    m.close().close().open("tbody");
    rows.stream().limit(most).forEach(row -> row(m, row));
    m.close().close().end();
    long shown = Math.min(most, rows.size());
    if (shown < total) {
      String note = "%s of %s %s.".formatted(Numbers.count(shown), Numbers.count(total), things);
      m.element("p", note, "class", "note");
    }
  }

  private void row(Markup m, T row) {
    m.open("tr", "class", rowClass.apply(row), "data-chunk", rowChunk.apply(row));
    columns.forEach(c -> m.element("td", c.cell().apply(row), "class", c.cssClass()));
    m.end();
  }
}
