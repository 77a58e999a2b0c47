package dev.tessera.merge;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ScenePoints;
import java.io.Serializable;
import java.util.Comparator;

/**
 * Decides from which one chunk a photo's camera and points go into the map, so that overlapping
 * chunks do not put everything there twice.
 *
 * <p>A point goes into the map from a chunk if a photo exported from that chunk sees it; of those,
 * the one nearest to the point is its reference view, the point's {@code image_id}.
 */
public final class PhotoOwnership {
  /** Index of no camera: the point is not exported. */
  public static final int NOT_EXPORTED = -1;

  private PhotoOwnership() {}

  /**
   * A photo as one chunk registered it.
   *
   * @param georeferenced whether the chunk's component has metric coordinates
   * @param owned whether the chunk owns the photo, rather than borrows it
   */
  public record Claim(
      ViewId view, ChunkId chunk, boolean georeferenced, boolean owned, int observations)
      implements Serializable {}

  /**
   * Best claim of a photo first: georeferenced, then owned, then most observations, then lowest
   * chunk.
   */
  public static Comparator<Claim> bestFirst() {
    return Comparator.comparing(Claim::georeferenced)
        .thenComparing(Claim::owned)
        .thenComparing(Claim::observations)
        .reversed()
        .thenComparing(Claim::chunk);
  }

  /**
   * The better of two claims of the same photo. Associative and commutative, so that any reduction
   * gives the same owner.
   */
  public static Claim better(Claim x, Claim y) {
    if (!x.view().equals(y.view())) {
      throw new IllegalArgumentException(
          "Cannot compare claims of different photos: " + x.view() + " and " + y.view());
    }
    return bestFirst().compare(x, y) <= 0 ? x : y;
  }

  /**
   * The camera (index into the scene's) that is the reference view of a point: of the exported
   * cameras that see it, the nearest, equal ones by their index; {@link #NOT_EXPORTED} if none
   * does.
   *
   * @param exported whether each camera of the scene is exported from it
   */
  public static int referenceCamera(ChunkScene scene, int point, boolean[] exported) {
    ScenePoints points = scene.points();
    int best = NOT_EXPORTED;
    double nearest = Double.POSITIVE_INFINITY;
    for (int o = points.observationsBegin(point); o < points.observationsEnd(point); o++) {
      int camera = points.cameraOf(o);
      if (!exported[camera]) {
        continue;
      }
      double distance =
          scene.cameras().get(camera).cameraFromChunk().apply(points.position(point)).norm();
      if (distance < nearest || (distance == nearest && camera < best)) {
        nearest = distance;
        best = camera;
      }
    }
    return best;
  }
}
