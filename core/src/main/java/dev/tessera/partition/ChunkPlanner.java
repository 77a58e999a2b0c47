package dev.tessera.partition;

import dev.tessera.imagery.ViewId;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Splits a whole collection in memory. The same steps run distributed, on shards, give the same
 * partition: two histograms are merged, the plan is made of them, owners and halos are looked up
 * per view and the offers of each pair of chunks are merged.
 */
public final class ChunkPlanner {
  /**
   * How to split.
   *
   * @param maxViews most views of a chunk, owned and halo together; never exceeded
   * @param minSharedViews least number of views two adjacent chunks share; 0 for none at all
   * @param haloShare how much of a chunk its halo should be, where there is something to borrow
   * @param cellMeters side of the finest cells in which views are counted; well below their spacing
   * @param maxCells most occupied cells; above it the side doubles
   */
  public record Config(
      int maxViews, int minSharedViews, double haloShare, double cellMeters, int maxCells)
      implements Serializable {
    /** Cells that the driver counts at most: 64 MB or so. */
    public static final int MOST_CELLS = 1 << 20;

    /** Least size of a chunk that is of use to any engine. */
    private static final int SMALLEST_CHUNK = 8;

    /** A chunk is put together from at least this many pieces. */
    private static final int GRAINS_PER_CHUNK = 16;

    private static final double FINEST_CELL_METERS = 0.02;

    /** The four around the origin never become one, however often the side doubles. */
    private static final int FEWEST_CELLS = 4;

    public Config {
      if (minSharedViews < 0) {
        throw new IllegalArgumentException(
            "Shared views must not be negative, was " + minSharedViews);
      }
      int least = Math.max(SMALLEST_CHUNK, 2 * minSharedViews);
      if (maxViews < least) {
        throw new IllegalArgumentException(
            "Cannot plan chunks of %d views: %d shared views per border need at least %d"
                .formatted(maxViews, minSharedViews, least));
      }
      if (!(haloShare >= 0) || haloShare > 0.5) {
        throw new IllegalArgumentException("Halo share must be in [0, 0.5], was " + haloShare);
      }
      if (!(cellMeters >= FINEST_CELL_METERS) || Double.isInfinite(cellMeters)) {
        throw new IllegalArgumentException(
            "Cell side must be at least %s m, was %s".formatted(FINEST_CELL_METERS, cellMeters));
      }
      if (maxCells < FEWEST_CELLS) {
        throw new IllegalArgumentException(
            "Cells must be at least %d, was %d".formatted(FEWEST_CELLS, maxCells));
      }
    }

    /** Five shared views, three tenths of halo, cells of half a metre, 2^20 of them at most. */
    public static Config ofMaxViews(int maxViews) {
      return new Config(maxViews, 5, 0.3, 0.5, MOST_CELLS);
    }

    /** Most views moved as a whole. */
    int grainViews() {
      return Math.max(1, maxViews / GRAINS_PER_CHUNK);
    }

    /** Blocks of the sequence hold 2^bits orders, no more than a grain. */
    int blockBits() {
      return 31 - Integer.numberOfLeadingZeros(grainViews());
    }
  }

  private record Pair(ChunkId borrower, ChunkId lender) {}

  private ChunkPlanner() {}

  /** Splits the sites, given in any order. Linear in the views. */
  public static Partition plan(List<ViewSite> sites, Config config) {
    SiteHistogram cells = new SiteHistogram(config);
    sites.forEach(cells::add);
    SequenceHistogram crowds = cells.crowds(config);
    sites.forEach(crowds::add);
    return assign(sites, ChunkPlan.of(cells, crowds, config));
  }

  private static Partition assign(List<ViewSite> sites, ChunkPlan plan) {
    Map<ChunkId, List<ViewSite>> owned = new HashMap<>();
    Map<Pair, HaloSelection> selections = new HashMap<>();
    for (ViewSite site : sites) {
      owned.computeIfAbsent(plan.ownerOf(site), k -> new ArrayList<>()).add(site);
      for (HaloOffer offer : plan.haloOffers(site)) {
        selections
            .computeIfAbsent(
                new Pair(offer.borrower(), offer.lender()),
                k -> new HaloSelection(plan.quota(k.borrower(), k.lender())))
            .add(offer);
      }
    }
    Map<ChunkId, List<HaloOffer>> halos = new HashMap<>();
    selections.forEach(
        (pair, selection) ->
            halos
                .computeIfAbsent(pair.borrower(), k -> new ArrayList<>())
                .addAll(selection.nearest()));
    List<Chunk> chunks = new ArrayList<>();
    for (PlannedChunk planned : plan.chunks()) {
      chunks.add(chunk(planned.id(), owned, halos));
    }
    return new Partition(chunks, plan.adjacencies());
  }

  private static Chunk chunk(
      ChunkId id, Map<ChunkId, List<ViewSite>> owned, Map<ChunkId, List<HaloOffer>> halos) {
    List<ViewId> own =
        owned.get(id).stream()
            .sorted(Comparator.comparingLong(ViewSite::order).thenComparing(ViewSite::view))
            .map(ViewSite::view)
            .toList();
    List<ViewId> halo =
        halos.getOrDefault(id, List.of()).stream()
            .sorted(Comparator.comparingLong(HaloOffer::order).thenComparing(HaloOffer::view))
            .map(HaloOffer::view)
            .toList();
    return new Chunk(id, own, halo);
  }
}
