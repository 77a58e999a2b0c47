package dev.tessera.merge;

import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.SequenceOrder;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.reconstruct.ChunkViews;
import java.io.Serializable;
import java.time.LocalDate;
import java.util.List;

/**
 * Where a photo says it was taken, in the run's world.
 *
 * @param positionInWorld east, north, up in metres
 * @param horizontalSigmaMeters one standard deviation east and north
 * @param verticalSigmaMeters one standard deviation up
 * @param sequence what it was taken with: fixes of one sequence may be off by the same
 */
public record GpsFix(
    ViewId view,
    Vec3 positionInWorld,
    double horizontalSigmaMeters,
    double verticalSigmaMeters,
    String sequence)
    implements Serializable {
  private static final long MILLIS_PER_DAY = 86_400_000;

  public GpsFix {
    if (!positionInWorld.isFinite()) {
      throw new IllegalArgumentException("A position must be finite, was " + positionInWorld);
    }
    if (!(horizontalSigmaMeters > 0) || !(verticalSigmaMeters > 0)) {
      throw new IllegalArgumentException(
          "Position sigmas must be positive, were %s and %s"
              .formatted(horizontalSigmaMeters, verticalSigmaMeters));
    }
  }

  /** A fix of the only sequence. */
  public GpsFix(
      ViewId view, Vec3 positionInWorld, double horizontalSigmaMeters, double verticalSigmaMeters) {
    this(view, positionInWorld, horizontalSigmaMeters, verticalSigmaMeters, "");
  }

  /** The fixes of the chunk's views that have a position. */
  public static List<GpsFix> of(ChunkViews chunk) {
    return chunk.views().stream()
        .filter(View::hasPosition)
        .map(
            view ->
                new GpsFix(
                    view.id(),
                    chunk.positionInWorld(view),
                    view.position().horizontalSigmaMeters(),
                    view.position().verticalSigmaMeters(),
                    sequenceOf(view)))
        .toList();
  }

  /**
   * A folder, and of it one day: {@code flights/north 2024-05-17}. Receivers drift from day to day;
   * a photo without a time is of its folder's other day.
   */
  static String sequenceOf(View view) {
    String folder = SequenceOrder.folder(view.name());
    if (view.captureMillis() == null) {
      return folder;
    }
    return folder + " " + LocalDate.ofEpochDay(Math.floorDiv(view.captureMillis(), MILLIS_PER_DAY));
  }

  /** Distance of a place in the world from the fix, each axis over its sigma. */
  double sigmasTo(Vec3 inWorld) {
    Vec3 r = inWorld.minus(positionInWorld);
    double across = Math.hypot(r.x(), r.y()) / horizontalSigmaMeters;
    return Math.hypot(across, r.z() / verticalSigmaMeters);
  }

  /**
   * The fix as one of {@code chunks} that hold the view should count it, so that a borrowed view
   * does not speak twice: the variances times {@code chunks}.
   */
  public GpsFix sharedBy(int chunks) {
    double factor = Math.sqrt(chunks);
    return withSigmas(horizontalSigmaMeters * factor, verticalSigmaMeters * factor);
  }

  public GpsFix withSigmas(double horizontalMeters, double verticalMeters) {
    return new GpsFix(view, positionInWorld, horizontalMeters, verticalMeters, sequence);
  }

  GpsFix movedBy(Vec3 meters) {
    return new GpsFix(
        view, positionInWorld.plus(meters), horizontalSigmaMeters, verticalSigmaMeters, sequence);
  }
}
