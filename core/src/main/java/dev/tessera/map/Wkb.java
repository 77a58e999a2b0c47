package dev.tessera.map;

import dev.tessera.geodesy.GeoPoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Well-known binary of the geometries a map has, little endian, ISO codes (Z adds 1000; OGC
 * 06-103r4 section 8.2). Axis order longitude, latitude, height, as GeoParquet asks.
 */
public final class Wkb {
  private static final byte LITTLE_ENDIAN = 1;
  private static final int POLYGON = 3;
  private static final int POINT_Z = 1001;

  private Wkb() {}

  /** POINT Z (longitude latitude height): degrees and metres above the ellipsoid. */
  public static byte[] pointZ(GeoPoint point) {
    return start(5 + 3 * 8, POINT_Z)
        .putDouble(point.longitudeDegrees())
        .putDouble(point.latitudeDegrees())
        .putDouble(point.heightMeters())
        .array();
  }

  /**
   * POLYGON of one outer ring, heights left out. The ring is closed here, so the first corner is
   * given once; it should run counterclockwise.
   *
   * @throws IllegalArgumentException for under three corners
   */
  public static byte[] polygon(List<GeoPoint> corners) {
    if (corners.size() < 3) {
      throw new IllegalArgumentException(
          "Cannot write a polygon of " + corners.size() + " corners, need 3");
    }
    ByteBuffer out = start(5 + 8 + (corners.size() + 1) * 2 * 8, POLYGON);
    out.putInt(1).putInt(corners.size() + 1);
    for (int i = 0; i <= corners.size(); i++) {
      GeoPoint corner = corners.get(i % corners.size());
      out.putDouble(corner.longitudeDegrees()).putDouble(corner.latitudeDegrees());
    }
    return out.array();
  }

  /** Whether the bytes are a polygon of one closed ring around something on the globe. */
  public static boolean isPolygon(byte[] wkb) {
    int header = 1 + 3 * Integer.BYTES;
    ByteBuffer in = ByteBuffer.wrap(wkb).order(ByteOrder.LITTLE_ENDIAN);
    if (wkb.length < header || in.get() != LITTLE_ENDIAN || in.getInt() != POLYGON) {
      return false;
    }
    int rings = in.getInt();
    int corners = in.getInt();
    if (rings != 1 || corners < 4 || wkb.length != header + corners * 2L * Double.BYTES) {
      return false;
    }
    double[] ring = new double[2 * corners];
    in.asDoubleBuffer().get(ring);
    boolean closed = ring[0] == ring[ring.length - 2] && ring[1] == ring[ring.length - 1];
    return closed
        && IntStream.range(0, ring.length).allMatch(i -> Math.abs(ring[i]) <= 180 / (1 + i % 2));
  }

  private static ByteBuffer start(int bytes, int type) {
    return ByteBuffer.allocate(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(LITTLE_ENDIAN)
        .putInt(type);
  }
}
