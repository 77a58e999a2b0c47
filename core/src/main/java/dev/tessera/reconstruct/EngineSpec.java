package dev.tessera.reconstruct;

import java.io.Serializable;
import java.util.List;
import java.util.OptionalInt;

/**
 * An engine and its settings as data: small, comparable, and able to open the engine where the work
 * is done. Its {@code toString} names every setting, as a record's does: those that bound memory,
 * too, which are not in the fingerprint.
 */
public interface EngineSpec extends Serializable {
  /** The word after {@code --engine}. */
  String engineName();

  /**
   * Everything that a scene depends on besides its photos: settings, model digest, code version of
   * the engine. Two specs with equal fingerprints make equal scenes.
   */
  String fingerprint();

  /** Chunks that one engine can work on at the same time, at most. */
  default int mostChunksAtOnce() {
    return Integer.MAX_VALUE;
  }

  /** Whether memories of the engine have keys, so that chunks can be searched by them. */
  default boolean hasKeys() {
    return false;
  }

  /** Whether the engine computes on a GPU where it is given one. */
  default boolean usesGpu() {
    return false;
  }

  /** GPUs that the engine's library finds in this JVM; 0 for an engine that uses none. */
  default int gpusHere() {
    return 0;
  }

  /**
   * What a scene of this engine says about its lenses: one estimate for each. Engines that do not
   * model a lens say nothing, and their scenes are not adjusted to one.
   *
   * @param chunk the views that the scene was made from
   */
  default List<SharedCalibration.Estimate> lenses(ChunkViews chunk, ChunkScene scene) {
    return List.of();
  }

  /**
   * Opens the engine in this JVM.
   *
   * @param threads threads the engine may keep busy, all calls together
   * @throws IllegalArgumentException if it cannot be opened as it is asked for, in one line that
   *     says what to change
   */
  ReconstructionEngine open(int threads);

  /**
   * Opens the engine in this JVM on a GPU, if it can use one.
   *
   * @param gpu index of the GPU that this JVM was given; empty where there is none
   */
  default ReconstructionEngine open(int threads, OptionalInt gpu) {
    return open(threads);
  }
}
