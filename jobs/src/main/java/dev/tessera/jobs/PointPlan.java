package dev.tessera.jobs;

import dev.tessera.map.Bounds;
import dev.tessera.map.LevelOfDetail;
import dev.tessera.map.Morton;
import dev.tessera.map.Tiling;
import dev.tessera.map.VoxelFusion;
import dev.tessera.map.VoxelRun;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.spark.Partitioner;

/**
 * Tiles, levels and files of a cloud, planned from a few numbers per chunk. The same whatever the
 * number of executors.
 *
 * @param firstTiles the first tile of every file: files are runs of whole tiles
 */
record PointPlan(Tiling tiling, LevelOfDetail levels, long[] firstTiles) {
  /** Points per file, about: 40 bytes each. */
  private static final long POINTS_PER_FILE = 2_000_000;

  /** Keys that stand for the points of a chunk. */
  private static final int KEYS_PER_RUN = 64;

  /** Level 0 has at most 8^3 points of a tile, or of the whole map if that is smaller. */
  private static final int LEVEL_0_BITS = 3;

  private static final int LEVELS = 8;

  /**
   * What is to be known of a chunk's points.
   *
   * @param keys first Morton keys of voxels, evenly spread over the run
   */
  record RunFacts(long voxels, Bounds bounds, long[] keys) implements Serializable {
    static RunFacts of(VoxelRun run, VoxelFusion fusion) {
      long[] keys = run.quantiles(KEYS_PER_RUN);
      Arrays.setAll(keys, i -> keys[i] << 3 * fusion.levels());
      return new RunFacts(run.voxels(), run.bounds(fusion), keys);
    }
  }

  /** A key, and how many points it stands for. */
  private record Sample(long key, double points) {}

  static PointPlan of(
      List<RunFacts> runs, Morton morton, Map<Integer, VoxelFusion> fusions, long pointsPerTile) {
    Bounds bounds = runs.stream().map(RunFacts::bounds).reduce(Bounds.empty(), Bounds::union);
    long points = runs.stream().mapToLong(RunFacts::voxels).sum();
    Tiling wanted = Tiling.of(morton, bounds, points, pointsPerTile);
    int voxelLevels = fusions.values().stream().mapToInt(VoxelFusion::levels).max().orElse(0);
    // A voxel lies in one tile, however large it is.
    Tiling tiling = new Tiling(morton, Math.max(wanted.levels(), voxelLevels));
    LevelOfDetail levels = LevelOfDetail.within(tiling, bounds, LEVEL_0_BITS, LEVELS);
    return new PointPlan(tiling, levels, firstTiles(runs, tiling));
  }

  /** Files have about equal numbers of points. */
  private static long[] firstTiles(List<RunFacts> runs, Tiling tiling) {
    List<Sample> samples = new ArrayList<>();
    for (RunFacts run : runs) {
      for (long key : run.keys()) {
        samples.add(new Sample(key, (double) run.voxels() / run.keys().length));
      }
    }
    samples.sort(Comparator.comparingLong(Sample::key));
    List<Long> first = new ArrayList<>();
    double inFile = 0;
    for (Sample sample : samples) {
      long tile = tiling.tileOf(sample.key());
      if (first.isEmpty()) {
        first.add(tile);
      } else if (inFile >= POINTS_PER_FILE && tile != first.get(first.size() - 1)) {
        first.add(tile);
        inFile = 0;
      }
      inFile += sample.points();
    }
    return first.stream().mapToLong(Long::longValue).toArray();
  }

  /** Tiles to files. */
  Partitioner files() {
    return new Files(firstTiles);
  }

  private static final class Files extends Partitioner {
    private final long[] firstTiles;

    Files(long[] firstTiles) {
      this.firstTiles = firstTiles;
    }

    @Override
    public int numPartitions() {
      return Math.max(1, firstTiles.length);
    }

    @Override
    public int getPartition(Object tile) {
      int at = Arrays.binarySearch(firstTiles, (Long) tile);
      return at >= 0 ? at : at == -1 ? 0 : -at - 2;
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Files other && Arrays.equals(firstTiles, other.firstTiles);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(firstTiles);
    }
  }
}
