package dev.tessera.reconstruct;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import dev.tessera.partition.ChunkId;
import java.io.Serializable;
import java.util.List;

/**
 * What an engine is given: the views of one chunk, in sequence order (capture time, then natural
 * name order), owned and halo alike.
 *
 * @param world the run's ENU frame, in which position priors are metres; null when no photo of the
 *     run has a position
 */
public record ChunkViews(ChunkId chunk, LocalFrame world, List<View> views)
    implements Serializable {
  public ChunkViews {
    views = List.copyOf(views);
    if (world == null && views.stream().anyMatch(View::hasPosition)) {
      throw new IllegalArgumentException("Chunk " + chunk + " has positions but no world frame");
    }
  }

  /** The view's position prior in ENU metres, or null where it has none. */
  public Vec3 positionInWorld(View view) {
    return view.hasPosition() ? world.toEnu(view.position().point()) : null;
  }
}
