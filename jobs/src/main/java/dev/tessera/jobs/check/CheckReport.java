package dev.tessera.jobs.check;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a check of a map found.
 *
 * @param key of the map; null if it has no manifest
 * @param rows looked at, by table
 * @param violations none for a map that keeps all rules
 */
public record CheckReport(
    String map, String key, Map<String, Long> rows, List<Violation> violations) {
  public boolean valid() {
    return violations.isEmpty();
  }

  /** The fields of its JSON object. */
  public Map<String, Object> toFields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("map", map);
    fields.put("key", key);
    fields.put("valid", valid());
    fields.put("rows", rows);
    fields.put("violations", violations);
    return fields;
  }
}
