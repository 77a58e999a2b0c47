package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.map.Bounds;
import dev.tessera.map.Morton;
import dev.tessera.map.VoxelFusion;
import dev.tessera.merge.ChunkNode;
import dev.tessera.merge.Edge;
import dev.tessera.merge.GpsEvidence;
import dev.tessera.merge.MapFrames;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.PoseGraph;
import dev.tessera.merge.PoseGraph.BiasPrior;
import dev.tessera.merge.PoseGraph.ScalePrior;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.reconstruct.ResidualHistogram;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Where everything goes: the frames of all chunks and what follows from them, chunk-level, on the
 * driver.
 *
 * @param world null if no photo has a position
 * @param summaries of the reconstructed chunks, by id
 * @param outcomes of all chunks, by id
 * @param plan of all chunks, by id
 * @param fusions voxels of each component
 */
record MapSolution(
    LocalFrame world,
    MapFrames frames,
    Map<ChunkId, ChunkSummary> summaries,
    Map<ChunkId, Outcome> outcomes,
    Map<ChunkId, PlannedChunk> plan,
    Morton morton,
    Map<Integer, VoxelFusion> fusions) {

  /** Points are fused into voxels of this many pixels on the surface. */
  private static final double VOXEL_PIXELS = 2;

  static MapSolution of(Run run) throws IOException {
    LocalFrame world = IngestJob.world(run);
    Map<ChunkId, Outcome> outcomes = ChunkTables.outcomes(run);
    Map<ChunkId, ChunkSummary> summaries = summaries(run, outcomes);
    List<ChunkNode> nodes = summaries.values().stream().map(ChunkSummary::node).toList();
    Map<ChunkId, PlannedChunk> plan = ChunkTables.plan(run);
    List<Edge> edges = new ArrayList<>(ChunkTables.edges(run));
    edges.addAll(JoiningEdges.of(run, outcomes));
    MapFrames frames =
        PoseGraph.solve(nodes, edges, config(run.settings()))
            .withoutLone(chunk -> plan.get(chunk).kind() == PlannedChunk.Kind.SEAM);
    Map<Integer, Double> voxels = voxelEdges(run.settings(), frames, summaries);
    Morton morton = morton(frames, summaries, voxels);
    Map<Integer, VoxelFusion> fusions = new TreeMap<>();
    voxels.forEach((component, edge) -> fusions.put(component, VoxelFusion.ofEdge(morton, edge)));
    return new MapSolution(world, frames, summaries, outcomes, plan, morton, fusions);
  }

  /** Whether a chunk is a seam, or a half of one that was made again. */
  boolean isRepair(ChunkId chunk) {
    ChunkId whole = outcomes.get(chunk).halvedFrom();
    return plan.get(chunk).kind() == PlannedChunk.Kind.SEAM
        || (whole != null && (outcomes.get(whole).rechunked() || isRepair(whole)));
  }

  boolean georeferenced() {
    return frames.frames().stream().anyMatch(ChunkFrame::georeferenced);
  }

  Set<Integer> georeferencedComponents() {
    return frames.frames().stream()
        .filter(ChunkFrame::georeferenced)
        .map(ChunkFrame::componentId)
        .collect(Collectors.toCollection(HashSet::new));
  }

  long components() {
    return frames.frames().stream().map(ChunkFrame::componentId).distinct().count();
  }

  ResidualHistogram residuals() {
    return summaries.values().stream()
        .map(ChunkSummary::residuals)
        .reduce(ResidualHistogram.empty(), ResidualHistogram::plus);
  }

  /** The chunks that are in the map, by number. */
  Map<Integer, Placement> placements() {
    Map<Integer, Placement> placements = new HashMap<>();
    for (ChunkFrame frame : frames.frames()) {
      String key = outcomes.get(frame.chunk()).storeKey();
      placements.put(frame.chunk().value(), new Placement(frame, key));
    }
    return placements;
  }

  private static Map<ChunkId, ChunkSummary> summaries(Run run, Map<ChunkId, Outcome> outcomes)
      throws IOException {
    ChunkStore store = run.store();
    double leastSigma = run.settings().number("merge.gps-sigma-m");
    GpsEvidence.Config gps = config(run.settings()).gps();
    List<ChunkSummary> collected =
        StoredChunk.all(run, ChunkTables.memberships(run), outcomes)
            .map(
                chunk ->
                    ChunkSummary.of(
                        store.read(chunk.storeKey(), chunk.id()), chunk, leastSigma, gps))
            .collect(); // of fixed size per chunk
    Map<ChunkId, ChunkSummary> summaries = new TreeMap<>();
    collected.forEach(summary -> summaries.put(summary.node().chunk(), summary));
    return summaries;
  }

  /** How the pose graph is solved, here and where chunks are suspected. */
  static PoseGraph.Config config(Settings settings) {
    String prior = settings.text("merge.scale-prior");
    boolean perSequence = settings.text("merge.gps-bias").equals("sequence");
    return PoseGraph.Config.defaults()
        .with(
            ScalePrior.valueOf(prior.toUpperCase(Locale.ROOT)),
            perSequence
                ? new BiasPrior(
                    settings.number("merge.gps-bias-sigma-m"),
                    settings.number("merge.gps-bias-vertical-sigma-m"))
                : BiasPrior.NONE);
  }

  private static Map<Integer, Double> voxelEdges(
      Settings settings, MapFrames frames, Map<ChunkId, ChunkSummary> summaries) {
    Map<Integer, List<ChunkFrame>> components =
        frames.frames().stream().collect(Collectors.groupingBy(ChunkFrame::componentId));
    Map<Integer, Double> edges = new TreeMap<>();
    components.forEach(
        (component, chunks) -> {
          double[] samples =
              chunks.stream()
                  .mapToDouble(
                      c -> c.worldFromChunk().scale() * summaries.get(c.chunk()).sampleDistance())
                  .filter(Double::isFinite)
                  .toArray();
          double auto = samples.length == 0 ? 1 : VOXEL_PIXELS * RobustScale.median(samples);
          boolean isAuto =
              settings.text("merge.voxel-m").equals("auto") || !chunks.get(0).georeferenced();
          edges.put(component, isAuto ? auto : settings.number("merge.voxel-m"));
        });
    return edges;
  }

  /** Keys that reach all chunks, with cells no larger than the voxels where that is possible. */
  private static Morton morton(
      MapFrames frames, Map<ChunkId, ChunkSummary> summaries, Map<Integer, Double> voxelEdges) {
    Bounds bounds = Bounds.empty();
    for (ChunkFrame frame : frames.frames()) {
      Bounds inChunk = summaries.get(frame.chunk()).boundsInChunk();
      bounds = bounds.union(moved(inChunk, frame.worldFromChunk()));
    }
    double finest = voxelEdges.values().stream().mapToDouble(v -> v).min().orElseThrow();
    return Morton.covering(bounds, Math.min(finest, Morton.FINEST_CELL_METERS));
  }

  private static Bounds moved(Bounds inChunk, Sim3 worldFromChunk) {
    Bounds moved = Bounds.empty();
    for (int corner = 0; corner < 8; corner++) {
      Vec3 x =
          new Vec3(
              (corner & 1) == 0 ? inChunk.minX() : inChunk.maxX(),
              (corner & 2) == 0 ? inChunk.minY() : inChunk.maxY(),
              (corner & 4) == 0 ? inChunk.minZ() : inChunk.maxZ());
      moved = moved.including(worldFromChunk.apply(x));
    }
    return moved;
  }
}
