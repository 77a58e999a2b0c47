package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.View;
import dev.tessera.jobs.tables.CameraRows.MapCamera;
import dev.tessera.jobs.tables.LocalizedRows.LocalizedPhoto;
import dev.tessera.jobs.tables.LocalizedRows.Pose;
import dev.tessera.jobs.tables.LocalizedRows.Precision;
import dev.tessera.jobs.tables.LocalizedRows.Status;
import dev.tessera.localize.Answer;
import dev.tessera.localize.ChunkChoice.AskNone;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.reconstruct.PhotoPose;
import dev.tessera.reconstruct.PhotoPose.Located;
import dev.tessera.reconstruct.PhotoPose.NotLocated;
import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;

/**
 * Puts photos into the world, on an executor.
 *
 * @param world the map's ENU frame; null if nothing is georeferenced
 * @param frames of the map's chunks, by number
 */
record PhotoPlacement(LocalFrame world, Broadcast<Map<Integer, ChunkFrame>> frames)
    implements Serializable {

  static PhotoPlacement of(Run run, PublishedMap map) {
    return new PhotoPlacement(map.world(), run.sc().broadcast(map.frames()));
  }

  /** The name of a reason in tables. */
  static String word(PhotoPose.Reason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  LocalizedPhoto answered(View photo, int chunksAsked, Answer answer) {
    if (answer.pose() instanceof NotLocated none) {
      return without(photo, Status.NOT_LOCATED, word(none.reason()), none.detail(), chunksAsked);
    }
    Located located = (Located) answer.pose();
    ChunkFrame frame = frames.value().get(answer.chunk().value());
    Rigid3 cameraFromWorld = frame.worldFromChunk().moveCamera(located.cameraFromChunk());
    Pose pose =
        pose(
            photo,
            frame,
            located.confidence(),
            located.cameraFromChunk(),
            cameraFromWorld,
            located.intrinsics(),
            PosePrecision.of(frame, cameraFromWorld.center(), located.evidence()));
    boolean certain = located.evidence() == null || located.evidence().certain();
    return with(photo, certain ? Status.LOCATED : Status.UNCERTAIN, chunksAsked, pose);
  }

  LocalizedPhoto inMap(View photo, MapCamera camera) {
    ChunkFrame frame = frames.value().get(camera.chunkId());
    Rigid3 cameraFromWorld = camera.cameraFromWorld();
    Rigid3 cameraFromChunk = frame.worldFromChunk().inverse().moveCamera(cameraFromWorld);
    Pose pose =
        pose(photo, frame, null, cameraFromChunk, cameraFromWorld, camera.intrinsics(), null);
    return with(photo, Status.IN_MAP, 0, pose);
  }

  LocalizedPhoto notAsked(View photo, AskNone choice) {
    return without(photo, Status.NOT_LOCATED, choice.reason().code(), choice.detail(), 0);
  }

  LocalizedPhoto quarantined(Quarantined q) {
    return new LocalizedPhoto(
        q.name(), q.uri(), null, Status.QUARANTINED, q.reason().code(), q.detail(), 0, null);
  }

  private Pose pose(
      View photo,
      ChunkFrame frame,
      Double confidence,
      Rigid3 cameraFromChunk,
      Rigid3 cameraFromWorld,
      Intrinsics intrinsics,
      Precision precision) {
    boolean onEarth = frame.georeferenced();
    Vec3 center = cameraFromWorld.center();
    return new Pose(
        frame.chunk().value(),
        frame.componentId(),
        onEarth,
        confidence,
        cameraFromChunk,
        cameraFromWorld,
        intrinsics,
        onEarth ? world.toGeo(center) : null,
        onEarth && photo.hasPosition() ? metersFromGps(photo, center) : null,
        precision);
  }

  private double metersFromGps(View photo, Vec3 center) {
    Vec3 gps = world.toEnu(photo.position().point());
    return Math.hypot(gps.x() - center.x(), gps.y() - center.y());
  }

  private static LocalizedPhoto with(View photo, Status status, int chunksAsked, Pose pose) {
    return new LocalizedPhoto(
        photo.name(), photo.uri(), photo.id().value(), status, null, null, chunksAsked, pose);
  }

  private static LocalizedPhoto without(
      View photo, Status status, String reason, String detail, int chunksAsked) {
    return new LocalizedPhoto(
        photo.name(), photo.uri(), photo.id().value(), status, reason, detail, chunksAsked, null);
  }
}
