package dev.tessera.map;

import dev.tessera.geodesy.GeoPoint;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The file metadata that makes a Parquet file a GeoParquet 1.1.0 file: the text under the key
 * {@value #METADATA_KEY}, for a binary column {@value #COLUMN} of well-known binary.
 *
 * <p>Cameras are points with ellipsoidal height in OGC:CRS84h, chunks and tiles are polygons in
 * OGC:CRS84. There is no covering column: rows are sorted by Morton key and carry plain coordinate
 * columns, whose statistics prune as well.
 */
public final class GeoParquet {
  public static final String METADATA_KEY = "geo";
  public static final String COLUMN = "geometry";

  private static final String DATUM =
      """
      "datum":{"type":"GeodeticReferenceFrame","name":"World Geodetic System 1984",\
      "ellipsoid":{"name":"WGS 84","semi_major_axis":6378137,\
      "inverse_flattening":298.257223563}}""";

  private static final String LONGITUDE_LATITUDE =
      """
      {"name":"Geodetic longitude","abbreviation":"Lon","direction":"east","unit":"degree"},\
      {"name":"Geodetic latitude","abbreviation":"Lat","direction":"north","unit":"degree"}""";

  private static final String HEIGHT =
      """
      ,{"name":"Ellipsoidal height","abbreviation":"h","direction":"up","unit":"metre"}""";

  /** The two geometries of the map's tables. */
  public enum Geometry {
    POINT_Z("Point Z", "CRS84h", "WGS 84 (CRS84h)", HEIGHT, ""),
    POLYGON("Polygon", "CRS84", "WGS 84 (CRS84)", "", "\"orientation\":\"counterclockwise\",");

    private final String type;
    private final String code;
    private final String crsName;
    private final String heightAxis;
    private final String orientation;

    Geometry(String type, String code, String crsName, String heightAxis, String orientation) {
      this.type = type;
      this.code = code;
      this.crsName = crsName;
      this.heightAxis = heightAxis;
      this.orientation = orientation;
    }
  }

  private GeoParquet() {}

  /**
   * The metadata, one line of JSON.
   *
   * @param bbox what {@link #bbox} gives; left out if empty
   */
  public static String metadata(Geometry geometry, double[] bbox) {
    String box =
        bbox.length == 0
            ? ""
            : ",\"bbox\":["
                + Arrays.stream(bbox).mapToObj(Double::toString).collect(Collectors.joining(","))
                + "]";
    return """
        {"version":"1.1.0","primary_column":"%s","columns":{"%s":{"encoding":"WKB",\
        "geometry_types":["%s"],%s"edges":"planar","crs":%s%s}}}"""
        .formatted(COLUMN, COLUMN, geometry.type, geometry.orientation, projJson(geometry), box);
  }

  /**
   * Smallest box around positions: {min lon, min lat, max lon, max lat}, with heights as third of
   * each for points. Empty for no positions.
   */
  public static double[] bbox(Geometry geometry, List<GeoPoint> points) {
    if (points.isEmpty()) {
      return new double[0];
    }
    double west = points.stream().mapToDouble(GeoPoint::longitudeDegrees).min().getAsDouble();
    double east = points.stream().mapToDouble(GeoPoint::longitudeDegrees).max().getAsDouble();
    double south = points.stream().mapToDouble(GeoPoint::latitudeDegrees).min().getAsDouble();
    double north = points.stream().mapToDouble(GeoPoint::latitudeDegrees).max().getAsDouble();
    if (geometry == Geometry.POLYGON) {
      return new double[] {west, south, east, north};
    }
    double low = points.stream().mapToDouble(GeoPoint::heightMeters).min().getAsDouble();
    double high = points.stream().mapToDouble(GeoPoint::heightMeters).max().getAsDouble();
    return new double[] {west, south, low, east, north, high};
  }

  private static String projJson(Geometry geometry) {
    return """
        {"$schema":"https://proj.org/schemas/v0.7/projjson.schema.json",\
        "type":"GeographicCRS","name":"%s",%s,\
        "coordinate_system":{"subtype":"ellipsoidal","axis":[%s%s]},\
        "id":{"authority":"OGC","code":"%s"}}"""
        .formatted(geometry.crsName, DATUM, LONGITUDE_LATITUDE, geometry.heightAxis, geometry.code);
  }
}
