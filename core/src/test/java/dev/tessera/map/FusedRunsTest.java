package dev.tessera.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geometry.Vec3;
import dev.tessera.map.FusedRuns.Fused;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Fusing runs of chunks is fusing all their points, voxel by voxel. */
class FusedRunsTest {
  private static final Morton MORTON = new Morton(0.01);

  /** Components in the same place with voxels of 8, 64 and 1 cells. */
  private static final Map<Integer, VoxelFusion> FUSIONS =
      Map.of(
          0,
          new VoxelFusion(MORTON, 3),
          1,
          new VoxelFusion(MORTON, 6),
          2,
          new VoxelFusion(MORTON, 0));

  private static final int CHUNKS = 9;

  private static int trial;
  private final Random random = new Random(100 + trial++);

  @RepeatedTest(20)
  void equalsFusionByBruteForce() {
    List<MapPoint> points = randomPoints(2000);

    assertThat(fused(runs(points))).isEqualTo(bruteForce(points));
  }

  @RepeatedTest(20)
  void piecesOfRunsHoldTheSame() {
    List<MapPoint> points = randomPoints(2000);
    List<VoxelRun> pieces =
        runs(points).stream().flatMap(run -> run.cut(random.nextInt(12)).stream()).toList();
    List<VoxelRun> shuffled = new ArrayList<>(pieces);
    Collections.shuffle(shuffled, random);

    assertThat(fused(shuffled)).isEqualTo(bruteForce(points));
  }

  @RepeatedTest(5)
  void eachPieceIsOfOneTile() {
    int levels = random.nextInt(10);
    for (VoxelRun run : runs(randomPoints(500))) {
      List<VoxelRun> pieces = run.cut(levels);

      assertThat(pieces.stream().mapToInt(VoxelRun::voxels).sum()).isEqualTo(run.voxels());
      assertThat(pieces.stream().map(p -> Morton.prefix(p.firstVoxel(), levels)))
          .isSorted()
          .doesNotHaveDuplicates();
      for (VoxelRun piece : pieces) {
        long[] names = piece.quantiles(piece.voxels());
        assertThat(names).isSorted().hasSize(piece.voxels());
        assertThat(Morton.prefix(names[names.length - 1], levels))
            .isEqualTo(Morton.prefix(names[0], levels));
      }
    }
  }

  @RepeatedTest(5)
  void quantilesAreEvenlySpread() {
    VoxelRun run = runs(randomPoints(3000)).get(0);
    long[] all = run.quantiles(run.voxels());
    long[] some = run.quantiles(10);

    int every = (run.voxels() + 9) / 10;
    assertThat(some).hasSizeLessThanOrEqualTo(10);
    for (int i = 0; i < some.length; i++) {
      assertThat(some[i]).isEqualTo(all[i * every]);
    }
  }

  @RepeatedTest(5)
  void boundsHoldTheFusedPointsAndNoMore() {
    List<MapPoint> oneChunk =
        randomPoints(500).stream().filter(p -> p.chunkId() % FUSIONS.size() == 0).toList();
    VoxelRun run = VoxelRun.of(0, FUSIONS.get(0), ofChunk(oneChunk, oneChunk.get(0).chunkId()));

    Bounds bounds = Bounds.empty();
    for (Fused point : fused(List.of(run))) {
      bounds = bounds.including(point.point().xInWorld());
    }

    assertThat(run.bounds(FUSIONS.get(0))).isEqualTo(bounds);
  }

  @Test
  void aLonePointTakesAboutTwentyBytes() {
    List<MapPoint> points = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Vec3 x = new Vec3(30 * random.nextDouble(), 30 * random.nextDouble(), random.nextDouble());
      points.add(new MapPoint(x, random.nextInt(1 << 24), random.nextFloat(), i % 50, 0, 3, 1));
    }
    VoxelRun run = VoxelRun.of(2, FUSIONS.get(2), points);

    assertThat(run.bytes() / (double) run.voxels()).isBetween(19.0, 24.0);
  }

  @Test
  void noPointsMakeNoRun() {
    assertThatThrownBy(() -> VoxelRun.of(0, FUSIONS.get(0), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a run of no points");
  }

  private static List<Fused> fused(List<VoxelRun> runs) {
    List<Fused> all = new ArrayList<>();
    new FusedRuns(FUSIONS, runs).forEachRemaining(all::add);
    return all;
  }

  private static int component(int chunk) {
    return chunk % FUSIONS.size();
  }

  private static List<VoxelRun> runs(List<MapPoint> points) {
    List<VoxelRun> runs = new ArrayList<>();
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      int component = component(chunk);
      runs.add(VoxelRun.of(component, FUSIONS.get(component), ofChunk(points, chunk)));
    }
    return runs;
  }

  private static List<MapPoint> ofChunk(List<MapPoint> points, int chunk) {
    return points.stream().filter(p -> p.chunkId() == chunk).toList();
  }

  private static List<Fused> bruteForce(List<MapPoint> points) {
    List<Fused> fused = new ArrayList<>();
    FUSIONS.forEach(
        (component, fusion) ->
            points.stream()
                .filter(p -> component(p.chunkId()) == component)
                .collect(Collectors.groupingBy(fusion::voxelOf, TreeMap::new, Collectors.toList()))
                .forEach(
                    (name, members) -> {
                      MapPoint point = fusion.fused(name, voxel(fusion, name, members));
                      long key = MORTON.encode(point.xInWorld());
                      assertThat(Morton.prefix(key, fusion.levels())).isEqualTo(name);
                      fused.add(new Fused(component, key, point));
                    }));
    fused.sort(Comparator.comparingLong(Fused::morton).thenComparingInt(Fused::component));
    return fused;
  }

  private static Voxel voxel(VoxelFusion fusion, long name, List<MapPoint> members) {
    Map<Integer, Voxel> chunks = new LinkedHashMap<>();
    for (MapPoint p : members) {
      fusion.add(chunks.computeIfAbsent(p.chunkId(), chunk -> new Voxel()), name, p);
    }
    Voxel all = new Voxel();
    chunks.values().forEach(all::merge);
    return all;
  }

  /** Crowded around the origin, where keys differ in their highest bits; some on cells' borders. */
  private List<MapPoint> randomPoints(int count) {
    List<MapPoint> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean onBorder = random.nextInt(10) == 0;
      points.add(
          new MapPoint(
              new Vec3(coordinate(onBorder), coordinate(onBorder), coordinate(onBorder)),
              random.nextInt(1 << 24),
              random.nextInt(17) / 16f,
              random.nextLong() >>> 1,
              i < CHUNKS ? i : random.nextInt(CHUNKS),
              2 + random.nextInt(9),
              1));
    }
    return points;
  }

  private double coordinate(boolean onBorder) {
    double x = 0.3 * random.nextGaussian();
    return onBorder ? Math.rint(x / 0.01) * 0.01 : x;
  }
}
