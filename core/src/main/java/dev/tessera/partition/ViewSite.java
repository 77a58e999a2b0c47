package dev.tessera.partition;

import dev.tessera.imagery.ViewId;
import java.io.Serializable;

/**
 * Where a view stands in space and in the sequence: all that the planner knows of it.
 *
 * @param eastMeters ENU position, NaN together with {@code northMeters} where there is no usable
 *     one
 * @param northMeters ENU position
 * @param order rank of the view in the whole collection's sequence, distinct for distinct views
 */
public record ViewSite(ViewId view, double eastMeters, double northMeters, long order)
    implements Serializable {
  /** Half the equator: no ENU coordinate of a photo on Earth is larger. */
  static final double FARTHEST_METERS = 2.1e7;

  public ViewSite {
    if (Double.isNaN(eastMeters) != Double.isNaN(northMeters)
        || Math.abs(eastMeters) > FARTHEST_METERS
        || Math.abs(northMeters) > FARTHEST_METERS) {
      throw new IllegalArgumentException(
          "Cannot place view %s: position was %s, %s".formatted(view, eastMeters, northMeters));
    }
    if (order < 0) {
      throw new IllegalArgumentException(
          "Cannot place view %s: order must not be negative, was %d".formatted(view, order));
    }
  }

  /** A view known by its place in the sequence only. */
  public static ViewSite unpositioned(ViewId view, long order) {
    return new ViewSite(view, Double.NaN, Double.NaN, order);
  }

  public boolean hasPosition() {
    return !Double.isNaN(eastMeters);
  }
}
