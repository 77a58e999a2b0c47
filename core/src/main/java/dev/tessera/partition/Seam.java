package dev.tessera.partition;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;

/**
 * The views on both sides of a border that are reconstructed together so that the two chunks hang
 * together through them: of each side those nearest to any view of the other.
 *
 * <p>Near is said in metres on the ground if at least half of the views of either side have a
 * position (the others stand where the nearest of their side in the sequence stands), else in steps
 * of the sequence. Equally near views are taken by their ids, which are digests, so from all along
 * the border. Quadratic in the views of a chunk.
 *
 * @param views first those of the one side, then those of the other, each nearest first
 */
public record Seam(List<ViewSite> views) implements Serializable {
  public Seam {
    views = List.copyOf(views);
  }

  /**
   * How large a seam is.
   *
   * @param maxViews most views of both sides together, half of them from each
   * @param minSharedViews fewest views of each side
   */
  public record Config(int maxViews, int minSharedViews) implements Serializable {
    public Config {
      if (minSharedViews < 1) {
        throw new IllegalArgumentException(
            "Shared views must be at least 1, was " + minSharedViews);
      }
    }
  }

  /**
   * The seam between two sides, the same for any order of their views; nothing if one of them has
   * too few views, or the seam no room for enough.
   */
  public static Optional<Seam> between(List<ViewSite> one, List<ViewSite> other, Config config) {
    int most = config.maxViews() / 2;
    int fromOne = Math.min(most, one.size());
    int fromOther = Math.min(most, other.size());
    if (Math.min(fromOne, fromOther) < config.minSharedViews()
        || fromOne + fromOther < Halving.LEAST_VIEWS) {
      return Optional.empty();
    }
    ToDoubleBiFunction<ViewSite, ViewSite> distance = distance(one, other);
    List<ViewSite> views = new ArrayList<>(nearest(one, other, fromOne, distance));
    views.addAll(nearest(other, one, fromOther, distance));
    return Optional.of(new Seam(views));
  }

  /** As a plan would have it: it borrows all its views. */
  public PlannedChunk planned(ChunkId id) {
    return PlannedChunk.of(id, PlannedChunk.Kind.SEAM, 0, views.size(), views);
  }

  private static List<ViewSite> nearest(
      List<ViewSite> side,
      List<ViewSite> other,
      int count,
      ToDoubleBiFunction<ViewSite, ViewSite> distance) {
    Map<ViewSite, Double> toOther = new HashMap<>();
    for (ViewSite site : side) {
      toOther.put(
          site,
          other.stream().mapToDouble(o -> distance.applyAsDouble(site, o)).min().orElseThrow());
    }
    return side.stream()
        .sorted(Comparator.<ViewSite>comparingDouble(toOther::get).thenComparing(ViewSite::view))
        .limit(count)
        .toList();
  }

  private static ToDoubleBiFunction<ViewSite, ViewSite> distance(
      List<ViewSite> one, List<ViewSite> other) {
    if (!mostlyPlaced(one) || !mostlyPlaced(other)) {
      return (a, b) -> Math.abs(a.order() - b.order());
    }
    Map<ViewSite, ViewSite> places = new HashMap<>(places(one));
    places.putAll(places(other));
    return (a, b) ->
        Math.hypot(
            places.get(a).eastMeters() - places.get(b).eastMeters(),
            places.get(a).northMeters() - places.get(b).northMeters());
  }

  private static boolean mostlyPlaced(List<ViewSite> side) {
    return 2 * side.stream().filter(ViewSite::hasPosition).count() >= side.size();
  }

  private static Map<ViewSite, ViewSite> places(List<ViewSite> side) {
    List<ViewSite> placed = side.stream().filter(ViewSite::hasPosition).toList();
    Map<ViewSite, ViewSite> places = new HashMap<>();
    side.forEach(site -> places.put(site, Halving.standIn(site, placed)));
    return places;
  }
}
