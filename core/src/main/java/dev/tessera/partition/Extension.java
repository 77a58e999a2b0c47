package dev.tessera.partition;

import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.PlannedChunk.Kind;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How a plan takes in views that come after it was carried out. Chunks keep their numbers and what
 * they have; one with room takes the views that were found in it, the others go into new chunks
 * that borrow from those that are there.
 */
public final class Extension {
  private Extension() {}

  /**
   * What a new chunk borrows from one that is there.
   *
   * @param views how many; 0 where the new chunk is full, and they are neighbours all the same
   */
  public record Tie(ChunkId borrower, ChunkId lender, int views) implements Serializable {
    /** The two as neighbours. */
    public Border border() {
      return Border.between(borrower, lender);
    }
  }

  /**
   * Where a view stands in a map.
   *
   * @param component of the map; coordinates of two components cannot be compared
   * @param xInComponent with NaN for z where the height is not known
   */
  public record Place(int component, Vec3 xInComponent) implements Serializable {
    private double distanceTo(Place o) {
      if (component != o.component) {
        return Double.POSITIVE_INFINITY;
      }
      Vec3 d = xInComponent.minus(o.xInComponent);
      return Double.isNaN(d.z()) ? Math.hypot(d.x(), d.y()) : d.norm();
    }
  }

  /**
   * The chunks that have room for all the views that were found in them.
   *
   * @param found numbers of views by chunk
   * @param maxViews most views of a chunk, borrowed ones among them
   */
  public static SortedSet<ChunkId> withRoom(
      Map<ChunkId, PlannedChunk> plan, Map<ChunkId, Long> found, int maxViews) {
    return found.entrySet().stream()
        .filter(f -> plan.get(f.getKey()).views() + f.getValue() <= maxViews)
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** How new chunks are planned among themselves: smaller by the share that they are to borrow. */
  public static ChunkPlanner.Config leavingRoom(ChunkPlanner.Config config) {
    int least = Math.max(Halving.LEAST_VIEWS, 2 * config.minSharedViews());
    int views = (int) Math.floor(config.maxViews() * (1 - config.haloShare()));
    return new ChunkPlanner.Config(
        Math.max(least, views),
        config.minSharedViews(),
        config.haloShare(),
        config.cellMeters(),
        config.maxCells());
  }

  /**
   * From whom a new chunk borrows how much: from those that most of its views are near, as many as
   * there is room to share enough views with. In all it is the halo share, but at least twice what
   * neighbours share: a new chunk may have few views of its own, or one.
   *
   * @param views that the new chunk has
   * @param near by chunk, how many of them are near it
   */
  public static List<Tie> ties(
      ChunkId borrower, int views, Map<ChunkId, Long> near, ChunkPlanner.Config config) {
    if (near.isEmpty()) {
      return List.of();
    }
    int room = config.maxViews() - views;
    int share = (int) Math.ceil(views * config.haloShare() / (1 - config.haloShare()));
    int least = config.minSharedViews();
    int lenders = Math.max(1, Math.min(near.size(), room / Math.max(1, least)));
    int wanted = Math.max(lenders * least, Math.max(share, 2 * least));
    int each = Math.min(room, wanted) / lenders;
    return near.entrySet().stream()
        .sorted(
            Map.Entry.<ChunkId, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(lenders)
        .map(lender -> new Tie(borrower, lender.getKey(), each))
        .toList();
  }

  /**
   * The candidates nearest to any of the places, nearest first, equally near ones by id; none of
   * another component. Quadratic in the views of a chunk.
   */
  public static List<ViewId> nearest(Map<ViewId, Place> candidates, List<Place> places, int most) {
    record Near(ViewId view, double distance) {}
    return candidates.entrySet().stream()
        .map(
            c ->
                new Near(
                    c.getKey(),
                    places.stream()
                        .mapToDouble(place -> place.distanceTo(c.getValue()))
                        .min()
                        .orElse(Double.POSITIVE_INFINITY)))
        .filter(near -> near.distance() < Double.POSITIVE_INFINITY)
        .sorted(Comparator.comparingDouble(Near::distance).thenComparing(Near::view))
        .limit(most)
        .map(Near::view)
        .toList();
  }

  /**
   * A chunk as it stands in the plan now.
   *
   * @param before the chunk as it stood there; null for a new one
   * @param owned the views it owns
   */
  public static PlannedChunk planned(
      ChunkId id, PlannedChunk before, List<ViewSite> owned, int borrowed) {
    boolean mostlyPlaced = 2 * owned.stream().filter(ViewSite::hasPosition).count() >= owned.size();
    Kind kind = before != null ? before.kind() : mostlyPlaced ? Kind.SPATIAL : Kind.SEQUENCE;
    List<ViewSite> extent =
        kind == Kind.SPATIAL
            ? owned
            : owned.stream().map(v -> ViewSite.unpositioned(v.view(), v.order())).toList();
    return PlannedChunk.of(id, kind, owned.size(), borrowed, extent);
  }
}
