package dev.tessera.jobs;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SharedCalibration.Estimate;
import dev.tessera.reconstruct.SharedCalibration.Lens;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of a chunk, and what it says about the lenses.
 *
 * @param lenses one estimate for each lens in the scene; empty without a scene
 */
record ChunkResult(Outcome outcome, List<Estimate> lenses) implements Serializable {

  static ChunkResult of(Outcome outcome, ChunkViews chunk, ChunkScene scene) {
    Map<ViewId, String> models = new HashMap<>();
    for (View view : chunk.views()) {
      models.put(view.id(), view.cameraModel());
    }
    Map<String, Estimate> byLens = new HashMap<>();
    for (SceneCamera camera : scene.cameras()) {
      Intrinsics k = camera.intrinsics();
      String model = models.get(camera.view());
      Estimate one =
          new Estimate(model, new Lens(k.focalPixels(), k.k1(), k.k2()), camera.observations());
      byLens.merge(model + one.lens(), one, ChunkResult::sum);
    }
    List<Estimate> lenses = new ArrayList<>(byLens.values());
    lenses.sort((a, b) -> (a.cameraModel() + a.lens()).compareTo(b.cameraModel() + b.lens()));
    return new ChunkResult(outcome, lenses);
  }

  private static Estimate sum(Estimate a, Estimate b) {
    return new Estimate(a.cameraModel(), a.lens(), a.observations() + b.observations());
  }
}
