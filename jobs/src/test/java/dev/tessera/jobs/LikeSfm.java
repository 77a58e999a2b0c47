package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoPose;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.SharedCalibration;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/**
 * Engines that do what {@code sfm} does and something besides. They ask it everything: what is left
 * to the defaults of the contract changes the map, without a word.
 */
final class LikeSfm {
  private LikeSfm() {}

  /** By the same name, unless it has another, so that maps can be compared. */
  interface Spec extends EngineSpec {
    EngineSpec sfm();

    @Override
    default String engineName() {
      return sfm().engineName();
    }

    @Override
    default String fingerprint() {
      return sfm().fingerprint();
    }

    @Override
    default int mostChunksAtOnce() {
      return sfm().mostChunksAtOnce();
    }

    @Override
    default boolean hasKeys() {
      return sfm().hasKeys();
    }

    @Override
    default boolean usesGpu() {
      return sfm().usesGpu();
    }

    @Override
    default int gpusHere() {
      return sfm().gpusHere();
    }

    @Override
    default List<SharedCalibration.Estimate> lenses(ChunkViews chunk, ChunkScene scene) {
      return sfm().lenses(chunk, scene);
    }

    @Override
    default ReconstructionEngine open(int threads) {
      return open(threads, OptionalInt.empty());
    }

    @Override
    ReconstructionEngine open(int threads, OptionalInt gpu);
  }

  /** Opened. */
  interface Engine extends ReconstructionEngine {
    ReconstructionEngine sfm();

    @Override
    default ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress)
        throws IOException {
      return sfm().reconstruct(chunk, photos, progress);
    }

    @Override
    default ChunkScene recalibrated(ChunkViews chunk, ChunkScene scene, SharedCalibration shared) {
      return sfm().recalibrated(chunk, scene, shared);
    }

    @Override
    default SceneMemory recalibrated(ChunkViews chunk, SceneMemory memory, ChunkScene scene) {
      return sfm().recalibrated(chunk, memory, scene);
    }

    @Override
    default PhotoPose locate(SceneMemory memory, View photo, PhotoSource photos)
        throws IOException {
      return sfm().locate(memory, photo, photos);
    }

    @Override
    default byte[] keys(View photo, PhotoSource photos) throws IOException {
      return sfm().keys(photo, photos);
    }

    @Override
    default int maxViews(long memoryBytes, long pixelsPerView) {
      return sfm().maxViews(memoryBytes, pixelsPerView);
    }

    @Override
    default void close() {
      sfm().close();
    }
  }
}
