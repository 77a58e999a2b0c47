package dev.tessera.jobs;

import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.tables.ChunkRows.Origin;
import dev.tessera.jobs.tables.LocalizedRows.Pose;
import dev.tessera.localize.ChunkIndex;
import dev.tessera.localize.PlacedChunk;
import dev.tessera.map.Bounds;
import dev.tessera.partition.Extension.Place;
import dev.tessera.partition.ViewSite;
import java.io.Serializable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which chunk of the plan a place in its map belongs to. A half stands for the chunk that was
 * planned; a seam, which owns nothing, for the one nearest to it.
 *
 * @param planned number in the plan, by the number of a chunk that has cameras in the map
 * @param onEarth those of them that are georeferenced and own views
 */
record MapSpots(Map<Integer, Integer> planned, ChunkIndex onEarth) implements Serializable {
  /**
   * A place in the map.
   *
   * @param chunk of the plan
   * @param found whether the map knows the view; else the view's position alone says so
   */
  record Spot(int chunk, Place place, boolean found) implements Serializable {}

  static MapSpots of(PublishedMap map) {
    Set<Integer> chunks = map.origins().stream().map(Origin::chunk).collect(Collectors.toSet());
    return of(map.origins(), map.placed(chunks));
  }

  /**
   * As {@link #of(PublishedMap)}.
   *
   * @param all chunks of the map
   * @param placed those with a camera in it
   */
  static MapSpots of(List<Origin> all, List<PlacedChunk> placed) {
    Map<Integer, Origin> origins = new HashMap<>();
    all.forEach(origin -> origins.put(origin.chunk(), origin));
    List<PlacedChunk> owners =
        placed.stream().filter(chunk -> !origins.get(number(chunk)).seam()).toList();
    Map<Integer, Integer> planned = new HashMap<>();
    for (PlacedChunk chunk : placed) {
      if (!origins.get(number(chunk)).seam()) {
        planned.put(number(chunk), stem(number(chunk), origins));
      } else {
        nearest(owners, chunk)
            .ifPresent(near -> planned.put(number(chunk), stem(number(near), origins)));
      }
    }
    return new MapSpots(
        planned,
        new ChunkIndex(owners.stream().filter(chunk -> chunk.frame().georeferenced()).toList()));
  }

  /** The chunk that was planned, of which this is a half of a half. */
  private static int stem(int chunk, Map<Integer, Origin> origins) {
    Integer whole = origins.get(chunk).halvedFrom();
    return whole == null ? chunk : stem(whole, origins);
  }

  private static int number(PlacedChunk chunk) {
    return chunk.frame().chunk().value();
  }

  private static Optional<PlacedChunk> nearest(List<PlacedChunk> owners, PlacedChunk seam) {
    Bounds b = seam.cameras();
    Vec3 middle =
        new Vec3((b.minX() + b.maxX()) / 2, (b.minY() + b.maxY()) / 2, (b.minZ() + b.maxZ()) / 2);
    int component = seam.frame().componentId();
    return owners.stream()
        .filter(chunk -> chunk.frame().componentId() == component)
        .min(
            Comparator.comparingDouble((PlacedChunk chunk) -> chunk.metersTo(middle))
                .thenComparing(chunk -> chunk.frame().chunk()));
  }

  /**
   * Where a chunk's memory says that a photo was taken; null if no chunk of the plan is there,
   * though a seam is.
   */
  Spot found(Pose pose) {
    Integer chunk = planned.get(pose.chunkId());
    Place place = new Place(pose.componentId(), pose.cameraFromWorld().center());
    return chunk == null ? null : new Spot(chunk, place, true);
  }

  /**
   * The nearest chunk to a view's position; null for a view without one, or if it is farther from
   * the chunk than that is wide: another would have room between them.
   *
   * @param believed whether that is as good as being found there
   */
  Spot near(ViewSite site, boolean believed) {
    if (!site.hasPosition()) {
      return null;
    }
    Vec3 x = new Vec3(site.eastMeters(), site.northMeters(), Double.NaN);
    return onEarth.nearest(x, 1, Double.POSITIVE_INFINITY).stream()
        .filter(chunk -> chunk.metersTo(x) <= widthMeters(chunk.cameras()))
        .map(c -> new Spot(planned.get(number(c)), new Place(c.frame().componentId(), x), believed))
        .findAny()
        .orElse(null);
  }

  private static double widthMeters(Bounds cameras) {
    return Math.max(cameras.maxX() - cameras.minX(), cameras.maxY() - cameras.minY());
  }
}
