package dev.tessera.benchmark;

import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtConfig;
import dev.tessera.backbone.VggtScene;
import dev.tessera.backbone.ViewImages;
import java.io.IOException;

/**
 * A whole forward pass, dense heads included, whose outputs are looked at a few views at a time and
 * then let go, as the engine does.
 */
final class ForwardPass {
  private static final double NANOS = 1e9;

  private final Vggt network;
  private final Vggt.Options options;
  private final int denseViews;
  private long visionDone;
  private long trunkDone;

  /**
   * Seconds on the clock of each part.
   *
   * @param vision until the tokens enter the trunk
   */
  record Stages(double vision, double trunk, double camera, double depth, double points) {
    double total() {
      return vision + trunk + camera + depth + points;
    }
  }

  /**
   * @param denseViews views whose dense outputs are computed together
   */
  ForwardPass(Vggt network, Vggt.Options options, int denseViews) {
    this.network = network;
    this.options = options;
    this.denseViews = denseViews;
  }

  Stages run(ViewImages images) throws IOException {
    VggtConfig config = network.config();
    long start = System.nanoTime();
    Vggt.LayerProgress clock =
        (done, total) -> {
          if (done == 0) {
            visionDone = System.nanoTime();
          } else if (done == total) {
            trunkDone = System.nanoTime();
          }
        };
    try (VggtScene scene = network.reconstruct(images, options, false, clock)) {
      scene.camera(0);
      long camera = System.nanoTime();
      for (int from = 0; from < images.count(); from += denseViews) {
        scene.depth(from, Math.min(images.count(), from + denseViews));
      }
      long depth = System.nanoTime();
      for (int from = 0; config.hasPointHead() && from < images.count(); from += denseViews) {
        scene.points(from, Math.min(images.count(), from + denseViews));
      }
      return new Stages(
          (visionDone - start) / NANOS,
          (trunkDone - visionDone) / NANOS,
          (camera - trunkDone) / NANOS,
          (depth - camera) / NANOS,
          (System.nanoTime() - depth) / NANOS);
    }
  }
}
