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
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/** What ingest does with the whole set of photos, distributed. */
final class PhotoSets {
  private PhotoSets() {}

  /** Of photos with equal bytes one stays; the others become quarantined rows. */
  static JavaRDD<PhotoOutcome> withoutDuplicates(JavaRDD<PhotoOutcome> outcomes) {
    JavaPairRDD<String, Accepted> bySha =
        outcomes
            .filter(Accepted.class::isInstance)
            .map(Accepted.class::cast)
            .mapToPair(a -> new Tuple2<>(a.view().sha256(), a));
    JavaRDD<PhotoOutcome> resolved =
        bySha
            .join(bySha.reduceByKey(Duplicates::kept))
            .map(pair -> Duplicates.resolve(pair._2()._1(), pair._2()._2()));
    return outcomes.filter(Quarantined.class::isInstance).union(resolved);
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
    JavaPairRDD<String, List<View>> folders =
        views
            .groupBy(view -> SequenceOrder.folder(view.name()))
            .mapValues(members -> checked(members, checks, positions))
            .cache();
    Map<String, Long> firstRanks = firstRanks(folders);
    return folders.flatMap(
        folder -> {
          long first = firstRanks.get(folder._1());
          List<RankedView> ranked = new ArrayList<>();
          for (View view : folder._2()) {
            ranked.add(new RankedView(view, first + ranked.size()));
          }
          return ranked.iterator();
        });
  }

  private static List<View> checked(
      Iterable<View> members, PositionChecks checks, PositionSummary positions) {
    List<View> folder = new ArrayList<>();
    members.forEach(folder::add);
    return checks.check(checks.check(SequenceOrder.sorted(folder)), positions);
  }

  private static Map<String, Long> firstRanks(JavaPairRDD<String, List<View>> folders) {
    List<Tuple2<String, Integer>> sizes = new ArrayList<>(folders.mapValues(List::size).collect());
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
