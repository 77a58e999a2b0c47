package dev.tessera.map;

import dev.tessera.geodesy.GeoPoint;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the map says about itself, for {@code _manifest.json}.
 *
 * @param schemaVersion version of the tables' contract
 * @param runId the run that published the map
 * @param createdAt ISO 8601, UTC
 * @param counts rows of each table, and what else is counted (failed photos by reason, ...)
 * @param bounds of the points of georeferenced components, ENU metres
 * @param origin of the ENU frame; null if nothing is georeferenced
 * @param crs how to read x, y, z of the tables
 * @param mortonCellMeters cell of the Morton keys
 * @param tileLevels a tile is the key shifted right by three times this
 * @param settings all settings of the run, by their names
 * @param digests of code and models, by name
 * @param files the files of the map
 */
public record MapManifest(
    String schemaVersion,
    String runId,
    String createdAt,
    Map<String, Long> counts,
    Bounds bounds,
    GeoPoint origin,
    String crs,
    double mortonCellMeters,
    int tileLevels,
    Map<String, String> settings,
    Map<String, String> digests,
    List<MapFile> files)
    implements Serializable {

  public MapManifest {
    counts = new TreeMap<>(counts);
    settings = new TreeMap<>(settings);
    digests = new TreeMap<>(digests);
    files = List.copyOf(files);
  }

  /**
   * A file of the map.
   *
   * @param path below the map's folder
   * @param sha256 64 lower-case hex digits
   */
  public record MapFile(String table, String path, long bytes, long rows, String sha256)
      implements Serializable {}
}
