package dev.tessera.jobs.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Something that happened in a run, as one line of {@code key=value} in the log. Each key is a
 * field of its own, too, for layouts that write fields.
 */
public final class RunEvent {
  private static final Logger LOG = LoggerFactory.getLogger("dev.tessera.events");

  private final Map<String, Object> fields = new LinkedHashMap<>();

  private RunEvent(String event) {
    fields.put("event", event);
  }

  public static RunEvent of(String event) {
    return new RunEvent(event);
  }

  /** Adds a field; one without a value is left out. */
  public RunEvent with(String key, Object value) {
    if (value != null) {
      fields.put(key, value instanceof Double d ? Math.round(d * 1000) / 1000.0 : value);
    }
    return this;
  }

  public void log() {
    LoggingEventBuilder line = LOG.atInfo();
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      line = line.addKeyValue(field.getKey(), field.getValue().toString());
    }
    line.log(this::toString);
  }

  /** Values with blanks or quotes are quoted. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    fields.forEach(
        (key, value) -> {
          String text = value.toString();
          boolean plain = text.matches("[^\\s\"=]+");
          String quoted = "\"" + text.replaceAll("\\s+", " ").replace("\"", "\\\"") + "\"";
          line.append(line.isEmpty() ? "" : " ").append(key).append('=');
          line.append(plain ? text : quoted);
        });
    return line.toString();
  }
}
