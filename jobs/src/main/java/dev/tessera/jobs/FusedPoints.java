package dev.tessera.jobs;

import dev.tessera.jobs.tables.PointRows.PlacedPoint;
import dev.tessera.jobs.tables.TileRows.Tile;
import dev.tessera.map.Bounds;
import dev.tessera.map.LevelOfDetail;
import dev.tessera.map.MapPoint;
import dev.tessera.map.Morton;
import dev.tessera.map.Tiling;
import dev.tessera.map.Voxel;
import dev.tessera.map.VoxelFusion;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * The cloud of the map: one point per voxel and component, in Morton order, dealt to tiles and
 * levels of detail. Sums are whole numbers and files are cut at tiles, so that the cloud is the
 * same for any number of executors. Shuffles the points twice: to their voxels, to their files.
 */
final class FusedPoints {
  /** Points per file, about: 40 bytes each. */
  private static final long POINTS_PER_FILE = 4_000_000;

  /** Level 0 has at most 8^3 points of a tile, or of the whole map if that is smaller. */
  private static final int LEVEL_0_BITS = 3;

  private static final int LEVELS = 8;

  /** Multiplier of the golden ratio (Knuth): scatters neighbouring keys. */
  private static final long SCATTER = 0x9E3779B97F4A7C15L;

  private final Tiling tiling;
  private final JavaPairRDD<Key, MapPoint> points;
  private final List<Tile> tiles;

  /** Order of the points in the map. */
  private record Key(long morton, int component) implements Serializable, Comparable<Key> {
    @Override
    public int compareTo(Key o) {
      int order = Long.compare(morton, o.morton);
      return order != 0 ? order : Integer.compare(component, o.component);
    }
  }

  private FusedPoints(Tiling tiling, JavaPairRDD<Key, MapPoint> points, List<Tile> tiles) {
    this.tiling = tiling;
    this.points = points;
    this.tiles = tiles;
  }

  static FusedPoints of(Run run, JavaPairRDD<Integer, MapPoint> byComponent, MapSolution solution) {
    Morton morton = solution.morton();
    JavaPairRDD<Key, MapPoint> fused = fused(run, byComponent, solution).cache();
    Bounds bounds = fused.values().aggregate(Bounds.empty(), FusedPoints::including, Bounds::union);
    Tiling tiling =
        Tiling.of(morton, bounds, fused.count(), run.settings().longInteger("map.tile-points"));
    Set<Integer> onEarth = solution.georeferencedComponents();
    List<Tile> tiles =
        new ArrayList<>(
            fused
                .mapToPair(p -> tileOf(p, tiling, onEarth))
                .reduceByKey(Tile::plus)
                .values()
                .collect()); // one row per tile
    tiles.sort(Comparator.comparingLong(Tile::tile));
    return new FusedPoints(tiling, fused, tiles);
  }

  private static Bounds including(Bounds bounds, MapPoint point) {
    return bounds.including(point.xInWorld());
  }

  private static Tuple2<Long, Tile> tileOf(
      Tuple2<Key, MapPoint> p, Tiling tiling, Set<Integer> georeferencedComponents) {
    boolean onEarth = georeferencedComponents.contains(p._1().component());
    long key = p._1().morton();
    long tile = tiling.tileOf(key);
    return new Tuple2<>(tile, Tile.of(tile, p._2(), onEarth, key));
  }

  private static JavaPairRDD<Key, MapPoint> fused(
      Run run, JavaPairRDD<Integer, MapPoint> byComponent, MapSolution solution) {
    Broadcast<Map<Integer, VoxelFusion>> fusions = run.sc().broadcast(solution.fusions());
    Morton morton = solution.morton();
    return byComponent
        .mapToPair(
            p -> {
              VoxelFusion fusion = fusions.value().get(p._1());
              Key voxel = new Key(fusion.voxelOf(p._2()), p._1());
              return new Tuple2<>(voxel, fusion.add(new Voxel(), p._2()));
            })
        .reduceByKey(Voxel::merge)
        .mapToPair(
            voxel -> {
              int component = voxel._1().component();
              MapPoint point =
                  fusions.value().get(component).fused(voxel._1().morton(), voxel._2());
              return new Tuple2<>(new Key(morton.encode(point.xInWorld()), component), point);
            });
  }

  Tiling tiling() {
    return tiling;
  }

  /** One row per tile, in order. */
  List<Tile> tiles() {
    return tiles;
  }

  long count() {
    return tiles.stream().mapToLong(Tile::points).sum();
  }

  /** Bounds of the georeferenced points. */
  Bounds boundsOnEarth() {
    return tiles.stream().map(Tile::boundsOnEarth).reduce(Bounds.empty(), Bounds::union);
  }

  Bounds bounds() {
    return tiles.stream().map(Tile::bounds).reduce(Bounds.empty(), Bounds::union);
  }

  /** The points in Morton order, one partition per file of the map. */
  JavaRDD<PlacedPoint> placed() {
    LevelOfDetail levels = LevelOfDetail.within(tiling, bounds(), LEVEL_0_BITS, LEVELS);
    Tiling tilingOnly = tiling;
    return points
        .repartitionAndSortWithinPartitions(new TilePartitioner(tiling, firstTiles()))
        .mapPartitions(sorted -> placed(sorted, tilingOnly, levels));
  }

  private static Iterator<PlacedPoint> placed(
      Iterator<Tuple2<Key, MapPoint>> sorted, Tiling tiling, LevelOfDetail levels) {
    return new Iterator<>() {
      private long previous = -1;

      @Override
      public boolean hasNext() {
        return sorted.hasNext();
      }

      @Override
      public PlacedPoint next() {
        Tuple2<Key, MapPoint> p = sorted.next();
        long key = p._1().morton();
        int level = previous < 0 ? levels.first() : levels.levelAfter(previous, key);
        previous = key;
        return new PlacedPoint(p._2(), p._1().component(), level, tiling.tileOf(key), key);
      }
    };
  }

  /** The first tile of every file: files are runs of whole tiles with about equal points. */
  private long[] firstTiles() {
    List<Long> first = new ArrayList<>();
    long inFile = POINTS_PER_FILE;
    for (Tile tile : tiles) {
      if (inFile >= POINTS_PER_FILE) {
        first.add(tile.tile());
        inFile = 0;
      }
      inFile += tile.points();
    }
    return first.stream().mapToLong(Long::longValue).toArray();
  }

  /** At most {@code most} points with their components, spread evenly over the cloud. */
  List<Tuple2<Integer, MapPoint>> sample(int most) {
    double share = Math.min(1, (double) most / Math.max(1, count()));
    long threshold = (long) (share * Long.MAX_VALUE);
    return points
        .filter(p -> (p._1().morton() * SCATTER >>> 1) <= threshold)
        .map(p -> new Tuple2<>(p._1().component(), p._2()))
        .take(most);
  }

  /** Tile to file. */
  private static final class TilePartitioner extends Partitioner {
    private final Tiling tiling;
    private final long[] firstTiles;

    TilePartitioner(Tiling tiling, long[] firstTiles) {
      this.tiling = tiling;
      this.firstTiles = firstTiles;
    }

    @Override
    public int numPartitions() {
      return Math.max(1, firstTiles.length);
    }

    @Override
    public int getPartition(Object key) {
      int at = Arrays.binarySearch(firstTiles, tiling.tileOf(((Key) key).morton()));
      return at >= 0 ? at : -at - 2;
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof TilePartitioner other && Arrays.equals(firstTiles, other.firstTiles);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(firstTiles);
    }
  }
}
