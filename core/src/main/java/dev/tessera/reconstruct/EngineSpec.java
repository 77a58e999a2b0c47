package dev.tessera.reconstruct;

import java.io.Serializable;
import java.util.OptionalInt;

/**
 * An engine and its settings as data: small, comparable, and able to open the engine where the work
 * is done.
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

  /**
   * Opens the engine in this JVM.
   *
   * @param threads threads the engine may keep busy, all calls together
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
