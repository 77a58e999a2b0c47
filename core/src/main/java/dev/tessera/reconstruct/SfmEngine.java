package dev.tessera.reconstruct;

import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import dev.tessera.landmarks.KeyProjection;
import dev.tessera.landmarks.LandmarkMemory;
import dev.tessera.sfm.SfmModel;
import dev.tessera.sfm.SfmOutcome;
import dev.tessera.sfm.StructureFromMotion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Runs {@link StructureFromMotion} on chunks. */
final class SfmEngine implements ReconstructionEngine {
  private final StructureFromMotion.Config config;
  private final StructureFromMotion sfm;
  private final int threads;

  SfmEngine(StructureFromMotion.Config config, int threads) {
    this.config = config;
    this.threads = threads;
    this.sfm = new StructureFromMotion(config, threads);
  }

  @Override
  public ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress)
      throws IOException {
    List<Vec3> positions = new ArrayList<>();
    for (View view : chunk.views()) {
      positions.add(chunk.positionInWorld(view));
    }
    SfmOutcome outcome;
    try {
      outcome = sfm.map(chunk.views(), positions, photos::read, progress::at);
    } catch (OutOfMemoryError e) {
      return new ChunkOutcome.Failed(
          chunk.chunk(),
          ChunkOutcome.Reason.OUT_OF_MEMORY,
          "%d views: %s".formatted(chunk.views().size(), e.getMessage()));
    }
    if (outcome instanceof SfmOutcome.Mapped mapped) {
      ChunkScene scene = scene(chunk, mapped.model());
      SceneMemory memory = SceneLandmarks.of(chunk, scene, mapped.looks()).toTensors();
      return new ChunkOutcome.Reconstructed(scene.with(memory));
    }
    SfmOutcome.Unmapped unmapped = (SfmOutcome.Unmapped) outcome;
    return new ChunkOutcome.Failed(chunk.chunk(), reason(unmapped.reason()), unmapped.detail());
  }

  private static ChunkOutcome.Reason reason(SfmOutcome.Reason reason) {
    return switch (reason) {
      case TOO_FEW_VIEWS -> ChunkOutcome.Reason.TOO_FEW_VIEWS;
      case UNREADABLE_PHOTOS -> ChunkOutcome.Reason.UNREADABLE_PHOTOS;
      case TOO_FEW_MATCHES -> ChunkOutcome.Reason.TOO_FEW_MATCHES;
      case NO_PARALLAX -> ChunkOutcome.Reason.DEGENERATE_GEOMETRY;
    };
  }

  private static ChunkScene scene(ChunkViews chunk, SfmModel model) {
    List<SceneCamera> cameras = new ArrayList<>();
    for (SfmModel.Camera camera : model.cameras()) {
      cameras.add(
          new SceneCamera(
              chunk.views().get(camera.view()).id(),
              camera.cameraFromModel(),
              camera.intrinsics(),
              camera.observations(),
              camera.reprojectionRmsPixels()));
    }
    List<ChunkScene.Unregistered> unregistered = new ArrayList<>();
    for (SfmModel.Missing missing : model.missing()) {
      unregistered.add(
          new ChunkScene.Unregistered(
              chunk.views().get(missing.view()).id(),
              ChunkScene.Unregistered.Reason.valueOf(missing.reason().name()),
              missing.detail()));
    }
    ResidualHistogram residuals = ResidualHistogram.empty();
    for (double residual : model.residualPixels()) {
      residuals.add(residual);
    }
    ScenePoints points =
        new ScenePoints(
            model.xyz(),
            model.rgb(),
            model.confidence(),
            model.observationStart(),
            model.observationCamera(),
            model.observationPixel());
    return new ChunkScene(
        chunk.chunk(), cameras, points, unregistered, residuals, SceneMemory.NONE);
  }

  @Override
  public ChunkScene recalibrated(ChunkViews chunk, ChunkScene scene, SharedCalibration shared) {
    SceneModel model = SceneModel.of(chunk, scene);
    return scene(chunk, sfm.adjusted(model.model(), model.under(shared)));
  }

  @Override
  public SceneMemory recalibrated(ChunkViews chunk, SceneMemory memory, ChunkScene scene) {
    return memory.isEmpty() ? memory : SceneLandmarks.of(memory).moved(chunk, scene).toTensors();
  }

  @Override
  public PhotoPose locate(SceneMemory memory, View photo, PhotoSource photos) throws IOException {
    if (memory.isEmpty()) {
      return new PhotoPose.NotLocated(PhotoPose.Reason.NO_MEMORY, "the scene has no memory");
    }
    StructureFromMotion.Extraction found = sfm.features(photo, photos::read);
    return found.features() == null
        ? new PhotoPose.NotLocated(PhotoPose.Reason.UNREADABLE_PHOTO, found.unreadable())
        : new LandmarkQuery(photo, found.features()).answer(SceneLandmarks.of(memory));
  }

  @Override
  public byte[] keys(View photo, PhotoSource photos) throws IOException {
    StructureFromMotion.Extraction found = sfm.features(photo, photos::read);
    return found.features() == null
        ? new byte[0]
        : LandmarkMemory.rounded(
            KeyProjection.seeded(KeyProjection.SEED).keys(found.features().rootSift()));
  }

  @Override
  public int maxViews(long memoryBytes, long pixelsPerView) {
    return SfmMemory.maxViews(memoryBytes, pixelsPerView, config, threads);
  }

  @Override
  public void close() {
    sfm.close();
  }
}
