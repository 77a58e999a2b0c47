package dev.tessera.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkPlanner.Config;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for the partition of any collection. */
class ChunkPlannerLawsTest {
  static Stream<Arguments> collections() {
    return Stream.of(
        collection("uniform", SeededSites.uniform(1, 3_000, 1_000), 100),
        collection("uniform, least chunks", SeededSites.uniform(2, 500, 300), 10),
        collection("city", SeededSites.city(3, 5_000), 150),
        collection("city, small chunks", SeededSites.city(4, 2_000), 20),
        collection("line", SeededSites.line(500, 4), 40),
        collection("line, small chunks", SeededSites.line(101, 4), 12),
        collection("ring", SeededSites.ring(300, 200), 50),
        collection("two islands", SeededSites.islands(5, 400, 5_000), 60),
        collection("one point", SeededSites.onOnePoint(10_000), 80),
        collection("truncated headers", SeededSites.truncated(6, 3_000), 60),
        collection("arc of 25", SeededSites.arc(25, 20), 12),
        collection("flight of 167, 60", SeededSites.flight(7, 167, 428, 416), 60),
        collection("flight of 167, 40", SeededSites.flight(7, 167, 428, 416), 40),
        collection("large flight", SeededSites.flight(8, 4_000, 2_000, 1_500), 120),
        collection("no positions", SeededSites.nowhere(1_000), 60),
        collection("mixed", SeededSites.mixed(9, 2_000, 0.4), 60),
        collection("few lost", SeededSites.mixed(10, 600, 0.05), 100),
        collection("few placed", SeededSites.mixed(11, 600, 0.95), 100),
        collection("one view", SeededSites.uniform(12, 1, 10), 10),
        collection("two views", SeededSites.uniform(13, 2, 10), 10),
        collection("one too many for a chunk", SeededSites.uniform(14, 61, 50), 60),
        collection("hundred thousand", SeededSites.city(15, 100_000), 200));
  }

