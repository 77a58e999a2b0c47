package dev.tessera.sfm;

/** Is told how far the work has come: {@code done} of {@code total} units of {@code step}. */
@FunctionalInterface
public interface Steps {
  void at(String step, int done, int total);
}
