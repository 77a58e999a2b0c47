package dev.tessera.jobs;

import dev.tessera.imagery.ViewId;
import dev.tessera.jobs.tables.CameraRows.MapCamera;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.partition.Adjacency;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.ChunkPlan;
import dev.tessera.partition.ChunkPlanner;
import dev.tessera.partition.Extension;
import dev.tessera.partition.Extension.Place;
import dev.tessera.partition.Extension.Tie;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.partition.ViewSite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * A plan with the views that came after it: chunk-level on the driver, views on executors. What was
 * planned keeps its numbers and its views. Of each chunk, the views that were found in it become
 * its own if it has room for all of them; else they make a new chunk, or several, that borrow from
 * it. The views that were not found are planned among themselves and borrow where their positions
 * are near.
 */
final class PlanExtension {
  private final Run run;
  private final PublishedPlan base;
  private final ChunkPlanner.Config config;
  private final JavaRDD<NewView> views;
  private final Map<ChunkId, PlannedChunk> before;
  private final Set<ChunkId> extended;
  private final List<Border> borders;
  private final List<Tie> ties = new ArrayList<>();

  /** Which views are in which chunk, as far as that is planned. */
  private JavaRDD<Membership> memberships;

  /** Where the views of new chunks are, by the chunk that they may borrow from. */
  private JavaPairRDD<Integer, Tuple2<Integer, Place>> places;

  private int chunks;
  private int adjacencies;

  private PlanExtension(
      Run run, PublishedPlan base, JavaRDD<NewView> views, ChunkPlanner.Config config)
      throws IOException {
    this.run = run;
    this.base = base;
    this.config = config;
    this.views = views;
    this.before = base.chunks(run);
    this.memberships = base.memberships(run);
    this.borders = new ArrayList<>(base.borders(run));
    this.chunks = before.size();
    this.adjacencies = (int) base.partition().count("adjacencies");
    this.places = JavaPairRDD.fromJavaRDD(run.sc().emptyRDD());
    Map<ChunkId, Long> found = new TreeMap<>();
    views
        .filter(NewView::found)
        .mapToPair(view -> new Tuple2<>(view.chunk(), 1L))
        .reduceByKey(Long::sum)
        .collectAsMap()
        .forEach((chunk, n) -> found.put(new ChunkId(chunk), n));
    this.extended = Extension.withRoom(before, found, config.maxViews());
  }

  /**
   * Plans.
   *
   * @param views cached
   */
  static PlanExtension of(
      Run run, PublishedPlan base, JavaRDD<NewView> views, ChunkPlanner.Config config)
      throws IOException {
    PlanExtension extension = new PlanExtension(run, base, views, config);
    extension.extend();
    extension.planBeside();
    extension.planApart();
    extension.borrow();
    extension.memberships.persist(StorageLevel.MEMORY_AND_DISK());
    return extension;
  }

  /** How many chunks have become larger. */
  int extended() {
    return extended.size();
  }

  /** How many chunks are new. */
  int added() {
    return chunks - before.size();
  }

  int adjacencies() {
    return adjacencies + ties.size();
  }

  /** Which views are in which chunk. */
  JavaRDD<Membership> memberships() {
    return memberships;
  }

  List<Border> borders() {
    return borders.stream().distinct().sorted().toList();
  }

  /** The chunks by number, counted anew: the views of an old one may have other ranks now. */
  List<PlannedChunk> plan(JavaRDD<ViewSite> sites) {
    Broadcast<Map<ChunkId, PlannedChunk>> planned = run.sc().broadcast(before);
    return memberships
        .mapToPair(m -> new Tuple2<>(m.view().value(), m))
        .join(sites.mapToPair(site -> new Tuple2<>(site.view().value(), site)))
        .values()
        .mapToPair(m -> new Tuple2<>(m._1().chunk().value(), m))
        .groupByKey()
        .map(chunk -> planned(new ChunkId(chunk._1()), chunk._2(), planned.value()))
        .collect()
        .stream()
        .sorted(Comparator.comparing(PlannedChunk::id))
        .toList();
  }

  private static PlannedChunk planned(
      ChunkId id,
      Iterable<Tuple2<Membership, ViewSite>> members,
      Map<ChunkId, PlannedChunk> before) {
    List<ViewSite> owned = new ArrayList<>();
    int borrowed = 0;
    for (Tuple2<Membership, ViewSite> member : members) {
      if (member._1().owned()) {
        owned.add(member._2());
      } else {
        borrowed++;
      }
    }
    return Extension.planned(id, before.get(id), owned, borrowed);
  }

  private void extend() {
    Set<ChunkId> larger = extended;
    memberships =
        memberships.union(
            views
                .filter(view -> view.found() && larger.contains(new ChunkId(view.chunk())))
                .map(view -> new Membership(new ChunkId(view.chunk()), view.site().view(), true)));
  }

  /** The views that were found where there is no room for them, in chunks beside. */
  private void planBeside() {
    Set<ChunkId> larger = extended;
    ChunkPlanner.Config small = Extension.leavingRoom(config);
    JavaRDD<Overflow> overflows =
        views
            .filter(view -> view.found() && !larger.contains(new ChunkId(view.chunk())))
            .groupBy(NewView::chunk)
            .map(found -> Overflow.of(found._1(), found._2(), small))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Map<Integer, Integer> firsts = new HashMap<>();
    for (Overflow.Counts counts :
        overflows.map(Overflow::counts).collect().stream()
            .sorted(Comparator.comparingInt(Overflow.Counts::full))
            .toList()) {
      firsts.put(counts.full(), chunks);
      number(counts.adjacencies());
      for (int size : counts.views()) {
        Map<ChunkId, Long> near = Map.of(new ChunkId(counts.full()), (long) size);
        tie(Extension.ties(new ChunkId(chunks++), size, near, config));
      }
    }
    memberships = memberships.union(overflows.flatMap(o -> o.memberships(firsts.get(o.full()))));
    places = places.union(overflows.flatMapToPair(o -> o.places(firsts.get(o.full()))));
  }

