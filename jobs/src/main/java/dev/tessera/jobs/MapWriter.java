package dev.tessera.jobs;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import dev.tessera.jobs.check.CheckReport;
import dev.tessera.jobs.check.MapCheck;
import dev.tessera.jobs.metrics.RunEvent;
import dev.tessera.jobs.tables.CameraRows;
import dev.tessera.jobs.tables.CameraRows.MapCamera;
import dev.tessera.jobs.tables.ChunkRows;
import dev.tessera.jobs.tables.EdgeRows;
import dev.tessera.jobs.tables.FailureRows;
import dev.tessera.jobs.tables.FailureRows.Failure;
import dev.tessera.jobs.tables.MemoryRows;
import dev.tessera.jobs.tables.ParquetFooters;
import dev.tessera.jobs.tables.PointRows;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.jobs.tables.TileRows;
import dev.tessera.jobs.tables.TileRows.Tile;
import dev.tessera.map.Bounds;
import dev.tessera.map.GeoParquet;
import dev.tessera.map.GeoParquet.Geometry;
import dev.tessera.map.Wkb;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.partition.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/** Writes the tables of a map into an attempt folder, as format.md describes them. */
final class MapWriter {
  private static final long CAMERAS_PER_FILE = 500_000;

  private final Run run;
  private final MapSolution solution;
  private final Path folder;

