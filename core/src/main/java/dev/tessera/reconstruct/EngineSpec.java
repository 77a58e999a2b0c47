package dev.tessera.reconstruct;

import java.io.Serializable;

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

  /**
   * Opens the engine in this JVM.
   *
   * @param threads threads the engine may keep busy, all calls together
   */
  ReconstructionEngine open(int threads);
}
