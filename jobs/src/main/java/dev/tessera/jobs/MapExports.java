package dev.tessera.jobs;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.jobs.tables.CameraRows.MapCamera;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.map.MapPoint;
import dev.tessera.map.Morton;
import dev.tessera.map.VoxelFusion;
import dev.tessera.map.VoxelRun;
import dev.tessera.map.Wkb;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.PhotoOwnership;
import dev.tessera.merge.PhotoOwnership.Claim;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.ScenePoints;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * What each chunk gives to the map: the cameras of the photos that the map takes from it, and the
 * points those photos see. Shuffles one claim per registered view; scenes are read where they are
 * used and never moved. Where only cameras are read, a task takes many chunks: with one each, the
 * blocks of a shuffle would be as many as the square of the chunks.
 */
final class MapExports {
  private final ChunkStore store;
  private final LocalFrame world;
  private final Morton morton;
  private final Broadcast<Map<Integer, Placement>> placements;
  private final Broadcast<Map<Integer, VoxelFusion>> fusions;
  private final JavaPairRDD<Long, Claim> winners;
  private final JavaPairRDD<Integer, Iterable<View>> exports;
  private final int tasks;

  private MapExports(
      Run run,
      MapSolution solution,
      Broadcast<Map<Integer, Placement>> placements,
      JavaPairRDD<Long, Claim> winners)
      throws IOException {
    this.store = run.store();
    this.world = solution.world();
    this.morton = solution.morton();
    this.placements = placements;
    this.fusions = run.sc().broadcast(solution.fusions());
    this.winners = winners;
    this.tasks = run.tasksFor(solution.outcomes().size());
    this.exports =
        winners
            .join(
                ChunkTables.views(run)
                    .mapToPair(v -> new Tuple2<>(v.view().id().value(), v.view())))
            .mapToPair(won -> new Tuple2<>(won._2()._1().chunk().value(), won._2()._2()))
            .groupByKey(new ChunkPartitioner(solution.outcomes().size()))
            .persist(StorageLevel.MEMORY_AND_DISK());
  }

  static MapExports of(Run run, MapSolution solution) throws IOException {
    Broadcast<Map<Integer, Placement>> placements = run.sc().broadcast(solution.placements());
    return new MapExports(
        run,
        solution,
        placements,
        winners(run, placements).persist(StorageLevel.MEMORY_AND_DISK()));
  }

  /** For every photo that some chunk registered, the chunk that the map takes it from. */
  private static JavaPairRDD<Long, Claim> winners(
      Run run, Broadcast<Map<Integer, Placement>> placements) throws IOException {
    ChunkStore store = run.store();
    JavaPairRDD<Long, Integer> owners =
        ChunkTables.memberships(run)
            .filter(Membership::owned)
            .mapToPair(m -> new Tuple2<>(m.view().value(), m.chunk().value()));
    List<Placement> placed = new ArrayList<>(placements.value().values());
    return run.sc()
        .parallelize(placed, run.tasksFor(placed.size()))
        .flatMapToPair(placement -> claims(placement, store))
        .join(owners)
        .mapValues(claim -> withOwner(claim._1(), claim._2()))
        .reduceByKey(PhotoOwnership::better);
  }

  private static Iterator<Tuple2<Long, Claim>> claims(Placement placement, ChunkStore store)
      throws IOException {
    ChunkFrame frame = placement.frame();
    List<Tuple2<Long, Claim>> claims = new ArrayList<>();
    for (SceneCamera c : store.readCameras(placement.storeKey())) {
      Claim claim =
          new Claim(c.view(), frame.chunk(), frame.georeferenced(), false, c.observations());
      claims.add(new Tuple2<>(c.view().value(), claim));
    }
    return claims.iterator();
  }

  private static Claim withOwner(Claim c, int owner) {
    return new Claim(
        c.view(), c.chunk(), c.georeferenced(), c.chunk().value() == owner, c.observations());
  }

  /** The photos of the map, by id, with the chunk that each is taken from. */
  JavaPairRDD<Long, Claim> winners() {
    return winners;
  }

