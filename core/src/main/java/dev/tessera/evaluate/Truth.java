package dev.tessera.evaluate;

import dev.tessera.geometry.Rigid3;
import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reference cameras by image name, in one metric frame.
 *
 * @param cameraFromWorld pose of each image, ordered by name
 * @param skippedRows rows that were left out because a number was missing or unreadable
 */
public record Truth(Map<String, Rigid3> cameraFromWorld, int skippedRows) implements Serializable {
  public Truth {
    cameraFromWorld = Collections.unmodifiableMap(new TreeMap<>(cameraFromWorld));
  }
}
