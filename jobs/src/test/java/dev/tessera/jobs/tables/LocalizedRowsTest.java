package dev.tessera.jobs.tables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.tables.LocalizedRows.LocalizedPhoto;
import dev.tessera.jobs.tables.LocalizedRows.Pose;
import dev.tessera.jobs.tables.LocalizedRows.Status;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class LocalizedRowsTest {
  private static final Rigid3 CAMERA_FROM_CHUNK =
      new Rigid3(new Quaternion(0.5, 0.5, 0.5, 0.5), new Vec3(1, 2, 3));
  private static final Rigid3 CAMERA_FROM_WORLD =
      new Rigid3(Quaternion.IDENTITY, new Vec3(-10, -20, -30));
  private static final Intrinsics LENS = new Intrinsics(640, 480, 500, 321, 241, 0.1, 0.2);

  @Test
  void aPoseIsInTheColumnsOfItsFrames() {
    GeoPoint geo = new GeoPoint(48, 11, 520);
    Pose pose =
        new Pose(7, 2, true, 0.75, CAMERA_FROM_CHUNK, CAMERA_FROM_WORLD, LENS, geo, 1.5, null);

    assertThat(columns(photo(Status.LOCATED, null, pose)))
        .containsAllEntriesOf(
            Map.of("status", "located", "chunk_id", 7, "component_id", 2, "confidence", 0.75))
        .containsAllEntriesOf(
            Map.of("chunk_qw", 0.5, "chunk_qz", 0.5, "chunk_tx", 1.0, "chunk_tz", 3.0))
        .containsAllEntriesOf(
            Map.of("x", 10.0, "y", 20.0, "z", 30.0, "qw", 1.0, "qz", 0.0, "georeferenced", true))
        .containsAllEntriesOf(
            Map.of("lon", 11.0, "lat", 48.0, "height_m", 520.0, "gps_distance_m", 1.5))
        .containsAllEntriesOf(
            Map.of("width", 640, "height", 480, "focal_px", 500.0, "cx", 321.0, "k2", 0.2));
  }

  @Test
  void offTheEarthThereIsNoLongitude() {
    Pose pose =
        new Pose(7, 2, false, null, CAMERA_FROM_CHUNK, CAMERA_FROM_WORLD, LENS, null, null, null);

    assertThat(columns(photo(Status.IN_MAP, null, pose)))
        .containsEntry("x", 10.0)
        .doesNotContainKeys("lon", "lat", "height_m", "gps_distance_m", "confidence");
  }

  @Test
  void withoutAPoseThereIsAReasonAndNothingElse() {
    assertThat(columns(photo(Status.NOT_LOCATED, "pose_not_found", null)))
        .containsOnlyKeys("name", "image_id", "status", "reason", "detail", "chunks_asked", "uri");
  }

  private static LocalizedPhoto photo(Status status, String reason, Pose pose) {
    return new LocalizedPhoto("a.jpg", "file:/a.jpg", 5L, status, reason, "so", 3, pose);
  }

  /** The columns that are not null. */
  private static Map<String, Object> columns(LocalizedPhoto photo) {
    Row row = LocalizedRows.toRow(photo);
    assertThat(row.length()).isEqualTo(LocalizedRows.SCHEMA.length());
    return IntStream.range(0, row.length())
        .boxed()
        .filter(i -> !row.isNullAt(i))
        .collect(Collectors.toMap(i -> LocalizedRows.SCHEMA.apply(i).name(), row::get));
  }
}
