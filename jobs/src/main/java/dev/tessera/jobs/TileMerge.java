package dev.tessera.jobs;

import dev.tessera.jobs.tables.PointRows.PlacedPoint;
import dev.tessera.jobs.tables.TileRows.Tile;
import dev.tessera.map.FusedRuns;
import dev.tessera.map.LevelOfDetail;
import dev.tessera.map.Tiling;
import dev.tessera.map.VoxelFusion;
import dev.tessera.map.VoxelRun;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.CollectionAccumulator;
import scala.Tuple2;

/**
 * Makes the points of one file, on an executor: takes runs in the order of their tiles, fuses those
 * of each tile, deals levels, and counts the tile when its last point has been passed on.
 */
record TileMerge(
    Tiling tiling,
    LevelOfDetail levels,
    Set<Integer> georeferencedComponents,
    Broadcast<Map<Integer, VoxelFusion>> fusions,
    CollectionAccumulator<Tile> tiles)
    implements FlatMapFunction<Iterator<Tuple2<Long, VoxelRun>>, PlacedPoint> {

  @Override
  public Iterator<PlacedPoint> call(Iterator<Tuple2<Long, VoxelRun>> runsByTile) {
    return new Points(this, runsByTile);
  }

  private static final class Points implements Iterator<PlacedPoint> {
    private final TileMerge merge;
    private final Iterator<Tuple2<Long, VoxelRun>> runs;
    private Tuple2<Long, VoxelRun> nextRun; // the first of the next tile, null behind the last
    private FusedRuns inTile;
    private TileTally tally;
    private long previousKey = -1;

    Points(TileMerge merge, Iterator<Tuple2<Long, VoxelRun>> runs) {
      this.merge = merge;
      this.runs = runs;
      this.nextRun = runs.hasNext() ? runs.next() : null;
      openTile();
    }

    private void openTile() {
      if (nextRun == null) {
        inTile = null;
        return;
      }
      long tile = nextRun._1();
      List<VoxelRun> ofTile = new ArrayList<>();
      while (nextRun != null && nextRun._1() == tile) {
        ofTile.add(nextRun._2());
        nextRun = runs.hasNext() ? runs.next() : null;
      }
      inTile = new FusedRuns(merge.fusions.value(), ofTile);
      tally = new TileTally(tile);
    }

    @Override
    public boolean hasNext() {
      return inTile != null;
    }

    @Override
    public PlacedPoint next() {
      if (inTile == null) {
        throw new NoSuchElementException();
      }
      FusedRuns.Fused fused = inTile.next();
      long key = fused.morton();
      int level =
          previousKey < 0 ? merge.levels.first() : merge.levels.levelAfter(previousKey, key);
      previousKey = key;
      long tile = tally.tile();
      tally.add(fused.point(), merge.georeferencedComponents.contains(fused.component()), key);
      if (!inTile.hasNext()) {
        merge.tiles.add(tally.toTile());
        openTile();
      }
      return new PlacedPoint(fused.point(), fused.component(), level, tile, key);
    }
  }
}
