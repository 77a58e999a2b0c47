package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.workspace.Workspace;
import dev.tessera.map.Bounds;
import dev.tessera.map.MapPoint;
import dev.tessera.map.Morton;
import dev.tessera.map.VoxelFusion;
import dev.tessera.map.VoxelRun;
import dev.tessera.merge.MapFrames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The map as a reader sees it who has never heard of Tessera: plain SQL on plain Parquet. */
class DuckDbTest {
  private static final int POINTS = 300_000;
  private static final double SIDE_METERS = 1000;

  /**
   * Most row groups can be told by their statistics not to hold what is asked for. A box across the
   * corner of four large cubes, as the one around the origin is, meets the most of them.
   */
  private static final double MOST = 0.6;

  private static Path large;

  @BeforeAll
  static void aLargerCloud() throws Exception {
    large = SmallTown.newFolder("large");
    Settings settings =
        Settings.defaults()
            .withOverride("map.row-group-mb=1")
            .withOverride("map.tile-points=10000");
    try (SparkSession spark = SparkSessions.open(settings, "local[2]")) {
      Workspace workspace = Workspace.open(large.toString(), new Configuration());
      Run run = Run.onTables(spark, settings);
      MapSolution solution = solution();
      var runs =
          JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(runs(solution), 4);
      var folder = new org.apache.hadoop.fs.Path(workspace.root(), "map");
      new MapWriter(run, solution, folder).points(FusedPoints.of(run, runs, solution));
    }
  }

  @Test
  void countsAndBoundsAreOneQuery() throws Exception {
    try (MapSql map = MapSql.of(SmallTown.published())) {
      List<Object> row =
          map.rows("select count(*), min(x) < max(x), count(distinct image_id) from {points}")
              .get(0);

      assertThat((long) row.get(0)).isEqualTo(map.number("select sum(points) from {tiles}"));
      assertThat(row.get(1)).isEqualTo(true);
      assertThat((long) row.get(2)).isBetween(2L, (long) SmallTown.PHOTOS);
    }
  }

  @Test
  void pointsJoinTheCamerasThatSawThem() throws Exception {
    try (MapSql map = MapSql.of(SmallTown.published())) {
      assertThat(map.number("select count(*) from {points} p join {cameras} c using (image_id)"))
          .isEqualTo(map.number("select count(*) from {points}"));
      assertThat(
              map.real(
                  "select median(c.z - p.z) from {points} p join {cameras} c using (image_id)"))
          .isCloseTo(60, within(15.0)); // flight height above a ground with houses
    }
  }

  @Test
  void edgesCarryTheUpperTriangleOfA7By7Covariance() throws Exception {
    try (MapSql map = MapSql.of(SmallTown.published())) {
      assertThat(map.column("select distinct len(covariance) from {edges} where accepted"))
          .containsExactly(28L);
    }
  }

  @Test
  void camerasHaveTheirPlaceOnEarth() throws Exception {
    try (MapSql map = MapSql.of(SmallTown.published())) {
      assertThat(
              map.number(
                  "select count(*) from {cameras} where geometry::varchar"
                      + " not like 'POINT Z (11.5%' or abs(lat - 48.1372) > 0.01"))
          .isZero();
    }
  }

  @Test
  void aBoxFindsThePointsInIt() throws Exception {
    Box box = new Box(120, 170, -310, -260);
    try (MapSql map = MapSql.of(large)) {
      long inBox =
          map.rows("select x, y from {points}").stream()
              .filter(p -> box.contains((double) p.get(0), (double) p.get(1)))
              .count();

      assertThat(inBox).isPositive();
      assertThat(map.number("select count(*) from {points} where " + box.sql())).isEqualTo(inBox);
    }
  }

  @Test
  void aBoxIsAnsweredFromFewRowGroups() throws Exception {
    try (MapSql map = MapSql.of(large)) {
      for (Box box :
          List.of(
              new Box(120, 170, -310, -260),
              new Box(-480, -430, 400, 450),
              new Box(-25, 25, -25, 25))) {
        long wanted =
            map.number(
                """
                select count(*) from (
                  select row_group_id,
                    max(stats_max) filter (path_in_schema = 'x')::double >= %s and
                    max(stats_min) filter (path_in_schema = 'x')::double <= %s and
                    max(stats_max) filter (path_in_schema = 'y')::double >= %s and
                    max(stats_min) filter (path_in_schema = 'y')::double <= %s as hit
                  from parquet_metadata('%s') group by file_name, row_group_id)
                where hit"""
                    .formatted(
                        box.minX(), box.maxX(), box.minY(), box.maxY(), map.files("points")));

        assertThat(wanted).isPositive();
        assertThat(1 - wanted / (double) rowGroups(map)).as("%s", box).isGreaterThan(MOST);
      }
    }
  }

