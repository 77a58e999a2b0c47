package dev.tessera.evaluate;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads reference cameras from comma separated values with a header line. Columns, in any order and
 * among others: {@code image}; {@code qw, qx, qy, qz}, camera from world, scalar first; the centre
 * in metres as {@code Cx, Cy, Cz} or {@code Cx_east, Cy_north, Cz_above_ground}.
 */
public final class TruthCsv {
  private static final List<String> ROTATION = List.of("qw", "qx", "qy", "qz");
  private static final List<String> CENTER = List.of("Cx", "Cy", "Cz");
  private static final List<String> CENTER_ENU = List.of("Cx_east", "Cy_north", "Cz_above_ground");
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT
          .builder()
          .setHeader()
          .setSkipHeaderRecord(true)
          .setTrim(true)
          .setIgnoreEmptyLines(true)
          .get();

  private TruthCsv() {}

  /** As {@link #read(Reader, String)}. */
  public static Truth read(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return read(reader, file.toString());
    }
  }

  /**
   * Reads every row; one with a missing number is skipped and counted, of two rows with one name
   * the first counts.
   *
   * @param file what the text is called in messages
   * @throws IllegalArgumentException if a column is missing
   */
  public static Truth read(Reader text, String file) throws IOException {
    Map<String, Rigid3> cameras = new TreeMap<>();
    int skipped = 0;
    try (CSVParser rows = CSVParser.parse(text, FORMAT)) {
      List<String> header = rows.getHeaderNames();
      require("image", header, file);
      ROTATION.forEach(column -> require(column, header, file));
      List<String> center = header.containsAll(CENTER_ENU) ? CENTER_ENU : CENTER;
      center.forEach(column -> require(column, header, file));
      for (CSVRecord row : rows) {
        Optional<Rigid3> camera = camera(row, center);
        if (camera.isEmpty() || row.get("image").isEmpty()) {
          skipped++;
        } else {
          cameras.putIfAbsent(row.get("image"), camera.get());
        }
      }
    }
    return new Truth(cameras, skipped);
  }

  private static void require(String column, List<String> header, String file) {
    if (!header.contains(column)) {
      throw new IllegalArgumentException("Cannot read truth " + file + ": no column " + column);
    }
  }

  private static Optional<Rigid3> camera(CSVRecord row, List<String> centerColumns) {
    double[] q = numbers(row, ROTATION);
    double[] c = numbers(row, centerColumns);
    if (q == null || c == null || q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3] == 0) {
      return Optional.empty();
    }
    return Optional.of(
        Rigid3.cameraFromWorld(new Quaternion(q[0], q[1], q[2], q[3]), new Vec3(c[0], c[1], c[2])));
  }

  /** The numbers of some columns; null unless all are there and finite. */
  private static double[] numbers(CSVRecord row, List<String> columns) {
    double[] numbers = new double[columns.size()];
    for (int i = 0; i < numbers.length; i++) {
      String column = columns.get(i);
      numbers[i] = row.isSet(column) ? number(row.get(column)) : Double.NaN;
      if (!Double.isFinite(numbers[i])) {
        return null;
      }
    }
    return numbers;
  }

  /** NaN for what is no number; the row is then counted as skipped. */
  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
