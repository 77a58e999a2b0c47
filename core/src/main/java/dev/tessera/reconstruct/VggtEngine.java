package dev.tessera.reconstruct;

import dev.tessera.backbone.LayerMemories;
import dev.tessera.backbone.PinholeCamera;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtScene;
import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.imagery.InputGeometry;
import dev.tessera.imagery.View;
import dev.tessera.reconstruct.ChunkScene.Unregistered;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.HostTensor;
import dev.tessera.tensor.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs {@link Vggt} on chunks. The chunk's frame is that of its first readable view, its scale the
 * network's. Calls wait for one another: the network fills the device.
 */
final class VggtEngine implements ReconstructionEngine {
  private static final int LEAST_VIEWS = 2;

  private final Vggt network;
  private final VggtSpec spec;
  private SceneMemory rememberedAs;
  private LayerMemories remembered;

  VggtEngine(Vggt network, VggtSpec spec) {
    this.network = network;
    this.spec = spec;
  }

  @Override
  public synchronized ChunkOutcome reconstruct(
      ChunkViews chunk, PhotoSource source, Progress progress) throws IOException {
    if (chunk.views().size() < LEAST_VIEWS) {
      return failed(chunk, ChunkOutcome.Reason.TOO_FEW_VIEWS, chunk.views().size() + " view");
    }
    forget();
    try {
      NetworkPhotos photos = NetworkPhotos.of(chunk.views(), spec.input(), source, progress);
      if (photos.count() < LEAST_VIEWS) {
        return failed(
            chunk,
            ChunkOutcome.Reason.UNREADABLE_PHOTOS,
            "%d of %d photos can be read".formatted(photos.count(), chunk.views().size()));
      }
      boolean remember = network.config().isQueryable();
      try (VggtScene scene =
          network.reconstruct(photos, spec.options(), remember, layers(progress))) {
        return outcome(chunk, photos, scene, progress);
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      if (!Torch.isOutOfMemory(e)) {
        throw e;
      }
      network.releaseCachedMemory();
      return failed(
          chunk,
          ChunkOutcome.Reason.OUT_OF_MEMORY,
          "%d views: %s".formatted(chunk.views().size(), firstLine(e)));
    }
  }

  private Vggt.LayerProgress layers(Progress progress) {
    return (done, total) -> progress.at("layers", done, total);
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
  }

  private static ChunkOutcome failed(ChunkViews chunk, ChunkOutcome.Reason reason, String detail) {
    return new ChunkOutcome.Failed(chunk.chunk(), reason, detail);
  }

  private ChunkOutcome outcome(
      ChunkViews chunk, NetworkPhotos photos, VggtScene scene, Progress progress) {
    List<Unregistered> unregistered = new ArrayList<>(photos.unreadable());
    List<SceneCamera> cameras = new ArrayList<>();
    DensePoints points = new DensePoints(spec.points());
    int together = viewsPerDenseGroup(photos);
    for (int from = 0; from < photos.count(); from += together) {
      int to = Math.min(photos.count(), from + together);
      VggtScene.DenseMaps maps = scene.depth(from, to);
      float[] depths = maps.values().floats();
      float[] confidences = maps.confidence().floats();
      for (int view = from; view < to; view++) {
        PinholeCamera camera = cameraOf(scene, view);
        if (camera == null) {
          unregistered.add(
              new Unregistered(
                  photos.view(view).id(),
                  Unregistered.Reason.POSE_NOT_FOUND,
                  "the network gave no finite pose and field of view"));
          continue;
        }
        int start = (view - from) * photos.height() * photos.width();
        int seen =
            points.add(cameras.size(), camera, photos.photo(view), depths, confidences, start);
        cameras.add(
            new SceneCamera(
                photos.view(view).id(),
                camera.cameraFromWorld(),
                intrinsics(camera, photos.photo(view).geometry()),
                seen,
                Double.NaN));
      }
      progress.at("depth", to, photos.count());
    }
    if (cameras.size() < LEAST_VIEWS) {
      return failed(
          chunk,
          ChunkOutcome.Reason.DEGENERATE_GEOMETRY,
          "%d of %d views have a pose".formatted(cameras.size(), photos.count()));
    }
    return new ChunkOutcome.Reconstructed(
        new ChunkScene(
            chunk.chunk(),
            cameras,
            points.build(),
            unregistered,
            ResidualHistogram.empty(),
            memory(scene)));
  }

  /** Views whose dense maps are computed together: what a group of the trunk's tokens has. */
  private int viewsPerDenseGroup(NetworkPhotos photos) {
    long pixels = (long) photos.height() * photos.width();
    return (int) Math.max(1, Math.min(photos.count(), VggtMemory.DENSE_PIXELS / pixels));
  }

  /** The camera of a view, or null where the network gave none that can be. */
  private static PinholeCamera cameraOf(VggtScene scene, int view) {
    try {
      PinholeCamera camera = scene.camera(view);
      return camera.isUsable() ? camera : null;
    } catch (DegenerateGeometryException e) {
      return null;
    }
  }

  private static Intrinsics intrinsics(PinholeCamera camera, InputGeometry geometry) {
    return geometry.atOriginalSize(camera.fx(), camera.fy(), camera.cx(), camera.cy());
  }

  private SceneMemory memory(VggtScene scene) {
    if (!network.config().isQueryable()) {
      return SceneMemory.NONE;
    }
    List<SceneMemory.Tensor> tensors = new ArrayList<>();
    scene
        .memory()
        .forEach(
            (name, tensor) -> {
              byte[] bytes = new byte[tensor.bytes().remaining()];
              tensor.bytes().get(bytes);
              tensors.add(
                  new SceneMemory.Tensor(name, tensor.dtype().name(), tensor.shape(), bytes));
            });
    return new SceneMemory(SceneMemory.FAST_WEIGHTS, tensors);
  }

  @Override
  public synchronized PhotoPose locate(SceneMemory memory, View photo, PhotoSource source)
      throws IOException {
    if (!network.config().isQueryable() || !SceneMemory.FAST_WEIGHTS.equals(memory.kind())) {
      return new PhotoPose.NotLocated(PhotoPose.Reason.NO_MEMORY, "the scene has no fast weights");
    }
    NetworkPhotos photos = NetworkPhotos.of(List.of(photo), spec.input(), source, Progress.NONE);
    if (photos.count() == 0) {
      return new PhotoPose.NotLocated(
          PhotoPose.Reason.UNREADABLE_PHOTO, photos.unreadable().get(0).detail());
    }
    try (VggtScene answer = network.locate(remembered(memory), photos, spec.options())) {
      PinholeCamera camera = cameraOf(answer, 0);
      if (camera == null) {
        return new PhotoPose.NotLocated(
            PhotoPose.Reason.POSE_NOT_FOUND, "the network gave no finite pose");
      }
      return new PhotoPose.Located(
          camera.cameraFromWorld(),
          intrinsics(camera, photos.photo(0).geometry()),
          meanTrust(answer));
    }
  }

  /** Mean over the pixels of 1 - 1/c, for the network's confidence c of a pixel's depth. */
  private static double meanTrust(VggtScene answer) {
    float[] confidences = answer.depth(0, 1).confidence().floats();
    double sum = 0;
    for (float c : confidences) {
      sum += 1 - 1 / (double) c;
    }
    return sum / confidences.length;
  }

  /** The memory on the device; the last one stays there, as photos of a chunk come together. */
  private LayerMemories remembered(SceneMemory memory) {
    if (!memory.equals(rememberedAs)) {
      forget();
      Map<String, HostTensor> tensors = new TreeMap<>();
      for (SceneMemory.Tensor t : memory.tensors()) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(t.bytes().length).put(t.bytes()).flip();
        tensors.put(t.name(), new HostTensor(DType.valueOf(t.dtype()), t.shape(), bytes));
      }
      remembered = network.remembered(tensors);
      rememberedAs = memory;
    }
    return remembered;
  }

  private void forget() {
    if (remembered != null) {
      remembered.close();
    }
    remembered = null;
    rememberedAs = null;
  }

  @Override
  public int maxViews(long memoryBytes, long pixelsPerView) {
    return new VggtMemory(network.config(), spec).maxViews(memoryBytes, pixelsPerView);
  }

  @Override
  public synchronized void close() {
    forget();
    network.close();
  }
}
