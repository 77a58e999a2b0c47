package dev.tessera.reconstruct;

import dev.tessera.backbone.LayerMemories;
import dev.tessera.backbone.PinholeCamera;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtScene;
import dev.tessera.imagery.PixelBox;
import dev.tessera.imagery.View;
import dev.tessera.sfm.WorkerPool;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.HostTensor;
import dev.tessera.tensor.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Runs {@link Vggt} on chunks. The chunk's frame is that of its first readable view, its scale the
 * network's. Calls wait for one another: the network fills the device.
 *
 * <p>Sums of floats depend on the number of threads in their last digits, and so do scenes.
 */
final class VggtEngine implements ReconstructionEngine {
  private static final int LEAST_VIEWS = 2;

  private final Vggt network;
  private final VggtSpec spec;
  private final int threads;
  private final WorkerPool decoders;
  private SceneMemory rememberedAs;
  private LayerMemories remembered;

  /**
   * @param network is closed with the engine
   */
  VggtEngine(Vggt network, VggtSpec spec, int threads) {
    this.network = network;
    this.spec = spec;
    this.threads = threads;
    this.decoders = new WorkerPool(threads);
  }

  @Override
  public synchronized ChunkOutcome reconstruct(
      ChunkViews chunk, PhotoSource source, Progress progress) throws IOException {
    if (chunk.views().size() < LEAST_VIEWS) {
      return failed(
          chunk,
          ChunkOutcome.Reason.TOO_FEW_VIEWS,
          "%d views, need %d".formatted(chunk.views().size(), LEAST_VIEWS));
    }
    forget();
    try {
      NetworkPhotos photos =
          NetworkPhotos.of(chunk.views(), spec.input(), source, decoders, progress);
      if (photos.count() < LEAST_VIEWS) {
        return failed(
            chunk,
            ChunkOutcome.Reason.UNREADABLE_PHOTOS,
            "%d of %d photos can be read".formatted(photos.count(), chunk.views().size()));
      }
      return outcome(chunk, photos, progress);
    } catch (RuntimeException | OutOfMemoryError e) {
      Optional<String> shortage = Torch.memoryShortage(e);
      if (shortage.isEmpty()) {
        throw e;
      }
      network.releaseCachedMemory();
      return failed(
          chunk,
          ChunkOutcome.Reason.OUT_OF_MEMORY,
          "%d views: %s".formatted(chunk.views().size(), shortage.get()));
    }
  }

  private static ChunkOutcome failed(ChunkViews chunk, ChunkOutcome.Reason reason, String detail) {
    return new ChunkOutcome.Failed(chunk.chunk(), reason, detail);
  }

  private ChunkOutcome outcome(ChunkViews chunk, NetworkPhotos photos, Progress progress)
      throws IOException {
    boolean remember = network.config().isQueryable();
    Vggt.LayerProgress layers = (done, total) -> progress.at("layers", done, total);
    try (VggtScene said = network.reconstruct(photos, spec.options(), remember, layers)) {
      SceneAssembly assembly = new SceneAssembly(photos, said, spec.points());
      int together = VggtScene.viewsPerDenseGroup(photos.height(), photos.width());
      for (int from = 0; from < photos.count(); from += together) {
        int to = Math.min(photos.count(), from + together);
        assembly.add(from, to);
        progress.at("depth", to, photos.count());
      }
      if (assembly.cameras() < LEAST_VIEWS) {
        return failed(
            chunk,
            ChunkOutcome.Reason.DEGENERATE_GEOMETRY,
            "%d of %d views have a pose".formatted(assembly.cameras(), photos.count()));
      }
      return new ChunkOutcome.Reconstructed(
          assembly.scene(chunk.chunk(), remember ? memory(said) : SceneMemory.NONE));
    }
  }

  private static SceneMemory memory(VggtScene said) {
    List<SceneMemory.Tensor> tensors = new ArrayList<>();
    said.memory()
        .forEach(
            (name, tensor) -> {
              byte[] bytes = new byte[tensor.bytes().remaining()];
              tensor.bytes().get(bytes);
              tensors.add(
                  new SceneMemory.Tensor(name, tensor.dtype().name(), tensor.shape(), bytes));
            });
    return new SceneMemory(SceneMemory.FAST_WEIGHTS, tensors);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if a network of other sizes wrote the memory
   */
  @Override
  public synchronized PhotoPose locate(SceneMemory memory, View photo, PhotoSource source)
      throws IOException {
    if (!network.config().isQueryable() || !SceneMemory.FAST_WEIGHTS.equals(memory.kind())) {
      return new PhotoPose.NotLocated(PhotoPose.Reason.NO_MEMORY, noMemory(memory));
    }
    NetworkPhotos photos =
        NetworkPhotos.of(List.of(photo), spec.input(), source, decoders, Progress.NONE);
    if (photos.count() == 0) {
      return new PhotoPose.NotLocated(
          PhotoPose.Reason.UNREADABLE_PHOTO, photos.unreadable().get(0).detail());
    }
    try (VggtScene answer = network.locate(remembered(memory), photos, spec.options())) {
      PinholeCamera camera = SceneAssembly.camera(answer, 0);
      if (camera == null) {
        return new PhotoPose.NotLocated(
            PhotoPose.Reason.POSE_NOT_FOUND, SceneAssembly.WITHOUT_CAMERA);
      }
      return new PhotoPose.Located(
          camera.cameraFromWorld(),
          SceneAssembly.intrinsics(camera, photos.photo(0).geometry()),
          meanTrust(answer, photos.photo(0).geometry().valid(), photos.width()),
          null);
    } catch (RuntimeException | OutOfMemoryError e) {
      network.releaseCachedMemory();
      throw e;
    }
  }

  private String noMemory(SceneMemory memory) {
    if (!network.config().isQueryable()) {
      return "engine %s keeps no memory of its scenes".formatted(spec.engineName());
    }
    return memory.isEmpty()
        ? "the scene has no memory"
        : "the scene has a memory of %s, not of %s"
            .formatted(memory.kind(), SceneMemory.FAST_WEIGHTS);
  }

  /** Mean over the photo's pixels of {@link DensePoints#trust}; what is no number counts as 0. */
  private static double meanTrust(VggtScene answer, PixelBox valid, int width) {
    float[] confidences = answer.depth(0, 1).confidence().floats();
    double sum = 0;
    for (int row = valid.top(); row < valid.top() + valid.height(); row++) {
      for (int column = valid.left(); column < valid.left() + valid.width(); column++) {
        float trust = DensePoints.trust(confidences[row * width + column]);
        sum += Float.isNaN(trust) ? 0 : trust;
      }
    }
    return sum / ((double) valid.width() * valid.height());
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
    long bytes = network.freeDeviceBytes().orElse(memoryBytes);
    return new VggtMemory(network.config(), spec, threads).maxViews(bytes, pixelsPerView);
  }

  @Override
  public synchronized void close() {
    decoders.close();
    forget();
    network.close();
  }
}
