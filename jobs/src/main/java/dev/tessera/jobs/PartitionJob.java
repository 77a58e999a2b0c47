package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.SequenceOrder;
import dev.tessera.imagery.View;
import dev.tessera.jobs.tables.BorderRows;
import dev.tessera.jobs.tables.MembershipRows;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.PlanRows;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.jobs.workspace.StageManifest;
import dev.tessera.partition.Border;
import dev.tessera.partition.ChunkPlan;
import dev.tessera.partition.ChunkPlanner;
import dev.tessera.partition.HaloOffer;
import dev.tessera.partition.HaloSelection;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.partition.PositionInterpolation;
import dev.tessera.partition.PositionInterpolation.Stop;
import dev.tessera.partition.SequenceHistogram;
import dev.tessera.partition.SiteHistogram;
import dev.tessera.partition.ViewSite;
import dev.tessera.reconstruct.EngineSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Views to chunks. Reads {@code views}; writes {@code memberships}, {@code plan} and {@code
 * borders}. The driver holds counts per grid cell and the plan made of them; views stay on
 * executors. Shuffles the halo offers, at most a chunk's halo per pair of neighbours.
 */
final class PartitionJob implements StageJob {
  /** Changes whenever the same chunks may be written differently. */
  private static final String VERSION = "borders\n";

  private static final int LEAST_VIEWS_PER_CHUNK = 8;

  private static final int VIEWS_PER_FILE = 1_000_000;

  @Override
  public Stage stage() {
    return Stage.PARTITION;
  }

  @Override
  public String inputKey(Run run) throws IOException {
    return run.workspace().required(Stage.INGEST).key();
  }

  @Override
  public String dependsOn(Run run) throws IOException {
    StageManifest ingest = run.workspace().required(Stage.INGEST);
    return VERSION + run.settings().canonical("partition") + config(run, ingest).maxViews();
  }

  @Override
  public Map<String, Object> write(Run run, String key, Path attempt) throws IOException {
    StageManifest ingest = run.workspace().required(Stage.INGEST);
    run.progress().start(stage().word(), "views", ingest.count("views"), () -> 0);
    JavaRDD<ViewSite> sites = sites(run, ingest).persist(StorageLevel.MEMORY_AND_DISK());
    ChunkPlanner.Config config = config(run, ingest);
    ChunkPlan plan = plan(sites, config);
    write(run, attempt, memberships(run, sites, plan), plan.chunks(), plan.borders());
    return facts(plan.chunks(), plan.adjacencies().size(), config);
  }

  /** Plans chunks of the sites among themselves. */
  static ChunkPlan plan(JavaRDD<ViewSite> sites, ChunkPlanner.Config config) {
    SiteHistogram cells =
        sites.aggregate(new SiteHistogram(config), SiteHistogram::add, SiteHistogram::merge);
    SequenceHistogram crowds =
        sites.aggregate(cells.crowds(config), SequenceHistogram::add, SequenceHistogram::merge);
    return ChunkPlan.of(cells, crowds, config);
  }

  /** Writes the tables. */
  static void write(
      Run run,
      Path attempt,
      JavaRDD<Membership> memberships,
      List<PlannedChunk> plan,
      List<Border> borders) {
    int owned = plan.stream().mapToInt(PlannedChunk::owned).sum();
    Tables.write(
        run.spark(),
        memberships.coalesce(1 + owned / VIEWS_PER_FILE).map(MembershipRows::toRow),
        MembershipRows.SCHEMA,
        new Path(attempt, "memberships"));
    Tables.write(
        run.spark(),
        run.sc().parallelize(plan, 1).map(PlanRows::toRow),
        PlanRows.SCHEMA,
        new Path(attempt, "plan"));
    Tables.write(
        run.spark(),
        run.sc().parallelize(borders, 1).map(BorderRows::toRow),
        BorderRows.SCHEMA,
        new Path(attempt, "borders"));
  }

  /** The views as the planner sees them, short gaps between positions filled folder by folder. */
  static JavaRDD<ViewSite> sites(Run run, StageManifest ingest) throws IOException {
    LocalFrame world = IngestJob.world(ingest);
    return ChunkTables.views(run)
        .groupBy(ranked -> SequenceOrder.folder(ranked.view().name()))
        .flatMap(folder -> filled(folder._1(), folder._2(), world));
  }

