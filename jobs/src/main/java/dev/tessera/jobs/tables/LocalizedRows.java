package dev.tessera.jobs.tables;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The {@code localized} table, format.md: the only place that knows its columns. */
public final class LocalizedRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("name", StringType, false)
          .add("image_id", LongType, true)
          .add("status", StringType, false)
          .add("reason", StringType, true)
          .add("detail", StringType, true)
          .add("chunks_asked", IntegerType, false)
          .add("chunk_id", IntegerType, true)
          .add("component_id", IntegerType, true)
          .add("georeferenced", BooleanType, true)
          .add("confidence", DoubleType, true)
          .add("chunk_qw", DoubleType, true)
          .add("chunk_qx", DoubleType, true)
          .add("chunk_qy", DoubleType, true)
          .add("chunk_qz", DoubleType, true)
          .add("chunk_tx", DoubleType, true)
          .add("chunk_ty", DoubleType, true)
          .add("chunk_tz", DoubleType, true)
          .add("x", DoubleType, true)
          .add("y", DoubleType, true)
          .add("z", DoubleType, true)
          .add("qw", DoubleType, true)
          .add("qx", DoubleType, true)
          .add("qy", DoubleType, true)
          .add("qz", DoubleType, true)
          .add("lon", DoubleType, true)
          .add("lat", DoubleType, true)
          .add("height_m", DoubleType, true)
          .add("width", IntegerType, true)
          .add("height", IntegerType, true)
          .add("focal_px", DoubleType, true)
          .add("cx", DoubleType, true)
          .add("cy", DoubleType, true)
          .add("k1", DoubleType, true)
          .add("k2", DoubleType, true)
          .add("gps_distance_m", DoubleType, true)
          .add("inliers", IntegerType, true)
          .add("position_sigma_m", DoubleType, true)
          .add("rotation_sigma_deg", DoubleType, true)
          .add("covariance", DataTypes.createArrayType(DoubleType, false), true)
          .add("uri", StringType, false);

  private static final int COLUMNS_OF_POSE = 33;

  private LocalizedRows() {}

  /** What became of a photo. */
  public enum Status {
    /** A chunk's memory knows where it was taken. */
    LOCATED,
    /**
     * A chunk's memory has a pose, but little speaks for it: it may be of a place that looks alike.
     */
    UNCERTAIN,
    /** The map has it: it was not asked about. */
    IN_MAP,
    /** No chunk knows, or none was asked. */
    NOT_LOCATED,
    /** The file is no photo, or the same as another one. */
    QUARANTINED;

    /** The name used in tables. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Where a photo was taken.
   *
   * @param confidence in [0, 1]; null for a photo of the map
   * @param cameraFromChunk its translation is in chunk units
   * @param cameraFromWorld pose in the world, or in the component's own frame
   * @param geo position on WGS84; null where not georeferenced
   * @param gpsDistanceMeters horizontal, from the photo's own position; null where there is none
   * @param precision how well it is known; null for engines that do not measure it
   */
  public record Pose(
      int chunkId,
      int componentId,
      boolean georeferenced,
      Double confidence,
      Rigid3 cameraFromChunk,
      Rigid3 cameraFromWorld,
      Intrinsics intrinsics,
      GeoPoint geo,
      Double gpsDistanceMeters,
      Precision precision)
      implements Serializable {}

  /**
   * How well a pose is known. Lengths are metres where the pose is georeferenced, else units of the
   * component.
   *
   * @param inliers landmarks that agree with it
   * @param positionSigma one standard deviation per axis of the camera's place in the world: in its
   *     chunk, and of the chunk
   * @param rotationSigmaDegrees the same of its rotation
   * @param covariance (6, 6) row-major, in its chunk: a small rotation about the camera's axes,
   *     radians, then the centre along the axes of the world
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Precision(
      int inliers, double positionSigma, double rotationSigmaDegrees, double[] covariance)
      implements Serializable {}

  /**
   * A photo and what became of it.
   *
   * @param imageId null for a file that is no photo
   * @param reason why there is no pose, a word; null if there is one
   * @param chunksAsked how many chunks were asked about it
   * @param pose null if there is none
   */
  public record LocalizedPhoto(
      String name,
      String uri,
      Long imageId,
      Status status,
      String reason,
      String detail,
      int chunksAsked,
      Pose pose)
      implements Serializable {}

  public static Row toRow(LocalizedPhoto photo) {
    List<Object> row = new ArrayList<>();
    row.add(photo.name());
    row.add(photo.imageId());
    row.add(photo.status().word());
    row.add(photo.reason());
    row.add(photo.detail());
    row.add(photo.chunksAsked());
    row.addAll(
        photo.pose() == null ? Collections.nCopies(COLUMNS_OF_POSE, null) : columns(photo.pose()));
    row.add(photo.uri());
    return RowFactory.create(row.toArray());
  }

  private static List<Object> columns(Pose pose) {
    Quaternion inChunk = pose.cameraFromChunk().rotation();
    Vec3 t = pose.cameraFromChunk().translation();
    Vec3 x = pose.cameraFromWorld().center();
    Quaternion q = pose.cameraFromWorld().rotation();
    Intrinsics k = pose.intrinsics();
    GeoPoint geo = pose.geo();
    Precision p = pose.precision();
    return Arrays.asList(
        pose.chunkId(),
        pose.componentId(),
        pose.georeferenced(),
        pose.confidence(),
        inChunk.w(),
        inChunk.x(),
        inChunk.y(),
        inChunk.z(),
        t.x(),
        t.y(),
        t.z(),
        x.x(),
        x.y(),
        x.z(),
        q.w(),
        q.x(),
        q.y(),
        q.z(),
        geo == null ? null : geo.longitudeDegrees(),
        geo == null ? null : geo.latitudeDegrees(),
        geo == null ? null : geo.heightMeters(),
        k.width(),
        k.height(),
        k.focalPixels(),
        k.cx(),
        k.cy(),
        k.k1(),
        k.k2(),
        pose.gpsDistanceMeters(),
        p == null ? null : p.inliers(),
        p == null ? null : p.positionSigma(),
        p == null ? null : p.rotationSigmaDegrees(),
        p == null ? null : p.covariance());
  }
}
