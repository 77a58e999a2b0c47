package dev.tessera.reconstruct;

import ai.djl.Device;
import dev.tessera.backbone.ConfigFile;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtConfig;
import dev.tessera.imagery.View;
import dev.tessera.sfm.WorkerPool;
import dev.tessera.tensor.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A spec's network itself, on the photos that the engine would give it, with one thread. */
final class OpenNetwork {
  private OpenNetwork() {}

  /** What is done with the network. */
  interface Use {
    void of(Vggt network, NetworkPhotos photos) throws IOException;
  }

  static void with(VggtSpec spec, List<View> views, PhotoSource source, Use use)
      throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Path.of(spec.weights()));
        WorkerPool pool = new WorkerPool(1)) {
      VggtConfig config =
          VggtConfig.of(
              checkpoint,
              spec.modelConfig().isEmpty()
                  ? ConfigFile.beside(Path.of(spec.weights()))
                  : ConfigFile.read(Path.of(spec.modelConfig())));
      try (Vggt network = Vggt.open(checkpoint, config, Device.cpu(), 1, spec.precision())) {
        use.of(network, NetworkPhotos.of(views, spec.input(), source, pool, Progress.NONE));
      }
    }
  }
}
