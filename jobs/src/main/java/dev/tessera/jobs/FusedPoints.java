package dev.tessera.jobs;

import dev.tessera.jobs.PointPlan.RunFacts;
import dev.tessera.jobs.tables.PointRows.PlacedPoint;
import dev.tessera.jobs.tables.TileRows.Tile;
import dev.tessera.map.Bounds;
import dev.tessera.map.LevelOfDetail;
import dev.tessera.map.Tiling;
import dev.tessera.map.VoxelFusion;
import dev.tessera.map.VoxelRun;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.CollectionAccumulator;
import scala.Tuple2;

/**
 * The cloud of the map: one point per voxel and component, in Morton order, dealt to tiles and
 * levels of detail. Sums are whole numbers and files are cut at tiles, so that the cloud is the
 * same for any number of executors.
 *
 * <p>Chunks come fused within themselves, as runs of bytes, which are kept on the executors' disks.
 * The driver sees of each its size, bounds and some keys, and plans tiles and files. Then the runs
 * are cut at tiles and shuffled once, to their files; a task has the runs of one tile as objects of
 * its own at a time, and Spark's sorter spills the others.
 */
final class FusedPoints {
  private final JavaRDD<VoxelRun> runs;
  private final Broadcast<Map<Integer, VoxelFusion>> fusions;
  private final PointPlan plan;
  private final CollectionAccumulator<Tile> tiles;
  private final TileMerge merge;

  private FusedPoints(
      JavaRDD<VoxelRun> runs,
      Broadcast<Map<Integer, VoxelFusion>> fusions,
      PointPlan plan,
      CollectionAccumulator<Tile> tiles,
      TileMerge merge) {
    this.runs = runs;
    this.fusions = fusions;
    this.plan = plan;
    this.tiles = tiles;
    this.merge = merge;
  }

  /**
   * Plans the cloud: makes the runs, once.
   *
   * @param unkept one run for each chunk at most
   */
  static FusedPoints of(Run run, JavaRDD<VoxelRun> unkept, MapSolution solution) {
    Broadcast<Map<Integer, VoxelFusion>> fusions = run.sc().broadcast(solution.fusions());
    JavaRDD<VoxelRun> runs = unkept.persist(StorageLevel.DISK_ONLY());
    List<RunFacts> facts =
        runs.map(r -> RunFacts.of(r, fusions.value().get(r.component())))
            .collect(); // of fixed size per chunk
    PointPlan plan =
        PointPlan.of(
            facts,
            solution.morton(),
            solution.fusions(),
            run.settings().longInteger("map.tile-points"));
    CollectionAccumulator<Tile> tiles =
        run.spark().sparkContext().collectionAccumulator("tiles of the map");
    TileMerge merge =
        new TileMerge(
            plan.tiling(), plan.levels(), solution.georeferencedComponents(), fusions, tiles);
    return new FusedPoints(runs, fusions, plan, tiles, merge);
  }

  Tiling tiling() {
    return plan.tiling();
  }

  LevelOfDetail levels() {
    return plan.levels();
  }

  /**
   * The points in Morton order, one partition per file of the map. To be computed by one action:
   * tiles are counted on the way.
   */
  JavaRDD<PlacedPoint> placed() {
    int tileLevels = plan.tiling().levels();
    Broadcast<Map<Integer, VoxelFusion>> voxels = fusions;
    return runs.flatMapToPair(run -> pieces(run, voxels.value(), tileLevels))
        .repartitionAndSortWithinPartitions(plan.files())
        .mapPartitions(merge);
  }

  private static Iterator<Tuple2<Long, VoxelRun>> pieces(
      VoxelRun run, Map<Integer, VoxelFusion> fusions, int tileLevels) {
    int levels = tileLevels - fusions.get(run.component()).levels();
    return run.cut(levels).stream()
        .map(piece -> new Tuple2<>(piece.firstVoxel() >>> 3 * levels, piece))
        .iterator();
  }

  // What follows is there when the points have been computed.

  /** One row per tile, in order. */
  List<Tile> tiles() {
    List<Tile> all = new ArrayList<>(tiles.value());
    all.sort(Comparator.comparingLong(Tile::tile));
    return all;
  }

  long count() {
    return tiles().stream().mapToLong(Tile::points).sum();
  }

  /** Bounds of the georeferenced points. */
  Bounds boundsOnEarth() {
    return tiles().stream().map(Tile::boundsOnEarth).reduce(Bounds.empty(), Bounds::union);
  }

  Bounds bounds() {
    return tiles().stream().map(Tile::bounds).reduce(Bounds.empty(), Bounds::union);
  }
}