  private static Arguments collection(String name, List<ViewSite> sites, int maxViews) {
    return Arguments.of(name, sites, Config.ofMaxViews(maxViews));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("collections")
  void keepsTheLaws(String name, List<ViewSite> sites, Config config) {
    Partition partition = ChunkPlanner.plan(sites, config);

    System.out.printf("%s: %s%n", name, PartitionLaws.summary(partition));
    PartitionLaws.check(partition, sites, config);
  }

  @Test
  void keepsTheLawsForAnySizeOfChunk() {
    for (int maxViews = 10; maxViews < 60; maxViews++) {
      Config config = Config.ofMaxViews(maxViews);
      for (List<ViewSite> sites :
          List.of(
              SeededSites.uniform(maxViews, 40 + 7 * maxViews, 100),
              SeededSites.mixed(maxViews, 300, 0.3),
              SeededSites.truncated(maxViews, 250),
              SeededSites.nowhere(7 * maxViews + 1),
              SeededSites.islands(maxViews, 150, 400))) {
        PartitionLaws.check(ChunkPlanner.plan(sites, config), sites, config);
      }
    }
  }

  @Test
  void keepsTheLawsForAnyConfiguration() {
    Random random = new Random(99);
    for (int trial = 0; trial < 200; trial++) {
      int shared = 1 + random.nextInt(8);
      int maxViews = Math.max(8, 2 * shared) + random.nextInt(trial % 2 == 0 ? 4 : 60);
      int maxCells = 4 << random.nextInt(14);
      Config config = new Config(maxViews, shared, random.nextDouble() * 0.5, 0.5, maxCells);
      int views = 1 + random.nextInt(400);
      for (List<ViewSite> sites :
          List.of(
              SeededSites.uniform(trial, views, 500),
              SeededSites.mixed(trial, views, random.nextDouble()),
              SeededSites.truncated(trial, views))) {
        PartitionLaws.check(ChunkPlanner.plan(sites, config), sites, config);
      }
    }
  }

  /** Chunks without halos have no view in common, and are neighbours all the same. */
  @Test
  void withoutHalosEveryViewIsInOneChunk() {
    Config config = new Config(20, 0, 0, 0.5, Config.MOST_CELLS);
    for (List<ViewSite> sites :
        List.of(
            SeededSites.uniform(7, 300, 100),
            SeededSites.mixed(7, 300, 0.3),
            SeededSites.nowhere(61),
            SeededSites.islands(7, 150, 400))) {
      Partition partition = ChunkPlanner.plan(sites, config);

      assertThat(partition.chunks()).hasSizeGreaterThan(2).allMatch(c -> c.halo().isEmpty());
      assertThat(partition.chunks().stream().mapToInt(c -> c.owned().size()).sum())
          .isEqualTo(sites.size());
      SiteHistogram cells = new SiteHistogram(config);
      sites.forEach(cells::add);
      SequenceHistogram crowds = cells.crowds(config);
      sites.forEach(crowds::add);
      assertThat(ChunkPlan.of(cells, crowds, config).borders())
          .hasSizeGreaterThanOrEqualTo(partition.chunks().size() - 1);
    }
  }

  @Test
  void fewerCellsThanMeetAtTheOriginAreRefused() {
    assertThatThrownBy(() -> new Config(60, 5, 0.3, 0.5, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cells must be at least 4, was 3");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("collections")
  void dependsNeitherOnInputOrderNorOnSharding(String name, List<ViewSite> sites, Config config) {
    List<ViewSite> shuffled = new ArrayList<>(sites);
    Collections.shuffle(shuffled, new Random(20));

    Partition sharded = ShardedPlanning.plan(shuffled, config, 7, 21);

    assertThat(ChunkPlanner.plan(shuffled, config)).isEqualTo(sharded);
    assertThat(ChunkPlanner.plan(sites, config)).isEqualTo(sharded);
  }

  /** Chunks with the same views are not computed again when a map grows. */
  @Test
  void fiveMoreViewsInOnePlaceLeaveAThirdOfALargeFlightAsItIs() {
    List<ViewSite> flight = new ArrayList<>(SeededSites.flight(8, 4_000, 2_000, 1_500));
    flight.sort(Comparator.comparingLong(ViewSite::order));
    Config config = Config.ofMaxViews(120);
    Set<Set<ViewId>> grown = viewsOfChunks(ChunkPlanner.plan(flight, config));
    Random random = new Random(1);
    int trials = 10;
    int kept = 0;
    for (int trial = 0; trial < trials; trial++) {
      List<ViewSite> before = new ArrayList<>(flight);
      int from = random.nextInt(before.size() - 5);
      before.subList(from, from + 5).clear();
      Set<Set<ViewId>> same = viewsOfChunks(ChunkPlanner.plan(before, config));
      same.retainAll(grown);
      kept += same.size();
    }

    System.out.printf("%.1f of %d chunks kept%n", (double) kept / trials, grown.size());
    assertThat(3 * kept).isGreaterThan(trials * grown.size());
  }

  private static Set<Set<ViewId>> viewsOfChunks(Partition partition) {
    Set<Set<ViewId>> chunks = new HashSet<>();
    for (Chunk chunk : partition.chunks()) {
      Set<ViewId> views = new HashSet<>(chunk.owned());
      views.addAll(chunk.halo());
      chunks.add(views);
    }
    return chunks;
  }

  @Test
  void aCollectionThatFitsIsOneChunkWithoutHalo() {
    List<ViewSite> sites = SeededSites.mixed(30, 60, 0.5);

    Partition partition = ChunkPlanner.plan(sites, Config.ofMaxViews(60));

    assertThat(partition.chunks()).hasSize(1);
    assertThat(partition.chunks().get(0).owned())
        .isEqualTo(sites.stream().map(ViewSite::view).toList());
    assertThat(partition.chunks().get(0).halo()).isEmpty();
    assertThat(partition.adjacencies()).isEmpty();
  }

  @Test
  void aCollectionOfNothingHasNoChunks() {
    assertThat(ChunkPlanner.plan(List.of(), Config.ofMaxViews(60)).chunks()).isEmpty();
  }

  @Test
  void withoutPositionsChunksAreWindowsOfTheSequence() {
    List<ViewSite> sites = SeededSites.nowhere(500);

    Partition partition = ChunkPlanner.plan(sites, Config.ofMaxViews(60));

    List<ViewId> inTurn = partition.chunks().stream().flatMap(c -> c.owned().stream()).toList();
    assertThat(inTurn).isEqualTo(sites.stream().map(ViewSite::view).toList());
    assertThat(partition.adjacencies())
        .allMatch(link -> link.b().value() == link.a().value() + 1)
        .hasSize(partition.chunks().size() - 1);
  }

  @Test
  void aHaloIsNearerToItsChunkThanTheViewsLeftBehind() {
    List<ViewSite> sites = SeededSites.line(200, 5);
    Map<ViewId, ViewSite> site = new HashMap<>();
    sites.forEach(s -> site.put(s.view(), s));

    for (Chunk chunk : ChunkPlanner.plan(sites, Config.ofMaxViews(40)).chunks()) {
      List<Long> orders =
          Stream.concat(chunk.owned().stream(), chunk.halo().stream())
              .map(view -> site.get(view).order())
              .sorted()
              .toList();
      assertThat(orders.get(orders.size() - 1) - orders.get(0)).isEqualTo(orders.size() - 1);
    }
  }

  @Test
  void chunksTooSmallToOverlapAreRefused() {
    assertThatThrownBy(() -> Config.ofMaxViews(7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot plan chunks of 7 views: 5 shared views per border need at least 10");
  }

  @Test
  void ordersThatAreNotDistinctAreRefused() {
    List<ViewSite> sites = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      sites.add(ViewSite.unpositioned(new ViewId(i), 0));
    }

    assertThatThrownBy(() -> ChunkPlanner.plan(sites, Config.ofMaxViews(10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot plan chunks: orders must be distinct, 100 views have an order in [0, 0]");
  }

  @Test
  void aBorderBetweenIslandsFollowsTheGap() {
    List<ViewSite> sites = SeededSites.islands(40, 300, 2_000);
    Map<ViewId, Boolean> east = new HashMap<>();
    sites.forEach(site -> east.put(site.view(), site.eastMeters() > 1_000));

    for (Chunk chunk : ChunkPlanner.plan(sites, Config.ofMaxViews(60)).chunks()) {
      Set<Boolean> sides = new HashSet<>();
      chunk.owned().forEach(view -> sides.add(east.get(view)));
      assertThat(sides).hasSize(1);
    }
  }
}