  /** The views that were not found, in chunks of their own. */
  private void planApart() throws IOException {
    JavaRDD<NewView> lost =
        views.filter(view -> !view.found()).persist(StorageLevel.MEMORY_AND_DISK());
    if (lost.isEmpty()) {
      return;
    }
    JavaRDD<ViewSite> sites = lost.map(NewView::site);
    ChunkPlan plan = PartitionJob.plan(sites, Extension.leavingRoom(config));
    int first = chunks;
    chunks += plan.chunks().size();
    for (Border border : plan.borders()) {
      borders.add(new Border(numberedOn(border.a(), first), numberedOn(border.b(), first)));
    }
    adjacencies += plan.adjacencies().size();
    memberships =
        memberships.union(
            PartitionJob.memberships(run, sites, plan)
                .map(m -> new Membership(numberedOn(m.chunk(), first), m.view(), m.owned())));
    Broadcast<ChunkPlan> owners = run.sc().broadcast(plan);
    JavaPairRDD<Integer, Tuple2<Integer, Place>> near =
        lost.filter(view -> view.spot() != null)
            .mapToPair(
                view ->
                    new Tuple2<>(
                        view.chunk(),
                        new Tuple2<>(
                            first + owners.value().ownerOf(view.site()).value(),
                            view.spot().place())));
    places = places.union(near);
    tieApart(plan.chunks(), first, near);
  }

  private void tieApart(
      List<PlannedChunk> apart, int first, JavaPairRDD<Integer, Tuple2<Integer, Place>> near) {
    Map<Integer, Map<ChunkId, Long>> perChunk = new HashMap<>();
    near.mapToPair(n -> new Tuple2<>(new Tuple2<>(n._2()._1(), n._1()), 1L))
        .reduceByKey(Long::sum)
        .collectAsMap() // pairs of chunks
        .forEach(
            (pair, n) ->
                perChunk
                    .computeIfAbsent(pair._1(), k -> new TreeMap<>())
                    .put(new ChunkId(pair._2()), n));
    for (PlannedChunk chunk : apart) {
      ChunkId id = numberedOn(chunk.id(), first);
      tie(Extension.ties(id, chunk.views(), perChunk.getOrDefault(id.value(), Map.of()), config));
    }
  }

  private void number(List<Adjacency> own) {
    adjacencies += own.size();
    for (Adjacency adjacency : own) {
      borders.add(new Border(numberedOn(adjacency.a(), chunks), numberedOn(adjacency.b(), chunks)));
    }
  }

  private void tie(List<Tie> own) {
    ties.addAll(own);
    own.forEach(tie -> borders.add(tie.border()));
  }

  private static ChunkId numberedOn(ChunkId id, int first) {
    return new ChunkId(first + id.value());
  }

  /** Lends the new chunks what the ties say: of each lender's views in the map the nearest. */
  private void borrow() throws IOException {
    Map<Integer, Map<Integer, Integer>> quotas = new HashMap<>();
    for (Tie tie : ties) {
      quotas
          .computeIfAbsent(tie.lender().value(), k -> new HashMap<>())
          .put(tie.borrower().value(), tie.views());
    }
    memberships =
        memberships.union(
            places
                .filter(place -> quotas.containsKey(place._1()))
                .cogroup(lenders(quotas.keySet()))
                .flatMap(
                    lender -> lent(quotas.get(lender._1()), lender._2()._1(), lender._2()._2()))
                .distinct());
  }

  /** Where the map has the views of the chunks that lend, by chunk. */
  private JavaPairRDD<Integer, Tuple2<ViewId, Place>> lenders(Set<Integer> lending)
      throws IOException {
    Set<Integer> chunksThatLend = Set.copyOf(lending);
    return base.memberships(run)
        .filter(m -> chunksThatLend.contains(m.chunk().value()))
        .mapToPair(m -> new Tuple2<>(m.view().value(), m.chunk().value()))
        .join(
            PublishedMap.of(run, base.map())
                .cameras()
                .mapToPair(camera -> new Tuple2<>(camera.imageId(), place(camera))))
        .mapToPair(m -> new Tuple2<>(m._2()._1(), new Tuple2<>(new ViewId(m._1()), m._2()._2())));
  }

  private static Place place(MapCamera camera) {
    return new Place(camera.componentId(), camera.cameraFromWorld().center());
  }

  /**
   * What a chunk lends.
   *
   * @param quotas how many views, by borrower
   * @param borrowers and where their views are
   * @param own the views of the chunk
   */
  private static Iterator<Membership> lent(
      Map<Integer, Integer> quotas,
      Iterable<Tuple2<Integer, Place>> borrowers,
      Iterable<Tuple2<ViewId, Place>> own) {
    Map<ViewId, Place> candidates = new HashMap<>();
    own.forEach(view -> candidates.put(view._1(), view._2()));
    Map<Integer, List<Place>> places = new TreeMap<>();
    borrowers.forEach(b -> places.computeIfAbsent(b._1(), k -> new ArrayList<>()).add(b._2()));
    List<Membership> lent = new ArrayList<>();
    places.forEach(
        (borrower, theirs) ->
            Extension.nearest(candidates, theirs, quotas.getOrDefault(borrower, 0))
                .forEach(view -> lent.add(new Membership(new ChunkId(borrower), view, false))));
    return lent.iterator();
  }
}
