package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.tables.PointRows.PlacedPoint;
import dev.tessera.jobs.tables.TileRows.Tile;
import dev.tessera.map.Bounds;
import dev.tessera.map.FusedRuns;
import dev.tessera.map.MapPoint;
import dev.tessera.map.Morton;
import dev.tessera.map.VoxelFusion;
import dev.tessera.map.VoxelRun;
import dev.tessera.merge.MapFrames;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cloud of a map is a law of its points, not of how Spark deals them out. */
class FusedPointsTest {
  private static final int CHUNKS = 30;
  private static final int POINTS_PER_CHUNK = 1000;
  private static final Morton MORTON = new Morton(0.01);
  private static final Map<Integer, VoxelFusion> FUSIONS =
      Map.of(0, new VoxelFusion(MORTON, 5), 1, new VoxelFusion(MORTON, 8));
  private static final MapSolution SOLUTION =
      new MapSolution(
          null,
          new MapFrames(List.of(), List.of(), List.of()),
          Map.of(),
          Map.of(),
          Map.of(),
          MORTON,
          FUSIONS);

  private static final List<VoxelRun> RUNS = runs();
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = SparkSessions.open(Settings.defaults(), "local[2]");
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 30})
  void equalsFusionInOnePlace(int partitions) {
    List<VoxelRun> shuffled = new ArrayList<>(RUNS);
    Collections.shuffle(shuffled, new Random(partitions));

    List<PlacedPoint> placed = cloud(shuffled, partitions, 500).placed().collect();

    List<FusedRuns.Fused> inOnePlace = new ArrayList<>();
    new FusedRuns(FUSIONS, RUNS).forEachRemaining(inOnePlace::add);
    assertThat(placed)
        .map(p -> new FusedRuns.Fused(p.component(), p.morton(), p.point()))
        .isEqualTo(inOnePlace);
  }

  @Test
  void tilesCountAndBoundWhatWasPlaced() {
    FusedPoints cloud = cloud(RUNS, 4, 500);
    Map<Long, List<PlacedPoint>> byTile =
        cloud.placed().collect().stream().collect(Collectors.groupingBy(PlacedPoint::tile));

    assertThat(cloud.tiles()).hasSize(byTile.size()).hasSizeGreaterThan(10);
    assertThat(cloud.tiles()).extracting(Tile::tile).isSorted();
    for (Tile tile : cloud.tiles()) {
      List<PlacedPoint> points = byTile.get(tile.tile());
      Bounds bounds = Bounds.empty();
      for (PlacedPoint p : points) {
        bounds = bounds.including(p.point().xInWorld());
        assertThat(cloud.tiling().tileOf(p.morton())).isEqualTo(tile.tile());
      }
      assertThat(tile)
          .isEqualTo(
              new Tile(
                  tile.tile(),
                  points.size(),
                  bounds,
                  Bounds.empty(),
                  points.get(0).morton(),
                  points.get(points.size() - 1).morton()));
    }
  }

  @Test
  void levelsDealOutThePointsOneToACube() {
    FusedPoints cloud = cloud(RUNS, 4, 500);
    List<PlacedPoint> placed = cloud.placed().collect();

    for (int level = 0; level < cloud.levels().levels() - 1; level++) {
      int shift = cloud.levels().coarsestShift() - level;
      Set<Long> occupied = new HashSet<>();
      placed.forEach(p -> occupied.add(Morton.prefix(p.morton(), shift)));
      int upTo = level;
      assertThat(
              placed.stream()
                  .filter(p -> p.level() <= upTo)
                  .map(p -> Morton.prefix(p.morton(), shift)))
          .as("level %d", level)
          .containsExactlyInAnyOrderElementsOf(occupied);
    }
  }

  @Test
  void fewerPointsThanATileHoldsAreOneTile() {
    FusedPoints cloud = cloud(RUNS, 2, 1_000_000);
    long points = cloud.placed().count();

    assertThat(cloud.tiles()).extracting(Tile::tile).containsExactly(0L);
    assertThat(cloud.count()).isEqualTo(points);
  }

  @Test
  void aMapWithoutPointsHasNoTiles() {
    FusedPoints cloud = cloud(List.of(), 1, 500);

    assertThat(cloud.placed().collect()).isEmpty();
    assertThat(cloud.tiles()).isEmpty();
  }

  private static FusedPoints cloud(List<VoxelRun> runs, int partitions, int pointsPerTile) {
    Settings settings = Settings.defaults().withOverride("map.tile-points=" + pointsPerTile);
    Run run = Run.onTables(spark, settings);
    return FusedPoints.of(
        run,
        JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(runs, partitions),
        SOLUTION);
  }

  /**
   * Chunks in a row that overlap by half, over a wavy ground; every third of the other component.
   */
  private static List<VoxelRun> runs() {
    List<VoxelRun> runs = new ArrayList<>();
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      Random random = new Random(chunk);
      List<MapPoint> points = new ArrayList<>();
      for (int i = 0; i < POINTS_PER_CHUNK; i++) {
        double x = 5 * (chunk + 2 * random.nextDouble() - CHUNKS / 2);
        double y = 10 * (random.nextDouble() - 0.5);
        points.add(
            new MapPoint(
                new Vec3(x, y, Math.sin(x / 3)),
                random.nextInt(1 << 24),
                random.nextFloat(),
                random.nextInt(500),
                chunk,
                2 + random.nextInt(5),
                1));
      }
      int component = chunk % 3 == 0 ? 1 : 0;
      runs.add(VoxelRun.of(component, FUSIONS.get(component), points));
    }
    return runs;
  }
}
