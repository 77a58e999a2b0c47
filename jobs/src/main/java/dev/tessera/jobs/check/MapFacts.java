package dev.tessera.jobs.check;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.jobs.MapManifest;
import dev.tessera.map.Morton;
import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.sql.Row;

/**
 * What rows are compared with, of a map's manifest.
 *
 * @param tileLevels s of docs/format.md, section 2
 * @param world null if nothing is georeferenced
 */
record MapFacts(Morton morton, int tileLevels, LocalFrame world) implements Serializable {
  /** A tenth of a millimetre on the ground; the conversion to WGS84 is exact to far less. */
  private static final double LON_LAT_ERROR_DEGREES = 1e-9;

  private static final double HEIGHT_ERROR_METERS = 1e-4;

  /** Of a manifest; empty if it is none of a version that is known, or lacks them. */
  static Optional<MapFacts> of(MapManifest manifest) {
    boolean known = manifest.schemaVersion() != null && manifest.schemaVersion().startsWith("1.");
    if (!known
        || manifest.files() == null
        || manifest.counts() == null
        || manifest.facts() == null
        || !(manifest.facts().get("morton_cell_m") instanceof Number cell)
        || !(manifest.facts().get("tile_levels") instanceof Number levels)) {
      return Optional.empty();
    }
    return Optional.of(
        new MapFacts(new Morton(cell.doubleValue()), levels.intValue(), manifest.world()));
  }

  /**
   * The Morton key of the position whose first column is given.
   *
   * @throws IllegalArgumentException if it is farther away than keys reach
   */
  long keyOf(Row row, int x) {
    return morton.encode(MapRules.vector(row, x));
  }

  /** Whether a camera that is georeferenced is where it says, and another one says nothing. */
  boolean isOnEarth(Row camera) {
    Double lon = camera.getAs("lon");
    Double lat = camera.getAs("lat");
    Double height = camera.getAs("height_m");
    if (!camera.<Boolean>getAs("georeferenced")) {
      return lon == null && lat == null && height == null;
    }
    if (lon == null || lat == null || height == null || world == null) {
      return false;
    }
    GeoPoint geo = world.toGeo(MapRules.vector(camera, camera.fieldIndex("x")));
    return Math.abs(geo.longitudeDegrees() - lon) <= LON_LAT_ERROR_DEGREES
        && Math.abs(geo.latitudeDegrees() - lat) <= LON_LAT_ERROR_DEGREES
        && Math.abs(geo.heightMeters() - height) <= HEIGHT_ERROR_METERS;
  }
}
