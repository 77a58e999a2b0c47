package dev.tessera.jobs;

import dev.tessera.imagery.Duplicates;
import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.imagery.PhotoOutcome.Accepted;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PositionChecks;
import dev.tessera.imagery.PositionSummary;
import dev.tessera.imagery.SequenceOrder;
import dev.tessera.imagery.View;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/** What ingest does with the whole set of photos, distributed. */
final class PhotoSets {
  private PhotoSets() {}

  /** Of photos with equal bytes one stays; the others become quarantined rows. */
  static JavaRDD<PhotoOutcome> withoutDuplicates(JavaRDD<PhotoOutcome> outcomes) {
    return outcomes
        .mapToPair(outcome -> new Tuple2<>(content(outcome), outcome))
        .groupByKey()
        .flatMap(equal -> Duplicates.resolve(list(equal._2())).iterator());
  }

  private static String content(PhotoOutcome outcome) {
    return outcome instanceof Accepted photo ? photo.view().sha256() : outcome.uri();
  }

  private static <T> List<T> list(Iterable<T> elements) {
    List<T> list = new ArrayList<>();
    elements.forEach(list::add);
    return list;
  }

  static JavaRDD<View> accepted(JavaRDD<PhotoOutcome> outcomes) {
    return outcomes.filter(Accepted.class::isInstance).map(o -> ((Accepted) o).view());
  }

  static JavaRDD<Quarantined> quarantined(JavaRDD<PhotoOutcome> outcomes) {
    return outcomes.filter(Quarantined.class::isInstance).map(Quarantined.class::cast);
  }

  /** Why a photo was refused, or something odd about one that was not. */
  record Code(boolean isReason, String word) implements Serializable {}

  /** All reasons and oddities, one element per case. */
  static JavaRDD<Code> codes(JavaRDD<PhotoOutcome> outcomes) {
    return outcomes.flatMap(
        outcome ->
            outcome instanceof Quarantined q
                ? List.of(new Code(true, q.reason().code())).iterator()
                : ((Accepted) outcome)
                    .notes().stream().map(note -> new Code(false, note.code())).iterator());
  }

  /**
   * The views with their place in the sequence of all: folder after folder in natural order, within
   * a folder in capture order. Positions that cannot be right have their sigmas inflated.
   */
  static JavaRDD<RankedView> ranked(
      JavaRDD<View> views, PositionChecks checks, PositionSummary positions) {
    Broadcast<Map<String, Long>> firstRanks =
        JavaSparkContext.fromSparkContext(views.context()).broadcast(firstRanks(views));
    return views
        .groupBy(PhotoSets::folder)
        .flatMap(
            folder -> {
              long first = firstRanks.value().get(folder._1());
              List<RankedView> ranked = new ArrayList<>();
              for (View view : checked(folder._2(), checks, positions)) {
                ranked.add(new RankedView(view, first + ranked.size()));
              }
              return ranked.iterator();
            });
  }

  private static String folder(View view) {
    return SequenceOrder.folder(view.name());
  }

  private static List<View> checked(
      Iterable<View> members, PositionChecks checks, PositionSummary positions) {
    return checks.check(checks.check(SequenceOrder.sorted(list(members))), positions);
  }

  private static Map<String, Long> firstRanks(JavaRDD<View> views) {
    List<Tuple2<String, Integer>> sizes =
        new ArrayList<>(
            views
                .mapToPair(view -> new Tuple2<>(folder(view), 1))
                .reduceByKey(Integer::sum)
                .collect()); // one row per folder
    sizes.sort(IngestJob::inNaturalOrder);
    Map<String, Long> firstRanks = new HashMap<>();
    long next = 0;
    for (Tuple2<String, Integer> folder : sizes) {
      firstRanks.put(folder._1(), next);
      next += folder._2();
    }
    return firstRanks;
  }
}
