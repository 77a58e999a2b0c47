package dev.tessera.imagery;

import dev.tessera.geodesy.GeoPoint;
import java.io.Serializable;

/**
 * Whether the positions of a collection are all the same, in constant space.
 *
 * @param positions views that have a position
 * @param common the position of all of them; null if they differ or there are none
 */
public record PositionSummary(long positions, GeoPoint common) implements Serializable {
  /** Two photos may well be taken from one place; three are a pattern. */
  private static final long FEWEST_SUSPICIOUS = 3;

  public static final PositionSummary EMPTY = new PositionSummary(0, null);

  public static PositionSummary of(View view) {
    return view.hasPosition() ? new PositionSummary(1, view.position().point()) : EMPTY;
  }

  /** The summary of both; associative and commutative, {@link #EMPTY} is neutral. */
  public PositionSummary merge(PositionSummary other) {
    if (positions == 0) {
      return other;
    }
    if (other.positions == 0) {
      return this;
    }
    boolean equal = common != null && common.equals(other.common);
    return new PositionSummary(positions + other.positions, equal ? common : null);
  }

  /** All of at least three positions are the same. */
  public boolean identicalForAll() {
    return positions >= FEWEST_SUSPICIOUS && common != null;
  }
}