  @Test
  void aTileIsAnsweredFromFewRowGroups() throws Exception {
    try (MapSql map = MapSql.of(large)) {
      List<Object> tiles = map.column("select tile from {tiles} order by tile");
      assertThat(tiles).hasSizeGreaterThan(10);
      for (Object tile : List.of(tiles.get(0), tiles.get(tiles.size() / 2))) {
        long wanted =
            map.number(
                """
                select count(*) from parquet_metadata('%s') where path_in_schema = 'tile'
                and stats_min::bigint <= %s and stats_max::bigint >= %s"""
                    .formatted(map.files("points"), tile, tile));

        assertThat(wanted).isPositive();
        assertThat(1 - wanted / (double) rowGroups(map)).isGreaterThan(MOST);
        assertThat(map.number("select count(*) from {points} where tile = " + tile))
            .isEqualTo(map.number("select points from {tiles} where tile = " + tile));
      }
    }
  }

  @Test
  void aLevelIsAShareOfTheCloudThatCoversAllOfIt() throws Exception {
    try (MapSql map = MapSql.of(large)) {
      assertThat(map.number("select count(*) from {points}")).isEqualTo(POINTS);
      assertThat(map.number("select count(distinct tile) from {points} where level = 0"))
          .isEqualTo(map.number("select count(*) from {tiles}"));
      assertThat(map.number("select count(*) from {points} where level = 0"))
          .isLessThan(POINTS / 10);
    }
  }

  private static long rowGroups(MapSql map) throws Exception {
    long groups =
        map.number(
            "select count(distinct (file_name, row_group_id)) from parquet_metadata('%s')"
                .formatted(map.files("points")));
    assertThat(groups).isGreaterThan(8);
    return groups;
  }

  private record Box(double minX, double maxX, double minY, double maxY) {
    boolean contains(double x, double y) {
      return minX <= x && x <= maxX && minY <= y && y <= maxY;
    }

    String sql() {
      return "x between %s and %s and y between %s and %s".formatted(minX, maxX, minY, maxY);
    }
  }

  /** Hills below the origin, which is as high as the cameras; each point alone in its voxel. */
  private static List<MapPoint> terrain() {
    Random random = new Random(12);
    List<MapPoint> points = new ArrayList<>(POINTS);
    for (int i = 0; i < POINTS; i++) {
      double x = SIDE_METERS * (random.nextDouble() - 0.5);
      double y = SIDE_METERS * (random.nextDouble() - 0.5);
      double z = -60 + 20 * Math.sin(x / 90) * Math.cos(y / 70) + random.nextGaussian();
      points.add(
          new MapPoint(
              new Vec3(x, y, z),
              random.nextInt(1 << 24),
              random.nextFloat(),
              random.nextInt(2000),
              random.nextInt(30),
              2 + random.nextInt(9),
              1));
    }
    return points;
  }

  private static List<VoxelRun> runs(MapSolution solution) {
    return terrain().stream().collect(Collectors.groupingBy(MapPoint::chunkId)).values().stream()
        .map(chunk -> VoxelRun.of(0, solution.fusions().get(0), chunk))
        .toList();
  }

  /** No chunks, one component, voxels too fine to fuse anything. */
  private static MapSolution solution() throws IOException {
    Bounds bounds = Bounds.empty();
    for (MapPoint point : terrain()) {
      bounds = bounds.including(point.xInWorld());
    }
    Morton morton = Morton.covering(bounds, Morton.FINEST_CELL_METERS);
    return new MapSolution(
        null,
        new MapFrames(List.of(), List.of(), List.of()),
        Map.of(),
        Map.of(),
        Map.of(),
        morton,
        Map.of(0, VoxelFusion.ofEdge(morton, morton.cellMeters())));
  }
}
