package dev.tessera.reconstruct;

import dev.tessera.imagery.View;
import java.io.IOException;

/**
 * Reconstructs chunks. One instance serves one JVM and may be called by several tasks at once. The
 * result depends on the chunk's views and the engine's settings only, not on other chunks or on the
 * order of calls; nor on threads, but for the last digits where a network sums in parallel.
 */
public interface ReconstructionEngine extends AutoCloseable {
  /**
   * A scene in a gauge of its own, or a counted failure. Photos that cannot be decoded are left out
   * and listed in the scene. A chunk that runs out of memory is halved by the caller and tried
   * again.
   *
   * @throws IOException if a photo cannot be fetched; the caller may try again
   */
  ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress)
      throws IOException;

  /**
   * The scene under the lenses that all chunks of the run agree on. Engines that do not model a
   * lens return the scene as it is.
   *
   * @param chunk the views that the scene was made from
   * @param scene without its memory
   */
  default ChunkScene recalibrated(ChunkViews chunk, ChunkScene scene, SharedCalibration shared) {
    return scene;
  }

  /**
   * What a scene remembers, after {@link #recalibrated} has moved it. Engines whose memory stays
   * what it is under any lens return it as it is.
   *
   * @param memory of the scene before
   * @param scene as it is now, without its memory
   */
  default SceneMemory recalibrated(ChunkViews chunk, SceneMemory memory, ChunkScene scene) {
    return memory;
  }

  /**
   * Where a photo was taken that is not in the scene, from what the scene remembers. The answer
   * depends on the memory and the photo only.
   *
   * @throws IOException if the photo cannot be fetched; the caller may try again
   */
  default PhotoPose locate(SceneMemory memory, View photo, PhotoSource photos) throws IOException {
    return new PhotoPose.NotLocated(
        PhotoPose.Reason.NO_MEMORY, "this engine keeps no memory of its scenes");
  }

  /**
   * What a photo looks like, in the keys of the engine's memories, (N, 32), the strongest first:
   * chunks can be searched by them without asking each. Empty for an engine whose memories have no
   * keys, and for a photo that cannot be read.
   *
   * @throws IOException if the photo cannot be fetched; the caller may try again
   */
  default byte[] keys(View photo, PhotoSource photos) throws IOException {
    return new byte[0];
  }

  /**
   * The most views one chunk may have.
   *
   * @param memoryBytes memory free for one chunk on the device the engine computes on
   * @param pixelsPerView pixels of the largest photo
   */
  int maxViews(long memoryBytes, long pixelsPerView);

  @Override
  void close();
}
