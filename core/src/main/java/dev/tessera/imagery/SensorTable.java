package dev.tessera.imagery;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

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
    try (InputStream in = SensorTable.class.getResourceAsStream(RESOURCE);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      Map<String, Sensor> sensors = new HashMap<>();
      lines.lines().skip(1).forEach(line -> add(line, sensors));
      return Map.copyOf(sensors);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read resource " + RESOURCE, e);
    }
  }

  /** A line is {@code make,model,width_mm,height_mm}; no field holds a comma. */
  private static void add(String line, Map<String, Sensor> sensors) {
    String[] fields = line.split(",", -1);
    double width = Double.parseDouble(fields[2]);
    double aspect = width / Double.parseDouble(fields[3]);
    sensors.put(key(fields[1]), new Sensor(key(fields[0]), width, aspect));
  }
}
