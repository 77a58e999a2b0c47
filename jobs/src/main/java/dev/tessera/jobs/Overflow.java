package dev.tessera.jobs;

import dev.tessera.imagery.ViewId;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.partition.Adjacency;
import dev.tessera.partition.Chunk;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.ChunkPlanner;
import dev.tessera.partition.Extension.Place;
import dev.tessera.partition.Partition;
import dev.tessera.partition.ViewSite;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import scala.Tuple2;

/**
 * The views that were found in a chunk without room for them, as chunks of their own, mostly one.
 *
 * @param full the chunk they were found in
 * @param places of the views in the map
 * @param plan of the new chunks, numbered from 0
 */
record Overflow(int full, Map<ViewId, Place> places, Partition plan) implements Serializable {
  /**
   * The new chunks as the driver sees them: how many views each has, and which are to be aligned.
   */
  record Counts(int full, List<Integer> views, List<Adjacency> adjacencies)
      implements Serializable {}

  /** Plans the views by their places in the map. */
  static Overflow of(int full, Iterable<NewView> found, ChunkPlanner.Config config) {
    List<ViewSite> sites = new ArrayList<>();
    Map<ViewId, Place> places = new HashMap<>();
    for (NewView view : found) {
      Place place = view.spot().place();
      double x = place.xInComponent().x();
      double y = place.xInComponent().y();
      sites.add(new ViewSite(view.site().view(), x, y, view.site().order()));
      places.put(view.site().view(), place);
    }
    return new Overflow(full, places, ChunkPlanner.plan(sites, config));
  }

  Counts counts() {
    return new Counts(full, plan.chunks().stream().map(Chunk::size).toList(), plan.adjacencies());
  }

  /**
   * Which views are in which of the new chunks.
   *
   * @param first number of the first one in the plan
   */
  Iterator<Membership> memberships(int first) {
    List<Membership> memberships = new ArrayList<>();
    for (Chunk chunk : plan.chunks()) {
      ChunkId id = new ChunkId(first + chunk.id().value());
      chunk.owned().forEach(view -> memberships.add(new Membership(id, view, true)));
      chunk.halo().forEach(view -> memberships.add(new Membership(id, view, false)));
    }
    return memberships.iterator();
  }

  /** By the full chunk, the new chunks and where their views are. */
  Iterator<Tuple2<Integer, Tuple2<Integer, Place>>> places(int first) {
    List<Tuple2<Integer, Tuple2<Integer, Place>>> all = new ArrayList<>();
    for (Chunk chunk : plan.chunks()) {
      int number = first + chunk.id().value();
      chunk
          .owned()
          .forEach(view -> all.add(new Tuple2<>(full, new Tuple2<>(number, places.get(view)))));
    }
    return all.iterator();
  }
}
