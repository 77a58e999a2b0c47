package dev.tessera.localize;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.View;
import dev.tessera.localize.ChunkChoice.Ask;
import dev.tessera.localize.ChunkChoice.AskNone;
import dev.tessera.localize.ChunkChoice.Reason;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses the chunks to ask about a photo. One with a position asks the nearest of the chunks that
 * are georeferenced; if none is near, it may lie in one whose place on the Earth is not known, so
 * it asks all of those. One without a position asks all chunks. Asking all has a limit.
 */
public final class ChunkSelector implements Serializable {
  /** A position may be wrong by so many of its standard deviations. */
  private static final double SIGMAS = 3;

  /**
   * How much is asked.
   *
   * @param chunksPerPhoto most chunks asked about a photo whose position says where to look
   * @param maxChunks most chunks asked about a photo where nothing does; if there are more, none is
   * @param maxDistanceMeters farthest chunk asked, from the photo's position, besides what this may
   *     be wrong by
   */
  public record Config(int chunksPerPhoto, int maxChunks, double maxDistanceMeters)
      implements Serializable {
    public Config {
      if (chunksPerPhoto < 1 || maxChunks < 1 || !(maxDistanceMeters >= 0)) {
        throw new IllegalArgumentException(
            "Limits must be positive, were %d and %d chunks, %s m"
                .formatted(chunksPerPhoto, maxChunks, maxDistanceMeters));
      }
    }
  }

  private final LocalFrame world;
  private final Config config;
  private final ChunkIndex onEarth;
  private final List<PlacedChunk> floating;
  private final List<PlacedChunk> all;

  /**
   * @param world the map's ENU frame; null if nothing of it is georeferenced
   */
  public ChunkSelector(List<PlacedChunk> chunks, LocalFrame world, Config config) {
    this.world = world;
    this.config = config;
    this.all =
        chunks.stream().sorted(Comparator.comparing((PlacedChunk c) -> c.frame().chunk())).toList();
    this.onEarth = new ChunkIndex(all.stream().filter(c -> c.frame().georeferenced()).toList());
    this.floating = all.stream().filter(c -> !c.frame().georeferenced()).toList();
  }

  /** The chunks to ask about a photo. */
  public ChunkChoice select(View photo) {
    if (!photo.hasPosition() || onEarth.isEmpty()) {
      return askAll(all);
    }
    PositionPrior position = photo.position();
    double reach = config.maxDistanceMeters() + SIGMAS * position.horizontalSigmaMeters();
    List<PlacedChunk> near =
        onEarth.nearest(world.toEnu(position.point()), config.chunksPerPhoto(), reach);
    if (!near.isEmpty()) {
      return ask(near);
    }
    if (!floating.isEmpty()) {
      return askAll(floating);
    }
    return new AskNone(
        Reason.NO_CHUNK_NEAR, "no chunk within %.0f m of the photo's position".formatted(reach));
  }

  private ChunkChoice askAll(List<PlacedChunk> candidates) {
    if (candidates.size() > config.maxChunks()) {
      return new AskNone(
          Reason.TOO_MANY_CHUNKS,
          "no position says which of %d chunks to ask, at most %d are"
              .formatted(candidates.size(), config.maxChunks()));
    }
    return ask(candidates);
  }

  private static Ask ask(List<PlacedChunk> chunks) {
    return new Ask(chunks.stream().map(c -> c.frame().chunk()).toList());
  }
}
