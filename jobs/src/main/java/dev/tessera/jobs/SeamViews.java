package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.imagery.ViewId;
import dev.tessera.jobs.ChunkMembers.Member;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.partition.Seam;
import dev.tessera.partition.ViewSite;
import dev.tessera.reconstruct.SceneCamera;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * The views of a seam chunk, of either side those that its scene has a pose for: without one they
 * would tie nothing to it.
 */
record SeamViews(Border border, Seam seam, List<RankedView> views) implements Serializable {

  /** A view and the chunk that owns it. */
  private record Owned(int chunk, RankedView ranked) implements Serializable {}

  /**
   * The seams of the borders that have enough views on both sides. Shuffles the views of the chunks
   * at these borders, and all views once to find them.
   */
  static JavaRDD<SeamViews> of(
      Run run,
      List<Border> borders,
      JavaRDD<Membership> memberships,
      Map<ChunkId, Outcome> outcomes,
      Seam.Config config)
      throws IOException {
    Map<Integer, List<Integer>> bordersOf = new HashMap<>();
    for (int i = 0; i < borders.size(); i++) {
      bordersOf.computeIfAbsent(borders.get(i).a().value(), k -> new ArrayList<>()).add(i);
      bordersOf.computeIfAbsent(borders.get(i).b().value(), k -> new ArrayList<>()).add(i);
    }
    Broadcast<Map<Integer, List<Integer>>> atBorders = run.sc().broadcast(bordersOf);
    Task task =
        new Task(
            run.sc().broadcast(borders),
            run.sc().broadcast(AlignJob.storeKeys(outcomes)),
            run.store(),
            IngestJob.world(run.workspace().required(Stage.INGEST)),
            config);
    return memberships
        .filter(m -> m.owned() && atBorders.value().containsKey(m.chunk().value()))
        .mapToPair(m -> new Tuple2<>(m.view().value(), m.chunk().value()))
        .join(ChunkTables.views(run).mapToPair(v -> new Tuple2<>(v.view().id().value(), v)))
        .values()
        .flatMapToPair(
            view -> atBorder(atBorders.value().get(view._1()), new Owned(view._1(), view._2())))
        .groupByKey()
        .flatMap(side -> task.seam(side._1(), side._2()).stream().iterator());
  }

  private static Iterator<Tuple2<Integer, Owned>> atBorder(List<Integer> borders, Owned view) {
    return borders.stream().map(border -> new Tuple2<>(border, view)).iterator();
  }

  /** What an executor does with the views of both sides of a border. */
  private record Task(
      Broadcast<List<Border>> borders,
      Broadcast<Map<Integer, String>> storeKeys,
      ChunkStore store,
      LocalFrame world,
      Seam.Config config)
      implements Serializable {

    Optional<SeamViews> seam(int number, Iterable<Owned> owned) throws IOException {
      Border border = borders.value().get(number);
      Map<ViewId, RankedView> views = new HashMap<>();
      List<ViewSite> a = side(border.a(), owned, views);
      List<ViewSite> b = side(border.b(), owned, views);
      return Seam.between(a, b, config)
          .map(
              seam ->
                  new SeamViews(
                      border,
                      seam,
                      seam.views().stream().map(site -> views.get(site.view())).toList()));
    }

    private List<ViewSite> side(ChunkId chunk, Iterable<Owned> owned, Map<ViewId, RankedView> views)
        throws IOException {
      Set<ViewId> registered = new HashSet<>();
      for (SceneCamera camera : store.readCameras(storeKeys.value().get(chunk.value()))) {
        registered.add(camera.view());
      }
      List<ViewSite> sites = new ArrayList<>();
      for (Owned view : owned) {
        ViewId id = view.ranked().view().id();
        if (view.chunk() == chunk.value() && registered.contains(id)) {
          views.put(id, view.ranked());
          sites.add(PartitionJob.site(view.ranked(), world));
        }
      }
      return sites;
    }
  }

  /** As it stands in the plan under its number. */
  PlannedChunk planned(ChunkId id) {
    return seam.planned(id);
  }

  /** What is to be reconstructed under its number. */
  ChunkMembers members(ChunkId id) {
    return new ChunkMembers(id, views.stream().map(view -> new Member(view, false)).toList());
  }
}
