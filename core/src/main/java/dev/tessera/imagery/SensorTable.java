package dev.tessera.imagery;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/** Sensor sizes of common cameras, from the resource {@code sensors.csv}. */
final class SensorTable {
  private static final String RESOURCE = "sensors.csv";
  private static final Map<String, Sensor> BY_MODEL = load();

  private SensorTable() {}

  /**
   * The area a camera's uncropped still photo covers.
   *
   * @param make first word of the EXIF make, lower case
   * @param nativeAspect width over height, at least 1
   */
  record Sensor(String make, double widthMillimeters, double nativeAspect) {}

  /** The sensor of a camera as EXIF names it, or null. */
  static Sensor find(String make, String model) {
    if (make == null || model == null) {
      return null;
    }
    Sensor sensor = BY_MODEL.get(key(model));
    return sensor != null && key(make).startsWith(sensor.make()) ? sensor : null;
  }

  private static String key(String text) {
    return text.strip().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Sensor> load() {
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (InputStream in = SensorTable.class.getResourceAsStream(RESOURCE);
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      Map<String, Sensor> sensors = new HashMap<>();
      for (CSVRecord row : format.parse(reader)) {
        double width = Double.parseDouble(row.get("width_mm"));
        double aspect = width / Double.parseDouble(row.get("height_mm"));
        sensors.put(key(row.get("model")), new Sensor(key(row.get("make")), width, aspect));
      }
      return Map.copyOf(sensors);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read resource " + RESOURCE, e);
    }
  }
}
