package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.jobs.MapSpots.Spot;
import dev.tessera.jobs.tables.LocalizedRows.LocalizedPhoto;
import dev.tessera.jobs.tables.LocalizedRows.Status;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.partition.ViewSite;
import java.io.IOException;
import java.io.Serializable;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * A view that a plan does not have.
 *
 * @param spot where the map of the plan has it, or would; null if it is nowhere near
 */
record NewView(ViewSite site, Spot spot) implements Serializable {
  /** Whether it belongs to a chunk of the plan. */
  boolean found() {
    return spot != null && spot.found();
  }

  /** The chunk of the plan that it was found in, or is near. */
  int chunk() {
    return spot.chunk();
  }

  /**
   * The views that the plan of a map does not have, each asked of the map as {@code localize} asks.
   * If that remembers nothing, positions are believed instead.
   *
   * @param views all there are, by id
   * @param sites the same as the planner sees them
   */
  static JavaRDD<NewView> of(
      Run run, PublishedPlan plan, JavaPairRDD<Long, View> views, JavaRDD<ViewSite> sites)
      throws IOException {
    JavaPairRDD<Long, ViewSite> unplanned =
        sites
            .mapToPair(site -> new Tuple2<>(site.view().value(), site))
            .subtractByKey(
                plan.memberships(run)
                    .filter(Membership::owned)
                    .mapToPair(m -> new Tuple2<>(m.view().value(), true)));
    PublishedMap map = PublishedMap.of(run, plan.map());
    Broadcast<MapSpots> spots = run.sc().broadcast(MapSpots.of(map));
    boolean remembers = remembers(run, map);
    JavaRDD<View> photos = views.join(unplanned).values().map(Tuple2::_1);
    JavaPairRDD<Long, Spot> found =
        remembers
            ? located(run, map, photos)
                .mapToPair(p -> new Tuple2<>(p.imageId(), spots.value().found(p.pose())))
                .filter(spot -> spot._2() != null)
            : JavaPairRDD.fromJavaRDD(run.sc().emptyRDD());
    return unplanned
        .leftOuterJoin(found)
        .values()
        .map(
            view ->
                new NewView(
                    view._1(),
                    view._2().isPresent()
                        ? view._2().get()
                        : spots.value().near(view._1(), !remembers)));
  }

  /** Whether any chunk of the map can be asked. */
  static boolean remembers(Run run, PublishedMap map) throws IOException {
    return MemoryFiles.exist(run.workspace().fs(), map.folder());
  }

  private static JavaRDD<LocalizedPhoto> located(Run run, PublishedMap map, JavaRDD<View> photos)
      throws IOException {
    return PhotoQuestions.of(run, map, photos)
        .answered(PhotoPlacement.of(run, map))
        .filter(photo -> photo.status() == Status.LOCATED);
  }
}
