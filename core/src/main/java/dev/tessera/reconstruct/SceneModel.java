package dev.tessera.reconstruct;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.reconstruct.SharedCalibration.Estimate;
import dev.tessera.reconstruct.SharedCalibration.Lens;
import dev.tessera.sfm.LensInformation;
import dev.tessera.sfm.SfmModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A scene of engine {@code sfm} as the model it came from.
 *
 * @param model without residuals
 * @param cameraModels of the model's cameras, in their order
 */
record SceneModel(SfmModel model, List<String> cameraModels) {

  /** A lens in a chunk. */
  private record LensKey(String cameraModel, Lens lens) {}

  static SceneModel of(ChunkViews chunk, ChunkScene scene) {
    Map<ViewId, Integer> indexOf = new HashMap<>();
    for (int v = 0; v < chunk.views().size(); v++) {
      indexOf.put(chunk.views().get(v).id(), v);
    }
    List<SfmModel.Camera> cameras = new ArrayList<>();
    List<String> cameraModels = new ArrayList<>();
    for (SceneCamera c : scene.cameras()) {
      View view = chunk.views().get(indexOf.get(c.view()));
      cameraModels.add(view.cameraModel());
      cameras.add(
          new SfmModel.Camera(
              indexOf.get(c.view()),
              c.cameraFromChunk(),
              c.intrinsics(),
              c.observations(),
              c.reprojectionRmsPixels()));
    }
    return new SceneModel(model(scene, indexOf, cameras), cameraModels);
  }

  private static SfmModel model(
      ChunkScene scene, Map<ViewId, Integer> indexOf, List<SfmModel.Camera> cameras) {
    List<SfmModel.Missing> missing = new ArrayList<>();
    for (ChunkScene.Unregistered u : scene.unregistered()) {
      missing.add(
          new SfmModel.Missing(
              indexOf.get(u.view()), SfmModel.Reason.valueOf(u.reason().name()), u.detail()));
    }
    ScenePoints p = scene.points();
    return new SfmModel(
        cameras,
        missing,
        true,
        p.xyz(),
        p.rgb(),
        p.confidence(),
        p.observationStart(),
        p.observationCamera(),
        p.observationPixel(),
        new double[p.observationCount()]);
  }

  /** Its lenses, in the order of the cameras that have them first. */
  List<Estimate> lenses() {
    Map<LensKey, Integer> numbers = new HashMap<>();
    List<LensKey> keys = new ArrayList<>();
    int[] lensOf = new int[cameraModels.size()];
    for (int c = 0; c < lensOf.length; c++) {
      Intrinsics k = model.cameras().get(c).intrinsics();
      LensKey key = new LensKey(cameraModels.get(c), Lens.of(k));
      Integer known = numbers.putIfAbsent(key, keys.size());
      lensOf[c] = known == null ? keys.size() : known;
      if (known == null) {
        keys.add(key);
      }
    }
    List<LensInformation> informations = LensInformation.of(model, lensOf);
    List<Estimate> estimates = new ArrayList<>();
    for (int lens = 0; lens < keys.size(); lens++) {
      LensKey key = keys.get(lens);
      estimates.add(new Estimate(key.cameraModel(), key.lens(), informations.get(lens)));
    }
    return estimates;
  }

  /** The cameras' intrinsics under other lenses; those of an unknown model as they are. */
  List<Intrinsics> under(SharedCalibration shared) {
    List<Intrinsics> intrinsics = new ArrayList<>();
    for (int c = 0; c < cameraModels.size(); c++) {
      Intrinsics k = model.cameras().get(c).intrinsics();
      Lens lens = shared.lenses().get(cameraModels.get(c));
      intrinsics.add(lens == null ? k : with(k, lens));
    }
    return intrinsics;
  }

  private static Intrinsics with(Intrinsics k, Lens lens) {
    return new Intrinsics(
        k.width(), k.height(), lens.focalPixels(), lens.cx(), lens.cy(), lens.k1(), lens.k2());
  }
}
