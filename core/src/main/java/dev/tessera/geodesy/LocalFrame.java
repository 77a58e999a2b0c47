package dev.tessera.geodesy;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import org.locationtech.proj4j.ProjCoordinate;
import org.locationtech.proj4j.datum.Ellipsoid;
import org.locationtech.proj4j.datum.GeocentricConverter;

/**
 * The run's world: local east-north-up (ENU) metres on the tangent plane of the WGS84 ellipsoid at
 * {@code origin}. Exact at any distance (it goes through earth-centred coordinates); "up" tilts
 * against the local vertical by about 1 degree per 111 km.
 */
public record LocalFrame(GeoPoint origin) implements Serializable {
  private static final GeocentricConverter WGS84 = new GeocentricConverter(Ellipsoid.WGS84);

  /** East, north, up of a position, metres. */
  public Vec3 toEnu(GeoPoint point) {
    return enuFromEarth().rotate(earthCentered(point).minus(earthCentered(origin)));
  }

  /** The position of a point given as east, north, up in metres. */
  public GeoPoint toGeo(Vec3 enuMeters) {
    Vec3 earth = enuFromEarth().inverse().rotate(enuMeters).plus(earthCentered(origin));
    ProjCoordinate c = new ProjCoordinate(earth.x(), earth.y(), earth.z());
    WGS84.convertGeocentricToGeodetic(c);
    return new GeoPoint(Math.toDegrees(c.y), Math.toDegrees(c.x), c.z);
  }

  private static Vec3 earthCentered(GeoPoint p) {
    ProjCoordinate c =
        new ProjCoordinate(
            Math.toRadians(p.longitudeDegrees()),
            Math.toRadians(p.latitudeDegrees()),
            p.heightMeters());
    WGS84.convertGeodeticToGeocentric(c);
    return new Vec3(c.x, c.y, c.z);
  }

  private Quaternion enuFromEarth() {
    double lon = Math.toRadians(origin.longitudeDegrees());
    double lat = Math.toRadians(origin.latitudeDegrees());
    double sinLon = Math.sin(lon);
    double cosLon = Math.cos(lon);
    double sinLat = Math.sin(lat);
    double cosLat = Math.cos(lat);
    return Quaternion.ofMatrix(
        new double[] {
          -sinLon,
          cosLon,
          0,
          -sinLat * cosLon,
          -sinLat * sinLon,
          cosLat,
          cosLat * cosLon,
          cosLat * sinLon,
          sinLat
        });
  }
}
