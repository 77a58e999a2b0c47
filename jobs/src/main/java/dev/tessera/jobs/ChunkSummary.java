package dev.tessera.jobs;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Vec3;
import dev.tessera.map.Bounds;
import dev.tessera.merge.ChunkNode;
import dev.tessera.merge.GpsEvidence;
import dev.tessera.merge.GpsFix;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.ScenePoints;
import java.io.Serializable;
import java.util.List;

/**
 * What the merge has to know of a reconstructed chunk: of fixed size, whatever its photos.
 *
 * @param node the chunk in the pose graph
 * @param sampleDistance median over its points of depth over focal length: the size of a pixel on
 *     the surface, in chunk units
 * @param boundsInChunk of its points and camera centres
 */
record ChunkSummary(
    ChunkNode node, double sampleDistance, Bounds boundsInChunk, ResidualHistogram residuals)
    implements Serializable {

  static ChunkSummary of(
      ChunkScene scene, StoredChunk chunk, double leastGpsSigmaMeters, GpsEvidence.Config config) {
    ChunkNode node = node(scene, chunk, leastGpsSigmaMeters, config);
    return new ChunkSummary(node, sampleDistance(scene), bounds(scene), scene.residuals());
  }

  /** The node alone: of the scene it needs the cameras only. */
  static ChunkNode node(
      ChunkScene scene, StoredChunk chunk, double leastGpsSigmaMeters, GpsEvidence.Config config) {
    List<GpsFix> fixes =
        GpsFix.of(chunk.views()).stream()
            .map(fix -> atLeast(fix, leastGpsSigmaMeters))
            .map(fix -> fix.sharedBy(chunk.chunksPerView().get(fix.view().value())))
            .toList();
    return ChunkNode.of(scene, GpsEvidence.of(scene, fixes, config).orElse(null));
  }

  private static Bounds bounds(ChunkScene scene) {
    Bounds bounds = Bounds.empty();
    for (SceneCamera camera : scene.cameras()) {
      bounds = bounds.including(camera.cameraFromChunk().center());
    }
    for (int i = 0; i < scene.points().count(); i++) {
      bounds = bounds.including(scene.points().position(i));
    }
    return bounds;
  }

  private static GpsFix atLeast(GpsFix fix, double sigmaMeters) {
    return fix.withSigmas(
        Math.max(fix.horizontalSigmaMeters(), sigmaMeters),
        Math.max(fix.verticalSigmaMeters(), sigmaMeters));
  }

  /** NaN for a scene without points. */
  private static double sampleDistance(ChunkScene scene) {
    ScenePoints points = scene.points();
    double[] distances = new double[points.count()];
    for (int i = 0; i < distances.length; i++) {
      SceneCamera camera = scene.cameras().get(points.cameraOf(points.observationsBegin(i)));
      Vec3 xInCamera = camera.cameraFromChunk().apply(points.position(i));
      distances[i] = xInCamera.z() / camera.intrinsics().focalPixels();
    }
    return distances.length == 0 ? Double.NaN : RobustScale.median(distances);
  }
}
