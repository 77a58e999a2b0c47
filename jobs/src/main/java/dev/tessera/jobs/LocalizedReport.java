package dev.tessera.jobs;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Localized photos for people: a few lines on the screen, and all of them as CSV. */
record LocalizedReport(Dataset<Row> photos) {
  /** Photos on the screen, at most. */
  private static final int LINES = 20;

  /** Ending of the name of a Parquet table. */
  static final String PARQUET = ".parquet";

  private static final Pattern TO_BE_QUOTED = Pattern.compile("[\",\r\n]");

  /**
   * The first photos by name.
   *
   * @param count of all
   * @param summary last line
   */
  void print(PrintWriter out, long count, String summary) {
    List<Row> first = photos.orderBy("name").takeAsList(LINES);
    int width = first.stream().mapToInt(row -> text(row, "name").length()).max().orElse(0);
    String format = "%-" + Math.max(width, 4) + "s  %-11s  %5s  %10s  %12s  %s%n";
    out.printf(format, "name", "status", "chunk", "confidence", "GPS distance", "position");
    for (Row row : first) {
      out.printf(
          format,
          text(row, "name"),
          text(row, "status"),
          text(row, "chunk_id"),
          number(row, "confidence", "%.2f"),
          number(row, "gps_distance_m", "%.2f m"),
          position(row));
    }
    if (count > LINES) {
      out.printf("and %d more%n", count - LINES);
    }
    out.println(summary);
    out.flush();
  }

  /** Where a photo was taken, or why that is not known. */
  private static String position(Row row) {
    if (row.isNullAt(row.fieldIndex("x"))) {
      return text(row, "reason");
    }
    if (row.<Boolean>getAs("georeferenced")) {
      return number(row, "lon", "lon %.7f")
          + number(row, "lat", " lat %.7f")
          + number(row, "height_m", " height %.2f m");
    }
    return number(row, "x", "x %.3f")
        + number(row, "y", " y %.3f")
        + number(row, "z", " z %.3f in the units of component ")
        + text(row, "component_id");
  }

  private static String number(Row row, String column, String format) {
    Double value = row.getAs(column);
    return value == null ? "" : String.format(Locale.ROOT, format, value);
  }

  private static String text(Row row, String column) {
    Object value = row.getAs(column);
    return value == null ? "" : value.toString();
  }

  /** All photos, as the ending of the file's name says: CSV, or a folder of Parquet files. */
  void write(Path file) throws IOException {
    if (file.toString().endsWith(PARQUET)) {
      photos.orderBy("name").coalesce(1).write().mode("overwrite").parquet(file.toUri().toString());
    } else {
      writeCsv(file);
    }
  }

  /** All photos in the order of their names; the file is whole or as it was before. */
  private void writeCsv(Path file) throws IOException {
    Path unfinished = file.resolveSibling("." + file.getFileName() + ".unfinished");
    try (BufferedWriter out = Files.newBufferedWriter(unfinished)) {
      out.write(line(Arrays.stream(photos.columns()).toList()));
      Iterator<Row> rows = photos.orderBy("name").toLocalIterator();
      while (rows.hasNext()) {
        Row row = rows.next();
        out.write(line(IntStream.range(0, row.length()).mapToObj(i -> value(row, i)).toList()));
      }
    }
    Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Numbers of a list with blanks between them. */
  private static Object value(Row row, int column) {
    boolean isList = !row.isNullAt(column) && row.get(column) instanceof scala.collection.Seq;
    return isList
        ? row.getList(column).stream().map(Object::toString).collect(Collectors.joining(" "))
        : row.get(column);
  }

  private static String line(List<?> values) {
    return values.stream().map(LocalizedReport::cell).collect(Collectors.joining(",", "", "\n"));
  }

  private static String cell(Object value) {
    String text = value == null ? "" : value.toString();
    return TO_BE_QUOTED.matcher(text).find() ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}
