package dev.tessera.jobs;

import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.jobs.tables.ChunkRows;
import dev.tessera.jobs.tables.FailureRows.Failure;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.merge.MapFrames;
import dev.tessera.reconstruct.ChunkScene.Unregistered;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/** Everything that is not in the map, each with a reason: photos and chunks. */
final class MapFailures {
  private MapFailures() {}

  static JavaRDD<Failure> of(Run run, MapSolution solution, MapExports exports) throws IOException {
    JavaRDD<Failure> chunks =
        run.sc()
            .parallelize(
                solution.outcomes().values().stream()
                    .filter(Outcome::lost)
                    .map(lost -> chunk(lost, solution.isRepair(lost.chunk())))
                    .toList(),
                1);
    JavaRDD<Failure> contradicted =
        run.sc()
            .parallelize(
                solution.frames().quarantined().stream().map(MapFailures::contradicted).toList(),
                1);
    JavaRDD<Failure> quarantined = ChunkTables.quarantined(run).map(MapFailures::quarantined);
    return quarantined
        .union(unregistered(run, solution, exports))
        .union(chunks)
        .union(contradicted);
  }

  private static Failure chunk(Outcome o, boolean ofRepair) {
    return new Failure(
        (ofRepair ? Stage.REPAIR : Stage.RECONSTRUCT).word(),
        "chunk",
        o.chunk().toString(),
        o.chunk().value(),
        o.reason().toLowerCase(Locale.ROOT),
        o.detail());
  }

  private static Failure contradicted(MapFrames.Quarantined q) {
    return new Failure(
        "merge",
        "chunk",
        q.chunk().toString(),
        q.chunk().value(),
        ChunkRows.CONTRADICTED,
        q.detail());
  }

  private static Failure quarantined(Quarantined q) {
    return new Failure("ingest", "photo", q.name(), null, q.reason().code(), q.detail());
  }

  /** Views that no chunk registered; the reason is what the chunk that owns the view says. */
  private static JavaRDD<Failure> unregistered(Run run, MapSolution solution, MapExports exports)
      throws IOException {
    Reasons reasons = Reasons.of(run, solution);
    JavaPairRDD<Long, String> names =
        ChunkTables.views(run)
            .mapToPair(v -> new Tuple2<>(v.view().id().value(), v.view().name()))
            .subtractByKey(exports.winners());
    return ChunkTables.memberships(run)
        .filter(Membership::owned)
        .mapToPair(m -> new Tuple2<>(m.view().value(), m.chunk().value()))
        .join(names)
        .mapToPair(v -> new Tuple2<>(v._2()._1(), new Tuple2<>(v._1(), v._2()._2())))
        .groupByKey()
        .flatMap(chunk -> reasons.of(chunk._1(), chunk._2()));
  }

  /** Looks up why views are missing, chunk by chunk, on an executor. */
  private record Reasons(ChunkStore store, Broadcast<Map<Integer, String>> keys)
      implements Serializable {
    static Reasons of(Run run, MapSolution solution) {
      return new Reasons(run.store(), run.sc().broadcast(AlignJob.storeKeys(solution.outcomes())));
    }

    Iterator<Failure> of(int chunk, Iterable<Tuple2<Long, String>> views) throws IOException {
      Map<Long, Unregistered> known = new HashMap<>();
      if (keys.value().containsKey(chunk)) {
        for (Unregistered u : store.readUnregistered(keys.value().get(chunk))) {
          known.put(u.view().value(), u);
        }
      }
      List<Failure> failures = new ArrayList<>();
      for (Tuple2<Long, String> view : views) {
        failures.add(failure(chunk, view._2(), known.get(view._1())));
      }
      return failures.iterator();
    }

    private static Failure failure(int chunk, String name, Unregistered why) {
      return why == null
          ? new Failure(
              "reconstruct", "photo", name, chunk, "chunk_failed", "its chunk is not in the map")
          : new Failure(
              "reconstruct",
              "photo",
              name,
              chunk,
              why.reason().name().toLowerCase(Locale.ROOT),
              why.detail());
    }
  }
}
