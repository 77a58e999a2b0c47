package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The map's {@code cameras} table, format.md: the only place that knows its columns. */
public final class CameraRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("image_id", LongType, false)
          .add("name", StringType, false)
          .add("uri", StringType, false)
          .add("chunk_id", IntegerType, false)
          .add("component_id", IntegerType, false)
          .add("georeferenced", BooleanType, false)
          .add("x", DoubleType, false)
          .add("y", DoubleType, false)
          .add("z", DoubleType, false)
          .add("qw", DoubleType, false)
          .add("qx", DoubleType, false)
          .add("qy", DoubleType, false)
          .add("qz", DoubleType, false)
          .add("tx", DoubleType, false)
          .add("ty", DoubleType, false)
          .add("tz", DoubleType, false)
          .add("world_qw", DoubleType, false)
          .add("world_qx", DoubleType, false)
          .add("world_qy", DoubleType, false)
          .add("world_qz", DoubleType, false)
          .add("width", IntegerType, false)
          .add("height", IntegerType, false)
          .add("focal_px", DoubleType, false)
          .add("cx", DoubleType, false)
          .add("cy", DoubleType, false)
          .add("k1", DoubleType, false)
          .add("k2", DoubleType, false)
          .add("observations", IntegerType, false)
          .add("reprojection_rms_px", DoubleType, true)
          .add("position_sigma_m", DoubleType, true)
          .add("gps_residual_east_m", DoubleType, true)
          .add("gps_residual_north_m", DoubleType, true)
          .add("gps_residual_up_m", DoubleType, true)
          .add("lon", DoubleType, true)
          .add("lat", DoubleType, true)
          .add("height_m", DoubleType, true)
          .add("morton", LongType, false)
          .add("geometry", BinaryType, true);

  private CameraRows() {}

  /**
   * A camera of the map.
   *
   * @param cameraFromWorld pose in the world, or in the component's own frame
   * @param reprojectionRmsPixels NaN if the engine measures none
   * @param gpsResidual GPS position less camera centre, ENU metres; null without GPS
   * @param geo position on WGS84; null where not georeferenced
   * @param wkb the same as WKB point, longitude first; null where not georeferenced
   */
  public record MapCamera(
      long imageId,
      String name,
      String uri,
      int chunkId,
      int componentId,
      boolean georeferenced,
      Rigid3 cameraFromWorld,
      Intrinsics intrinsics,
      int observations,
      double reprojectionRmsPixels,
      Double positionSigmaMeters,
      Vec3 gpsResidual,
      GeoPoint geo,
      long morton,
      byte[] wkb)
      implements Serializable {}

  public static Row toRow(MapCamera c) {
    Vec3 x = c.cameraFromWorld().center();
    Quaternion q = c.cameraFromWorld().rotation();
    Quaternion w = q.inverse();
    Vec3 t = c.cameraFromWorld().translation();
    Intrinsics k = c.intrinsics();
    Vec3 r = c.gpsResidual();
    GeoPoint geo = c.geo();
    return RowFactory.create(
        c.imageId(),
        c.name(),
        c.uri(),
        c.chunkId(),
        c.componentId(),
        c.georeferenced(),
        x.x(),
        x.y(),
        x.z(),
        q.w(),
        q.x(),
        q.y(),
        q.z(),
        t.x(),
        t.y(),
        t.z(),
        w.w(),
        w.x(),
        w.y(),
        w.z(),
        k.width(),
        k.height(),
        k.focalPixels(),
        k.cx(),
        k.cy(),
        k.k1(),
        k.k2(),
        c.observations(),
        Double.isNaN(c.reprojectionRmsPixels()) ? null : c.reprojectionRmsPixels(),
        c.positionSigmaMeters(),
        r == null ? null : r.x(),
        r == null ? null : r.y(),
        r == null ? null : r.z(),
        geo == null ? null : geo.longitudeDegrees(),
        geo == null ? null : geo.latitudeDegrees(),
        geo == null ? null : geo.heightMeters(),
        c.morton(),
        c.wkb());
  }

  public static MapCamera fromRow(Row row) {
    boolean onEarth = row.getBoolean(5);
    Quaternion rotation =
        new Quaternion(row.getDouble(9), row.getDouble(10), row.getDouble(11), row.getDouble(12));
    Vec3 translation = new Vec3(row.getDouble(13), row.getDouble(14), row.getDouble(15));
    return new MapCamera(
        row.getLong(0),
        row.getString(1),
        row.getString(2),
        row.getInt(3),
        row.getInt(4),
        onEarth,
        new Rigid3(rotation, translation),
        new Intrinsics(
            row.getInt(20),
            row.getInt(21),
            row.getDouble(22),
            row.getDouble(23),
            row.getDouble(24),
            row.getDouble(25),
            row.getDouble(26)),
        row.getInt(27),
        row.isNullAt(28) ? Double.NaN : row.getDouble(28),
        onEarth ? row.getDouble(29) : null,
        row.isNullAt(30) ? null : new Vec3(row.getDouble(30), row.getDouble(31), row.getDouble(32)),
        onEarth ? new GeoPoint(row.getDouble(34), row.getDouble(33), row.getDouble(35)) : null,
        row.getLong(36),
        row.isNullAt(37) ? null : (byte[]) row.get(37));
  }
}
