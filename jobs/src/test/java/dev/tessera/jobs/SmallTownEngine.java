package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.SceneMemory.Tensor;
import dev.tessera.reconstruct.SharedCalibration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * An engine as neural ones are: it has room for so many views, remembers which views it saw, and
 * measures no residuals. What it makes of a chunk is what {@code sfm} makes of it.
 *
 * @param trouble what happens to chunks with more views than there is room for
 */
record SmallTownEngine(EngineSpec sfm, int room, Trouble trouble) implements EngineSpec {
  /** The tensor that names the views. */
  static final String SEEN = "seen";

  /** The second tensor, of many bytes that do not shrink. */
  static final String WEIGHTS = "weights";

  private static final int WEIGHT_COUNT = 1 << 18;

  /** Numbers of views of all chunks that were tried in this JVM. */
  private static final Queue<Integer> TRIED = new ConcurrentLinkedQueue<>();

  /** What may happen. */
  enum Trouble {
    SAYS_OUT_OF_MEMORY,
    THROWS_OUT_OF_MEMORY,
    THROWS,
    THROWS_AT_ANOTHER_LENS,
    PHOTOS_CANNOT_BE_FETCHED,
    CANNOT_BE_OPENED
  }

  /** Numbers of views of the chunks that were tried since this was asked last, largest first. */
  static List<Integer> tried() {
    List<Integer> views = TRIED.stream().sorted((a, b) -> b - a).toList();
    TRIED.clear();
    return views;
  }

  @Override
  public String engineName() {
    return "small-town";
  }

  @Override
  public String fingerprint() {
    return "small-town " + sfm.fingerprint();
  }

  @Override
  public List<SharedCalibration.Estimate> lenses(ChunkViews chunk, ChunkScene scene) {
    return sfm.lenses(chunk, scene);
  }

  @Override
  public ReconstructionEngine open(int threads) {
    if (trouble == Trouble.CANNOT_BE_OPENED) {
      throw new IllegalArgumentException("Cannot read weights town.safetensors: no such file");
    }
    return new Opened(sfm.open(threads), this);
  }

  private record Opened(ReconstructionEngine sfm, SmallTownEngine spec)
      implements ReconstructionEngine {
    @Override
    public ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress)
        throws IOException {
      int views = chunk.views().size();
      TRIED.add(views);
      if (views > spec.room() && spec.trouble() != Trouble.THROWS_AT_ANOTHER_LENS) {
        return trouble(chunk, views);
      }
      ChunkOutcome outcome = sfm.reconstruct(chunk, photos, progress);
      return outcome instanceof ChunkOutcome.Reconstructed whole
          ? new ChunkOutcome.Reconstructed(unmeasured(whole.scene()).with(memory(chunk)))
          : outcome;
    }

    private ChunkOutcome trouble(ChunkViews chunk, int views) {
      switch (spec.trouble()) {
        case THROWS -> throw confused(chunk);
        case THROWS_OUT_OF_MEMORY ->
            throw new IllegalStateException("in a pool", new OutOfMemoryError("no room"));
        case PHOTOS_CANNOT_BE_FETCHED ->
            throw new UncheckedIOException(new IOException("the photos are away"));
        default -> {
          return new ChunkOutcome.Failed(
              chunk.chunk(), ChunkOutcome.Reason.OUT_OF_MEMORY, views + " views: no room");
        }
      }
    }

    private static IllegalStateException confused(ChunkViews chunk) {
      return new IllegalStateException(chunk.views().size() + " views confuse me");
    }

    @Override
    public ChunkScene recalibrated(ChunkViews chunk, ChunkScene scene, SharedCalibration shared) {
      if (chunk.views().size() > spec.room() && spec.trouble() == Trouble.THROWS_AT_ANOTHER_LENS) {
        throw confused(chunk);
      }
      return unmeasured(sfm.recalibrated(chunk, scene, shared));
    }

    @Override
    public int maxViews(long memoryBytes, long pixelsPerView) {
      return sfm.maxViews(memoryBytes, pixelsPerView); // too hopeful
    }

    @Override
    public void close() {
      sfm.close();
    }
  }

  private static ChunkScene unmeasured(ChunkScene scene) {
    List<SceneCamera> cameras =
        scene.cameras().stream()
            .map(
                c ->
                    new SceneCamera(
                        c.view(),
                        c.cameraFromChunk(),
                        c.intrinsics(),
                        c.observations(),
                        Double.NaN))
            .toList();
    return new ChunkScene(
        scene.chunk(),
        cameras,
        scene.points(),
        scene.unregistered(),
        ResidualHistogram.empty(),
        scene.memory());
  }

  private static SceneMemory memory(ChunkViews chunk) {
    int views = chunk.views().size();
    ByteBuffer seen = ByteBuffer.allocate(8 * views).order(ByteOrder.LITTLE_ENDIAN);
    for (View view : chunk.views()) {
      seen.putLong(view.id().value());
    }
    byte[] weights = new byte[4 * WEIGHT_COUNT];
    new Random(seen.getLong(0)).nextBytes(weights);
    return new SceneMemory(
        SceneMemory.FAST_WEIGHTS,
        List.of(
            new Tensor(SEEN, "I64", List.of(views), seen.array()),
            new Tensor(WEIGHTS, "F32", List.of(4, WEIGHT_COUNT / 4), weights)));
  }
}
