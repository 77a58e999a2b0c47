package dev.tessera.reconstruct;

import dev.tessera.landmarks.LandmarkMemory;
import dev.tessera.sfm.StructureFromMotion;
import java.util.List;

/** The classical engine: features, matching, incremental mapping, bundle adjustment. No weights. */
public record SfmSpec(StructureFromMotion.Config config) implements EngineSpec {
  public static SfmSpec defaults() {
    return new SfmSpec(StructureFromMotion.Config.defaults());
  }

  @Override
  public String engineName() {
    return "sfm";
  }

  /** All settings but the size of the cache, which changes no result. */
  @Override
  public String fingerprint() {
    return "%s landmarks-%d maxSide=%d maxFeatures=%d contrast=%s selection=%s"
        .formatted(
            StructureFromMotion.VERSION,
            LandmarkMemory.VERSION,
            config.maxSidePixels(),
            config.maxFeatures(),
            config.contrastThreshold(),
            config.selection());
  }

  @Override
  public List<SharedCalibration.Estimate> lenses(ChunkViews chunk, ChunkScene scene) {
    return SceneModel.of(chunk, scene).lenses();
  }

  @Override
  public boolean hasKeys() {
    return true;
  }

  @Override
  public ReconstructionEngine open(int threads) {
    return new SfmEngine(config, threads);
  }
}
