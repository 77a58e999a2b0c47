package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;

/** Is shown what flows between the layers, to compare it with a reference. */
@FunctionalInterface
interface Trace {
  Trace NONE = (name, tensor) -> {};

  /** The tensor belongs to the network: it is copied or left alone. */
  void stage(String name, NDArray tensor);

  /** All layers up to this one, of all views, are done. */
  default void layerDone(int layers) {}

  /** Shown no tensors, only how far the layers are. */
  static Trace of(Vggt.LayerProgress progress, int layers) {
    return new Trace() {
      @Override
      public void stage(String name, NDArray tensor) {}

      @Override
      public void layerDone(int done) {
        progress.done(done, layers);
      }
    };
  }
}
