package dev.tessera.partition;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkPlanner.Config;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/** The planner as a cluster runs it: shards counted and selected apart, merged in random order. */
final class ShardedPlanning {
  private record Pair(ChunkId borrower, ChunkId lender) {}

  private final List<List<ViewSite>> shards = new ArrayList<>();
  private final Random random;

  private ShardedPlanning(List<ViewSite> sites, int shardCount, long seed) {
    random = new Random(seed);
    for (int i = 0; i < shardCount; i++) {
      shards.add(new ArrayList<>());
    }
    sites.forEach(site -> shards.get(random.nextInt(shardCount)).add(site));
  }

  static Partition plan(List<ViewSite> sites, Config config, int shardCount, long seed) {
    return new ShardedPlanning(sites, shardCount, seed).run(config);
  }

  private Partition run(Config config) {
    SiteHistogram cells =
        reduce(shard -> count(new SiteHistogram(config), shard), SiteHistogram::merge);
    SequenceHistogram empty = cells.crowds(config);
    SequenceHistogram crowds =
        reduce(shard -> count(empty.emptyCopy(), shard), SequenceHistogram::merge);
    ChunkPlan plan = ChunkPlan.of(cells, crowds, config);
    Map<Pair, HaloSelection> halos =
        reduce(shard -> select(plan, shard), ShardedPlanning::mergeSelections);
    Map<ChunkId, List<ViewId>> owned = owned(plan);
    Map<ChunkId, List<HaloOffer>> borrowed = new HashMap<>();
    halos.forEach(
        (pair, selection) ->
            borrowed
                .computeIfAbsent(pair.borrower(), k -> new ArrayList<>())
                .addAll(selection.nearest()));
    List<Chunk> chunks =
        plan.chunks().stream()
            .map(c -> new Chunk(c.id(), owned.get(c.id()), inSequence(borrowed.get(c.id()))))
            .toList();
    return new Partition(chunks, plan.adjacencies());
  }

  private <T> T reduce(Function<List<ViewSite>, T> map, BinaryOperator<T> merge) {
    List<T> parts = new ArrayList<>(shards.stream().map(map).toList());
    while (parts.size() > 1) {
      Collections.shuffle(parts, random);
      T last = parts.remove(parts.size() - 1);
      parts.set(0, merge.apply(parts.get(0), last));
    }
    return parts.get(0);
  }

  private static SiteHistogram count(SiteHistogram histogram, List<ViewSite> shard) {
    shard.forEach(histogram::add);
    return histogram;
  }

  private static SequenceHistogram count(SequenceHistogram histogram, List<ViewSite> shard) {
    shard.forEach(histogram::add);
    return histogram;
  }

  private static Map<Pair, HaloSelection> select(ChunkPlan plan, List<ViewSite> shard) {
    Map<Pair, HaloSelection> selections = new HashMap<>();
    for (ViewSite site : shard) {
      for (HaloOffer offer : plan.haloOffers(site)) {
        selections
            .computeIfAbsent(
                new Pair(offer.borrower(), offer.lender()),
                k -> new HaloSelection(plan.quota(k.borrower(), k.lender())))
            .add(offer);
      }
    }
    return selections;
  }

  private static Map<Pair, HaloSelection> mergeSelections(
      Map<Pair, HaloSelection> one, Map<Pair, HaloSelection> two) {
    two.forEach((pair, selection) -> one.merge(pair, selection, HaloSelection::merge));
    return one;
  }

  private Map<ChunkId, List<ViewId>> owned(ChunkPlan plan) {
    Map<ChunkId, List<ViewId>> owned = new HashMap<>();
    shards.stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparingLong(ViewSite::order))
        .forEach(
            site ->
                owned.computeIfAbsent(plan.ownerOf(site), k -> new ArrayList<>()).add(site.view()));
    return owned;
  }

  private static List<ViewId> inSequence(List<HaloOffer> halo) {
    return halo == null
        ? List.of()
        : halo.stream()
            .sorted(Comparator.comparingLong(HaloOffer::order))
            .map(HaloOffer::view)
            .toList();
  }
}
