package dev.tessera.reconstruct;

/** Is told how far the work on one chunk has come. Must be cheap and safe for many threads. */
@FunctionalInterface
public interface Progress {
  Progress NONE = (step, done, total) -> {};

  /** {@code done} of {@code total} units of {@code step} are finished. */
  void at(String step, int done, int total);
}