  private static Iterator<ViewSite> filled(
      String folder, Iterable<RankedView> members, LocalFrame world) {
    List<Stop> stops = new ArrayList<>();
    members.forEach(ranked -> stops.add(new Stop(folder, site(ranked, world))));
    stops.sort(Comparator.comparingLong(stop -> stop.site().order()));
    return new PositionInterpolation(PositionInterpolation.Config.defaults())
        .fill(stops.iterator());
  }

  /** A position that is not believed counts as none: the sequence says where the view belongs. */
  static ViewSite site(RankedView ranked, LocalFrame world) {
    View view = ranked.view();
    if (!view.hasPosition() || view.position().suspicion() != PositionPrior.Suspicion.NONE) {
      return ViewSite.unpositioned(view.id(), ranked.rank());
    }
    Vec3 enu = world.toEnu(view.position().point());
    return new ViewSite(view.id(), enu.x(), enu.y(), ranked.rank());
  }

  static ChunkPlanner.Config config(Run run, StageManifest ingest) {
    Settings settings = run.settings();
    int wanted = settings.integer("partition.max-views-per-chunk");
    int possible = viewsThatFit(run, ingest.count("max_pixels"));
    int maxViews = Math.min(wanted, possible);
    if (maxViews < LEAST_VIEWS_PER_CHUNK) {
      throw new UsageException(
          ("Cannot plan chunks of %d views: at least %d are needed (%d asked, %d fit into memory:"
                  + " give more, or lower reconstruct.chunks-at-once)")
              .formatted(maxViews, LEAST_VIEWS_PER_CHUNK, wanted, possible));
    }
    // Both sides of a border must be able to lend, so small chunks share less.
    int shared = Math.min(settings.integer("partition.min-shared-views"), maxViews / 2);
    return new ChunkPlanner.Config(
        maxViews,
        shared,
        settings.number("partition.halo-share"),
        settings.number("partition.cell-m"),
        ChunkPlanner.Config.MOST_CELLS);
  }

  /** Asks the engine where it will work: an executor knows its memory, the driver does not. */
  private static int viewsThatFit(Run run, long pixelsPerView) {
    EngineSpec engine = run.engine();
    int chunksAtOnce = run.settings().integer("reconstruct.chunks-at-once");
    return run.engineTasks()
        .of(
            run.sc()
                .parallelize(List.of(0), 1)
                .map(any -> ExecutorEngine.viewsThatFit(engine, chunksAtOnce, pixelsPerView)))
        .first();
  }

  /** Which views are in which chunk of a plan of their own. */
  static JavaRDD<Membership> memberships(Run run, JavaRDD<ViewSite> sites, ChunkPlan driverPlan) {
    Broadcast<ChunkPlan> plan = run.sc().broadcast(driverPlan);
    JavaRDD<Membership> owned =
        sites.map(site -> new Membership(plan.value().ownerOf(site), site.view(), true));
    JavaRDD<Membership> halo =
        sites
            .flatMap(site -> plan.value().haloOffers(site).iterator())
            .mapToPair(
                offer ->
                    new Tuple2<>(
                        new Tuple2<>(offer.borrower().value(), offer.lender().value()), offer))
            .combineByKey(
                offer ->
                    new HaloSelection(plan.value().quota(offer.borrower(), offer.lender()))
                        .add(offer),
                HaloSelection::add,
                HaloSelection::merge)
            .flatMap(selection -> selection._2().nearest().iterator())
            .map(PartitionJob::borrowed);
    return owned.union(halo);
  }

  private static Membership borrowed(HaloOffer offer) {
    return new Membership(offer.borrower(), offer.view(), false);
  }

  /** What later stages, and those who watch, know of a plan. */
  static Map<String, Object> facts(
      List<PlannedChunk> plan, int adjacencies, ChunkPlanner.Config config) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("chunks", plan.size());
    facts.put("adjacencies", adjacencies);
    facts.put("max_views", config.maxViews());
    facts.put("min_shared_views", config.minSharedViews());
    facts.put("largest", plan.stream().mapToInt(PlannedChunk::views).max().orElse(0));
    return facts;
  }

  @Override
  public String summary(Map<String, Object> facts) {
    return "%s chunks of up to %s views (at most %s)"
        .formatted(facts.get("chunks"), facts.get("largest"), facts.get("max_views"));
  }
}
