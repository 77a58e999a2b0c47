package dev.tessera.reconstruct;

import dev.tessera.backbone.PinholeCamera;
import dev.tessera.backbone.VggtScene;
import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.imagery.InputGeometry;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene.Unregistered;
import java.util.ArrayList;
import java.util.List;

/** Makes a chunk's scene of what a network says of its photos, some views at a time. */
final class SceneAssembly {
  /** Why a view has no camera. */
  static final String WITHOUT_CAMERA = "the network gave no finite pose and field of view";

  private final NetworkPhotos photos;
  private final VggtScene said;
  private final DensePoints points;
  private final List<SceneCamera> cameras = new ArrayList<>();
  private final List<Unregistered> unregistered;

  SceneAssembly(NetworkPhotos photos, VggtScene said, VggtSpec.PointSelection selection) {
    this.photos = photos;
    this.said = said;
    this.points = new DensePoints(selection);
    this.unregistered = new ArrayList<>(photos.unreadable());
  }

  /** Adds the views {@code from} to {@code to - 1}, which come after those added before. */
  void add(int from, int to) {
    VggtScene.DenseMaps maps = said.depth(from, to);
    float[] depths = maps.values().floats();
    float[] confidences = maps.confidence().floats();
    for (int view = from; view < to; view++) {
      PinholeCamera camera = camera(said, view);
      if (camera == null) {
        unregistered.add(
            new Unregistered(
                photos.view(view).id(), Unregistered.Reason.POSE_NOT_FOUND, WITHOUT_CAMERA));
        continue;
      }
      int first = (view - from) * photos.height() * photos.width();
      int seen = points.add(cameras.size(), camera, photos.photo(view), depths, confidences, first);
      cameras.add(
          new SceneCamera(
              photos.view(view).id(),
              camera.cameraFromWorld(),
              intrinsics(camera, photos.photo(view).geometry()),
              seen,
              Double.NaN));
    }
  }

  /** How many of the views added so far have a camera. */
  int cameras() {
    return cameras.size();
  }

  ChunkScene scene(ChunkId chunk, SceneMemory memory) {
    return new ChunkScene(
        chunk, cameras, points.build(), unregistered, ResidualHistogram.empty(), memory);
  }

  /** The camera of a view, or null where the network gave none that can be. */
  static PinholeCamera camera(VggtScene said, int view) {
    try {
      PinholeCamera camera = said.camera(view);
      return camera.isUsable() ? camera : null;
    } catch (DegenerateGeometryException e) {
      return null;
    }
  }

  static Intrinsics intrinsics(PinholeCamera camera, InputGeometry geometry) {
    return geometry.atOriginalSize(camera.fx(), camera.fy(), camera.cx(), camera.cy());
  }
}
