package dev.tessera.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkPlanner.Config;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The laws a partition keeps, whatever the collection. */
final class PartitionLaws {
  private PartitionLaws() {}

  static void check(Partition partition, List<ViewSite> sites, Config config) {
    eachViewHasOneOwner(partition, sites);
    noChunkIsOverTheMaximum(partition, config);
    adjacentChunksShareEnough(partition, config);
    everyChunkIsReached(partition);
  }

  static String summary(Partition partition) {
    IntSummaryStatistics owned =
        partition.chunks().stream().mapToInt(c -> c.owned().size()).summaryStatistics();
    IntSummaryStatistics size =
        partition.chunks().stream().mapToInt(Chunk::size).summaryStatistics();
    Map<ChunkId, Set<ViewId>> views = views(partition);
    IntSummaryStatistics shared =
        partition.adjacencies().stream().mapToInt(l -> shared(views, l)).summaryStatistics();
    return "%d chunks, owned %d-%d (mean %.1f), with halo %d-%d (mean %.1f), %d links sharing %s"
        .formatted(
            partition.chunks().size(),
            owned.getMin(),
            owned.getMax(),
            owned.getAverage(),
            size.getMin(),
            size.getMax(),
            size.getAverage(),
            partition.adjacencies().size(),
            shared.getCount() == 0
                ? "nothing"
                : "%d-%d (mean %.1f)"
                    .formatted(shared.getMin(), shared.getMax(), shared.getAverage()));
  }

  private static void eachViewHasOneOwner(Partition partition, List<ViewSite> sites) {
    List<ViewId> owned = new ArrayList<>();
    partition.chunks().forEach(chunk -> owned.addAll(chunk.owned()));
    List<ViewId> all = sites.stream().map(ViewSite::view).sorted().toList();
    assertThat(owned.stream().sorted().toList()).isEqualTo(all);
  }

  private static void noChunkIsOverTheMaximum(Partition partition, Config config) {
    for (Chunk chunk : partition.chunks()) {
      assertThat(chunk.size()).isLessThanOrEqualTo(config.maxViews());
      assertThat(chunk.owned()).isNotEmpty();
      Set<ViewId> distinct = new HashSet<>(chunk.owned());
      distinct.addAll(chunk.halo());
      assertThat(distinct).as("views of chunk %s", chunk.id()).hasSize(chunk.size());
    }
  }

  private static void adjacentChunksShareEnough(Partition partition, Config config) {
    Map<ChunkId, Set<ViewId>> views = views(partition);
    for (Adjacency link : partition.adjacencies()) {
      assertThat(shared(views, link))
          .as("shared by chunks %s and %s", link.a(), link.b())
          .isGreaterThanOrEqualTo(link.shared());
      assertThat(link.shared()).isGreaterThanOrEqualTo(config.minSharedViews());
    }
  }

  private static void everyChunkIsReached(Partition partition) {
    Map<ChunkId, List<ChunkId>> next = new HashMap<>();
    for (Adjacency link : partition.adjacencies()) {
      next.computeIfAbsent(link.a(), k -> new ArrayList<>()).add(link.b());
      next.computeIfAbsent(link.b(), k -> new ArrayList<>()).add(link.a());
    }
    Set<ChunkId> seen = new HashSet<>(Set.of(new ChunkId(0)));
    Deque<ChunkId> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      for (ChunkId neighbour : next.getOrDefault(open.remove(), List.of())) {
        if (seen.add(neighbour)) {
          open.add(neighbour);
        }
      }
    }
    assertThat(seen).hasSameSizeAs(partition.chunks());
  }

  private static int shared(Map<ChunkId, Set<ViewId>> views, Adjacency link) {
    Set<ViewId> other = views.get(link.b());
    return (int) views.get(link.a()).stream().filter(other::contains).count();
  }

  private static Map<ChunkId, Set<ViewId>> views(Partition partition) {
    Map<ChunkId, Set<ViewId>> views = new HashMap<>();
    for (Chunk chunk : partition.chunks()) {
      Set<ViewId> all = new HashSet<>(chunk.owned());
      all.addAll(chunk.halo());
      views.put(chunk.id(), all);
    }
    return views;
  }
}
