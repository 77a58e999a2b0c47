package dev.tessera.jobs;

import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.jobs.BenchProbe.Measured;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.synthetic.SurveyEngine;
import dev.tessera.synthetic.SyntheticSurvey;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;

/**
 * Runs all stages on made-up rows: ingest from what the headers would say, the other stages as they
 * are, with an engine that knows the scenes. What remains is what Spark and the driver do.
 */
public final class RowsBench {
  private static final int PHOTOS_PER_TASK = 10_000;

  private RowsBench() {}

  /**
   * @param workspace an empty folder, which is left with all tables and the map
   * @return numbers by name, as docs/benchmarks.md has them
   */
  public static Map<String, Object> run(
      Settings settings, String master, String workspace, SyntheticSurvey survey)
      throws IOException {
    Pipeline.Request request =
        new Pipeline.Request(null, workspace, master, false, Set.of(), Stage.OF_A_RUN);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("photos", survey.photos());
    Pipeline.withRun(
        settings, new SurveyEngine(survey), request, null, run -> measure(run, survey, fields));
    fields.put("peak_mb", Math.round(BenchProbe.peakResidentMebibytes()));
    return fields;
  }

  private static void measure(Run run, SyntheticSurvey survey, Map<String, Object> fields)
      throws IOException {
    BenchProbe probe = BenchProbe.of(run.spark().sparkContext());
    List<StageJob> jobs =
        List.of(
            new SurveyIngest(survey),
            new PartitionJob(),
            new ReconstructJob(),
            new AlignJob(),
            new RepairJob(),
            new MergeJob());
    Map<String, Object> stages = new LinkedHashMap<>();
    double seconds = 0;
    double peakHeap = 0;
    for (StageJob job : jobs) {
      Measured measured = probe.measure(() -> StageRunner.run(job, run));
      stages.put(job.stage().word(), stage(measured, survey.photos()));
      seconds += measured.seconds();
      peakHeap = Math.max(peakHeap, measured.peakHeapMebibytes());
    }
    StageManifest merge = run.workspace().required(Stage.MERGE);
    for (String count : List.of("views", "registered", "chunks", "edges", "components", "points")) {
      fields.put(count, merge.count(count));
    }
    fields.put("gps_residual_median_m", merge.number("gps_residual_median_m"));
    fields.put("seconds", rounded(seconds));
    fields.put("peak_heap_mb", Math.round(peakHeap));
    fields.put("stages", stages);
  }

  private static Map<String, Object> stage(Measured measured, int photos) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("seconds", rounded(measured.seconds()));
    fields.put("cpu_seconds", rounded(measured.cpuSeconds()));
    fields.put("photos_per_second", Math.round(photos / measured.seconds()));
    fields.put("peak_heap_mb", Math.round(measured.peakHeapMebibytes()));
    fields.put("live_heap_mb", Math.round(measured.liveHeapMebibytes()));
    fields.put("shuffled_bytes_per_photo", Math.round((double) measured.shuffledBytes() / photos));
    return fields;
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  /** Ingest without files: from the outcomes of reading them on. */
  private record SurveyIngest(SyntheticSurvey survey) implements StageJob {
    @Override
    public Stage stage() {
      return Stage.INGEST;
    }

    @Override
    public String inputKey(Run run) {
      return survey.toString();
    }

    @Override
    public String dependsOn(Run run) {
      return run.settings().canonical("ingest");
    }

    @Override
    public Map<String, Object> write(Run run, String key, Path attempt) throws IOException {
      SyntheticSurvey all = survey;
      int tasks = 1 + (all.photos() - 1) / PHOTOS_PER_TASK;
      List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
      JavaRDD<PhotoOutcome> outcomes =
          run.sc()
              .parallelize(numbers, tasks)
              .flatMap(task -> photos(all, task * PHOTOS_PER_TASK).iterator());
      return IngestJob.tables(run, attempt, all.photos(), PhotoSets.withoutDuplicates(outcomes));
    }

    private static Stream<PhotoOutcome> photos(SyntheticSurvey survey, int first) {
      return IntStream.range(first, Math.min(first + PHOTOS_PER_TASK, survey.photos()))
          .mapToObj(survey::photo);
    }

    @Override
    public String summary(Map<String, Object> facts) {
      return "%s photos: %s views".formatted(facts.get("photos"), facts.get("views"));
    }
  }
}
