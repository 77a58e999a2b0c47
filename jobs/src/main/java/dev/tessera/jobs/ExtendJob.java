package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.partition.ChunkPlanner;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.partition.ViewSite;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Views to chunks, in the place of {@link PartitionJob}: the plan of the published map, with the
 * views that came after it. Reads {@code views}, the tables of that plan and the map; writes {@code
 * memberships}, {@code plan} and {@code borders}. The driver sees chunks and counts. Shuffles views
 * by id, new ones as {@link LocalizeJob} does, and the views of chunks that lend.
 */
final class ExtendJob implements StageJob {
  private static final Logger LOG = LoggerFactory.getLogger(ExtendJob.class);

  /** Changes whenever the same views may be planned differently. */
  private static final String VERSION = "extend-1\n";

  /** Fact: the key of the plan that was extended. */
  static final String EXTENDS = "extends";

  /** Fact: how many views came after it. */
  static final String NEW_VIEWS = "new_views";

  /** Fact: how many of them were found in the map. */
  static final String FOUND = "found";

  /** Fact: how many of these by nothing but their position, as the map remembers nothing. */
  static final String BY_GPS = "found_by_gps";

  /** Fact: how many chunks were made larger. */
  static final String EXTENDED = "extended_chunks";

  /** Fact: how many chunks are new. */
  static final String ADDED = "new_chunks";

  private final PublishedPlan base;

  ExtendJob(PublishedPlan base) {
    this.base = base;
  }

  @Override
  public Stage stage() {
    return Stage.PARTITION;
  }

  @Override
  public String inputKey(Run run) throws IOException {
    return run.workspace().required(Stage.INGEST).key();
  }

  /** Where no photo came since, the plan of the map is the result. */
  @Override
  public String key(Run run, String inputKey) throws IOException {
    return inputKey.equals(base.ingest().key())
        ? base.partition().key()
        : StageJob.super.key(run, inputKey);
  }

  /** The plan, and this very map, as for {@link LocalizeJob}. */
  @Override
  public String dependsOn(Run run) throws IOException {
    return VERSION
        + base.partition().key()
        + "\n%s %s\n".formatted(base.map().key(), base.map().runId())
        + run.settings().canonical("partition", "localize")
        + PartitionJob.config(run, run.workspace().required(Stage.INGEST)).maxViews();
  }

  @Override
  public Map<String, Object> write(Run run, String key, Path attempt) throws IOException {
    StageManifest ingest = run.workspace().required(Stage.INGEST);
    run.progress().start(stage().word(), "views", ingest.count("views"), () -> 0);
    JavaPairRDD<Long, View> views =
        ChunkTables.views(run)
            .mapToPair(ranked -> new Tuple2<>(ranked.view().id().value(), ranked.view()))
            .persist(StorageLevel.MEMORY_AND_DISK());
    base.requireAllOf(run, views);
    JavaRDD<ViewSite> sites =
        PartitionJob.sites(run, ingest).persist(StorageLevel.MEMORY_AND_DISK());
    JavaRDD<NewView> unplanned =
        once(run, NewView.of(run, base, views, sites)).persist(StorageLevel.MEMORY_AND_DISK());
    ChunkPlanner.Config config = PartitionJob.config(run, ingest);

    PlanExtension extension = PlanExtension.of(run, base, unplanned, config);
    List<PlannedChunk> plan = extension.plan(sites);
    PartitionJob.write(run, attempt, extension.memberships(), plan, extension.borders());
    return facts(run, unplanned, extension, plan, config);
  }

  /** The answers as they were first given: asked again, an engine may answer otherwise. */
  private static JavaRDD<NewView> once(Run run, JavaRDD<NewView> answers) throws IOException {
    Path folder = new Path(run.workspace().newAttempt(run.runId(), "answers"), "views");
    answers.saveAsObjectFile(folder.toString());
    return run.sc().objectFile(folder.toString());
  }

  private Map<String, Object> facts(
      Run run,
      JavaRDD<NewView> unplanned,
      PlanExtension extension,
      List<PlannedChunk> plan,
      ChunkPlanner.Config config)
      throws IOException {
    long found = unplanned.filter(NewView::found).count();
    boolean byGps = !MemoryFiles.exist(run.workspace().fs(), run.workspace().map());
    if (byGps && found > 0) {
      LOG.warn(
          "The map remembers nothing to find photos by: {} go to the chunk nearest to their GPS",
          found);
    }
    Map<String, Object> facts = PartitionJob.facts(plan, extension.adjacencies(), config);
    facts.put(EXTENDS, base.partition().key());
    facts.put(NEW_VIEWS, unplanned.count());
    facts.put(FOUND, found);
    facts.put(BY_GPS, byGps ? found : 0L);
    facts.put("not_found", unplanned.count() - found);
    facts.put(EXTENDED, extension.extended());
    facts.put(ADDED, extension.added());
    return facts;
  }

  /** Of a plan that was not extended, where there was nothing to extend it by, the same as ever. */
  @Override
  public String summary(Map<String, Object> facts) {
    String plan = new PartitionJob().summary(facts);
    return facts.containsKey(EXTENDS)
        ? "%s; %s new views, %s found: %s chunks extended, %s new"
            .formatted(
                plan, facts.get(NEW_VIEWS), facts.get(FOUND), facts.get(EXTENDED), facts.get(ADDED))
        : plan;
  }
}
