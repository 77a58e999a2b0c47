package dev.tessera.partition;

import dev.tessera.imagery.ViewId;
import java.io.Serializable;
import java.util.Comparator;

/**
 * A view that its owner could lend to a neighbour. Nearer offers come first, equally near ones by
 * view id: a digest, so that equally near views are taken from all along a border.
 *
 * @param distanceMeters to the nearest occupied cell of the borrower; 0 across a border of the
 *     sequence
 * @param orderGap steps of the sequence to the nearest known view of the borrower where metres say
 *     nothing, else 0
 */
public record HaloOffer(
    ChunkId borrower, ChunkId lender, ViewId view, long order, double distanceMeters, long orderGap)
    implements Serializable, Comparable<HaloOffer> {
  private static final Comparator<HaloOffer> NEAREST_FIRST =
      Comparator.comparingDouble(HaloOffer::distanceMeters)
          .thenComparingLong(HaloOffer::orderGap)
          .thenComparing(HaloOffer::view);

  @Override
  public int compareTo(HaloOffer o) {
    return NEAREST_FIRST.compare(this, o);
  }
}