  MapWriter(Run run, MapSolution solution, Path folder) {
    this.run = run;
    this.solution = solution;
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  void cameras(JavaRDD<MapCamera> cameras) throws IOException {
    int files = (int) (1 + cameras.count() / CAMERAS_PER_FILE);
    write(
        "cameras",
        cameras.sortBy(MapWriter::order, true, files).map(CameraRows::toRow),
        CameraRows.SCHEMA);
    Bounds onEarth =
        cameras
            .filter(MapCamera::georeferenced)
            .map(c -> c.cameraFromWorld().center())
            .aggregate(Bounds.empty(), Bounds::including, Bounds::union);
    geoMetadata("cameras", Geometry.POINT_Z, onEarth);
  }

  /** Morton order; the id decides between cameras in one cell. */
  private static String order(MapCamera c) {
    return "%016x%016x".formatted(c.morton(), c.imageId());
  }

  void points(FusedPoints points) throws IOException {
    run.spark()
        .createDataFrame(points.placed().map(PointRows::toRow), PointRows.SCHEMA)
        .write()
        .option("parquet.block.size", rowGroupBytes())
        .parquet(new Path(folder, "points").toString());
    List<Row> tiles = new ArrayList<>();
    for (Tile tile : points.tiles()) {
      tiles.add(TileRows.toRow(tile, outline(tile.boundsOnEarth())));
    }
    write("tiles", run.sc().parallelize(tiles, 1), TileRows.SCHEMA);
    geoMetadata("tiles", Geometry.POLYGON, points.boundsOnEarth());
  }

  /** Nothing for a map that remembers nothing: it has no such table. */
  void memory(MapMemory memory) {
    if (memory.tensors() > 0) {
      run.spark()
          .createDataFrame(memory.rows(run), MemoryRows.SCHEMA)
          .write()
          .options(MemoryRows.PARQUET_OPTIONS)
          .option("parquet.block.size", rowGroupBytes())
          .parquet(new Path(folder, "memory").toString());
    }
  }

  private long rowGroupBytes() {
    return run.settings().longInteger("map.row-group-mb") << 20;
  }

  void chunksAndEdges(JavaRDD<MapCamera> cameras) throws IOException {
    Map<Integer, Bounds> footprints =
        new HashMap<>(
            cameras
                .mapToPair(c -> new Tuple2<>(c.chunkId(), bounds(c.cameraFromWorld().center())))
                .reduceByKey(Bounds::union)
                .collectAsMap()); // one box per chunk
    List<Row> rows = new ArrayList<>();
    Bounds onEarth = Bounds.empty();
    for (ChunkId id : solution.outcomes().keySet()) {
      ChunkFrame frame = solution.frames().of(id).orElse(null);
      Bounds footprint = footprints.getOrDefault(id.value(), Bounds.empty());
      boolean placed = frame != null && frame.georeferenced() && !footprint.isEmpty();
      onEarth = placed ? onEarth.union(footprint) : onEarth;
      rows.add(
          ChunkRows.toRow(
              solution.plan().get(id),
              solution.outcomes().get(id),
              frame,
              placed ? outline(footprint) : null));
    }
    write("chunks", run.sc().parallelize(rows, 1), ChunkRows.SCHEMA);
    geoMetadata("chunks", Geometry.POLYGON, onEarth);
    List<Row> edges =
        solution.frames().edges().stream()
            .map(result -> EdgeRows.toRow(result.edge(), result.weight()))
            .toList();
    write("edges", run.sc().parallelize(edges, 1), EdgeRows.SCHEMA);
  }

  void failures(JavaRDD<Failure> failures) {
    write(
        "failures",
        failures.sortBy(f -> f.stage() + f.kind() + f.name(), true, 1).map(FailureRows::toRow),
        FailureRows.SCHEMA);
  }

  /**
   * Adds report and manifest, checks the map, and marks it as whole.
   *
   * @throws RunFailedException if the map breaks a rule of its format
   */
  void finish(String key, FusedPoints points, Map<String, Object> facts, ReportData report)
      throws IOException {
    run.workspace().writeText(new Path(folder, "report.html"), report.html());
    MapManifest manifest = MapManifest.of(run, solution, points, key, facts, folder);
    run.workspace().writeJson(new Path(folder, MapManifest.FILE), manifest);
    long start = System.nanoTime();
    CheckReport check = MapCheck.of(run.spark(), folder, MapCheck.Extent.UNPUBLISHED);
    RunEvent.of("map-check")
        .with("run", run.runId())
        .with("seconds", (System.nanoTime() - start) / 1e9)
        .with("violations", check.violations().size())
        .log();
    if (!check.valid()) {
      throw new RunFailedException(
          "Cannot publish the map: " + check.violations().get(0), ExitCodes.INVALID);
    }
    run.workspace().writeText(new Path(folder, "_SUCCESS"), "");
  }

  private void write(String table, JavaRDD<Row> rows, StructType schema) {
    Tables.write(run.spark(), rows, schema, new Path(folder, table));
  }

  private void geoMetadata(String table, Geometry geometry, Bounds bounds) throws IOException {
    double[] bbox =
        bounds.isEmpty() || !solution.georeferenced()
            ? new double[0]
            : GeoParquet.bbox(geometry, corners(bounds));
    ParquetFooters.add(
        run.sc().hadoopConfiguration(),
        new Path(folder, table),
        GeoParquet.METADATA_KEY,
        GeoParquet.metadata(geometry, bbox));
  }

  private byte[] outline(Bounds b) {
    if (b.isEmpty()) {
      return null;
    }
    LocalFrame world = solution.world();
    return Wkb.polygon(
        List.of(
            world.toGeo(new Vec3(b.minX(), b.minY(), b.minZ())),
            world.toGeo(new Vec3(b.maxX(), b.minY(), b.minZ())),
            world.toGeo(new Vec3(b.maxX(), b.maxY(), b.minZ())),
            world.toGeo(new Vec3(b.minX(), b.maxY(), b.minZ()))));
  }

  private List<GeoPoint> corners(Bounds b) {
    List<GeoPoint> corners = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      corners.add(
          solution
              .world()
              .toGeo(
                  new Vec3(
                      (i & 1) == 0 ? b.minX() : b.maxX(),
                      (i & 2) == 0 ? b.minY() : b.maxY(),
                      (i & 4) == 0 ? b.minZ() : b.maxZ())));
    }
    return corners;
  }

  private static Bounds bounds(Vec3 x) {
    return Bounds.empty().including(x);
  }
}
