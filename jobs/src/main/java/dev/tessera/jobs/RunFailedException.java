package dev.tessera.jobs;

/** The photos allow no map. The message says why, in one line; nothing was published. */
final class RunFailedException extends RuntimeException {
  RunFailedException(String message) {
    super(message);
  }
}
