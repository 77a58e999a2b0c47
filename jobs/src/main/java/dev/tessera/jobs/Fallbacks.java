package dev.tessera.jobs;

import dev.tessera.jobs.Sources.Source;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.merge.MapFrames;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.partition.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a run did otherwise than a reader would expect, one sentence each. */
final class Fallbacks {
  private static final int MOST_NAMED = 20;

  private Fallbacks() {}

  static List<String> of(Run run, MapSolution solution) throws IOException {
    List<String> fallbacks = new ArrayList<>();
    StageManifest ingest = run.workspace().required(Stage.INGEST);
    long blind = ingest.count("views") - ingest.count("positioned");
    if (blind > 0) {
      fallbacks.add(blind + " views have no position: they were grouped by their sequence.");
    }
    if (ingest.count("suspicious_positions") > 0) {
      fallbacks.add(
          ingest.count("suspicious_positions")
              + " positions were not believed and got a large sigma.");
    }
    StageManifest partition = run.workspace().required(Stage.PARTITION);
    extension(partition, fallbacks);
    int asked = run.settings().integer("partition.max-views-per-chunk");
    if (partition.count("max_views") < asked) {
      fallbacks.add(
          "Chunks hold at most %d views, not %d: the engine's memory allows no more."
              .formatted(partition.count("max_views"), asked));
    }
    int shared = run.settings().integer("partition.min-shared-views");
    if (partition.count("min_shared_views") < shared) {
      fallbacks.add(
          "Neighbouring chunks share at least %d views, not %d: chunks are too small for more."
              .formatted(partition.count("min_shared_views"), shared));
    }
    halved(solution, whole -> !whole.rechunked())
        .map("Chunks that ran out of memory were halved: %s."::formatted)
        .ifPresent(fallbacks::add);
    halved(solution, Outcome::rechunked)
        .map("Chunks that the others contradict were made again in halves: %s."::formatted)
        .ifPresent(fallbacks::add);
    borders(run.workspace().required(Stage.REPAIR), fallbacks);
    for (Source source : run.sources().joined()) {
      if (!isJoined(source, run, solution)) {
        fallbacks.add(
            "No edge joins the chunks of %s to the others: they are components of their own."
                .formatted(source.workspace().root().getName()));
      }
    }
    long floating = count(solution, MapFrames.Status.FLOATING);
    if (floating > 0) {
      fallbacks.add(
          floating
              + " chunks have no link to any GPS: not georeferenced, in units of their own, fused"
              + " into voxels of automatic size.");
    }
    long rejected = count(solution, MapFrames.Status.GPS_REJECTED);
    if (rejected > 0) {
      fallbacks.add(rejected + " chunks were placed by their neighbours against their own GPS.");
    }
    int wrong = solution.frames().quarantined().size();
    if (wrong > 0) {
      fallbacks.add(wrong + " chunks are not in the map: the rest of it contradicts them.");
    }
    return fallbacks;
  }

  /** Whether a chunk of the workspace is in one component with a chunk of another. */
  private static boolean isJoined(Source source, Run run, MapSolution solution) throws IOException {
    int after = source.firstChunk() + ChunkTables.plan(run, source).size();
    Map<Boolean, Set<Integer>> components =
        solution.frames().frames().stream()
            .collect(
                Collectors.partitioningBy(
                    f -> f.chunk().value() >= source.firstChunk() && f.chunk().value() < after,
                    Collectors.mapping(ChunkFrame::componentId, Collectors.toSet())));
    return !Collections.disjoint(components.get(true), components.get(false));
  }

  /** What came of photos that were added to a map. */
  private static void extension(StageManifest partition, List<String> fallbacks) {
    if (!partition.facts().containsKey(ExtendJob.EXTENDS)) {
      return;
    }
    fallbacks.add(
        "The plan of the map before was kept: of %d new views %d were found in it; %d chunks were made larger, %d are new."
            .formatted(
                partition.count(ExtendJob.NEW_VIEWS),
                partition.count(ExtendJob.FOUND),
                partition.count(ExtendJob.EXTENDED),
                partition.count(ExtendJob.ADDED)));
    if (partition.count(ExtendJob.BY_GPS) > 0) {
      fallbacks.add(
          "That map remembered nothing: %d new views were put into the chunk nearest to their GPS."
              .formatted(partition.count(ExtendJob.BY_GPS)));
    }
  }

  /** What neighbours without an edge were given. */
  private static void borders(StageManifest repair, List<String> fallbacks) {
    if (repair.count("seams") > 0) {
      fallbacks.add(
          "Neighbouring chunks had no edge in %d places: of as many seam chunks made there, %d join them."
              .formatted(repair.count("seams"), repair.count("seams_joining")));
    }
    long open = repair.count("borders_open");
    if (open > 0) {
      List<?> named = (List<?>) repair.facts().get("open");
      String rest = open > named.size() ? ", and %d more".formatted(open - named.size()) : "";
      fallbacks.add(
          "Neighbouring chunks that no edge joins: %s%s."
              .formatted(
                  named.stream().map(Object::toString).collect(Collectors.joining(", ")), rest));
    }
  }

  /** Which of the halved chunks these are, and which stand for them. */
  private static Optional<String> halved(MapSolution solution, Predicate<Outcome> which) {
    Map<ChunkId, List<String>> halves = new TreeMap<>();
    for (Outcome outcome : solution.outcomes().values()) {
      if (outcome.halvedFrom() != null
          && which.test(solution.outcomes().get(outcome.halvedFrom()))) {
        halves
            .computeIfAbsent(outcome.halvedFrom(), whole -> new ArrayList<>())
            .add(outcome.chunk().toString());
      }
    }
    if (halves.isEmpty()) {
      return Optional.empty();
    }
    String named =
        halves.entrySet().stream()
            .limit(MOST_NAMED)
            .map(whole -> whole.getKey() + " into " + String.join(" and ", whole.getValue()))
            .collect(Collectors.joining(", "));
    String rest =
        halves.size() > MOST_NAMED ? ", and %d more".formatted(halves.size() - MOST_NAMED) : "";
    return Optional.of(named + rest);
  }

  private static long count(MapSolution solution, MapFrames.Status status) {
    return solution.frames().frames().stream()
        .map(ChunkFrame::status)
        .filter(status::equals)
        .count();
  }
}
