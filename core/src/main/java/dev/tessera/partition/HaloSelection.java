package dev.tessera.partition;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The nearest of the views one chunk offers to one neighbour, as many as the plan asks for.
 * Mergeable in any order; never holds more than its quota.
 */
public final class HaloSelection implements Serializable {
  private final int quota;
  private final PriorityQueue<HaloOffer> farthestFirst =
      new PriorityQueue<>(Collections.reverseOrder());

  /**
   * @param quota {@link ChunkPlan#quota} of the borrower and the lender
   */
  public HaloSelection(int quota) {
    if (quota < 0) {
      throw new IllegalArgumentException("Quota must not be negative, was " + quota);
    }
    this.quota = quota;
  }

  public HaloSelection add(HaloOffer offer) {
    farthestFirst.add(offer);
    if (farthestFirst.size() > quota) {
      farthestFirst.remove();
    }
    return this;
  }

  /** Takes in another shard's selection for the same pair, which stays as it is. */
  public HaloSelection merge(HaloSelection other) {
    other.farthestFirst.forEach(this::add);
    return this;
  }

  /** The selected offers, nearest first. */
  public List<HaloOffer> nearest() {
    List<HaloOffer> sorted = new ArrayList<>(farthestFirst);
    Collections.sort(sorted);
    return sorted;
  }
}