  JavaRDD<MapCamera> cameras() {
    CameraTask task = new CameraTask(store, world, morton, placements);
    return exports.flatMap(chunk -> task.cameras(chunk._1(), chunk._2())).coalesce(tasks);
  }

  /** What the photos of each chunk see, fused within the chunk. */
  JavaRDD<VoxelRun> runs() {
    PointTask task = new PointTask(store, placements, fusions);
    return exports.flatMap(chunk -> task.runs(chunk._1(), chunk._2()));
  }

  /** Makes the cameras of one chunk, on an executor. */
  private record CameraTask(
      ChunkStore store,
      LocalFrame world,
      Morton morton,
      Broadcast<Map<Integer, Placement>> placements)
      implements Serializable {

    Iterator<MapCamera> cameras(int chunk, Iterable<View> exported) throws IOException {
      Placement placement = placements.value().get(chunk);
      Map<ViewId, SceneCamera> inScene = new HashMap<>();
      store.readCameras(placement.storeKey()).forEach(c -> inScene.put(c.view(), c));
      List<MapCamera> cameras = new ArrayList<>();
      for (View view : exported) {
        cameras.add(camera(view, inScene.get(view.id()), placement.frame()));
      }
      return cameras.iterator();
    }

    private MapCamera camera(View view, SceneCamera camera, ChunkFrame frame) {
      Rigid3 cameraFromWorld = frame.worldFromChunk().moveCamera(camera.cameraFromChunk());
      Vec3 center = cameraFromWorld.center();
      boolean onEarth = frame.georeferenced();
      GeoPoint geo = onEarth ? world.toGeo(center) : null;
      Vec3 residual =
          onEarth && view.hasPosition() ? world.toEnu(view.position().point()).minus(center) : null;
      return new MapCamera(
          view.id().value(),
          view.name(),
          view.uri(),
          frame.chunk().value(),
          frame.componentId(),
          onEarth,
          cameraFromWorld,
          camera.intrinsics(),
          camera.observations(),
          camera.reprojectionRmsPixels(),
          onEarth ? frame.positionSigmaMeters() : null,
          residual,
          geo,
          morton.encode(center),
          geo == null ? null : Wkb.pointZ(geo));
    }
  }

  /** Makes the points of one chunk, on an executor. */
  private record PointTask(
      ChunkStore store,
      Broadcast<Map<Integer, Placement>> placements,
      Broadcast<Map<Integer, VoxelFusion>> fusions)
      implements Serializable {

    /** One run, or none if no exported photo sees a point. */
    Iterator<VoxelRun> runs(int chunk, Iterable<View> exportedViews) throws IOException {
      Placement placement = placements.value().get(chunk);
      ChunkScene scene = store.read(placement.storeKey(), new ChunkId(chunk));
      Set<ViewId> ids = new HashSet<>();
      exportedViews.forEach(view -> ids.add(view.id()));
      boolean[] exported = new boolean[scene.cameras().size()];
      for (int i = 0; i < exported.length; i++) {
        exported[i] = ids.contains(scene.cameras().get(i).view());
      }
      List<MapPoint> points = new ArrayList<>();
      for (int i = 0; i < scene.points().count(); i++) {
        int reference = PhotoOwnership.referenceCamera(scene, i, exported);
        if (reference != PhotoOwnership.NOT_EXPORTED) {
          points.add(point(scene, i, reference, placement.frame()));
        }
      }
      if (points.isEmpty()) {
        return Collections.emptyIterator();
      }
      int component = placement.frame().componentId();
      return List.of(VoxelRun.of(component, fusions.value().get(component), points)).iterator();
    }

    private static MapPoint point(ChunkScene scene, int i, int reference, ChunkFrame frame) {
      ScenePoints points = scene.points();
      Sim3 worldFromChunk = frame.worldFromChunk();
      return new MapPoint(
          worldFromChunk.apply(points.position(i)),
          points.rgb(i),
          points.confidence(i),
          scene.cameras().get(reference).view().value(),
          frame.chunk().value(),
          points.observationsEnd(i) - points.observationsBegin(i),
          1);
    }
  }
}
