package dev.tessera.jobs.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tessera.jobs.MapManifest;
import dev.tessera.map.Bounds;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import scala.Tuple2;

/**
 * Looks whether a map keeps what docs/format.md promises: files and footers, then one pass over
 * each table on executors, then what the tables say of one another. Rows that cannot be read are
 * not looked at. The driver holds the manifest, one small row per chunk, and a bounded list of
 * broken rules.
 */
public final class MapCheck {
  private final SparkSession spark;
  private final JavaSparkContext sc;
  private final Path map;
  private final Violations violations = new Violations();
  private final Map<String, Long> rows = new TreeMap<>();

  /** How much of a map is there to be looked at. */
  public enum Extent {
    /** All of it: every byte of every file, and the mark of a whole map. */
    PUBLISHED,
    /** One whose files were digested a moment ago, and that is not marked as whole yet. */
    UNPUBLISHED
  }

  private MapCheck(SparkSession spark, Path map) {
    this.spark = spark;
    this.sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.map = map;
  }

  /**
   * Checks a map.
   *
   * @param map its folder
   * @throws IOException if the folder cannot be read: that says nothing about the map
   */
  public static CheckReport of(SparkSession spark, Path map, Extent extent) throws IOException {
    FileSystem fs = map.getFileSystem(spark.sparkContext().hadoopConfiguration());
    MapCheck check = new MapCheck(spark, fs.makeQualified(map));
    if (extent == Extent.PUBLISHED && !fs.exists(new Path(map, "_SUCCESS"))) {
      check.violations.add("success", "map", "there is no file _SUCCESS");
    }
    String key = null;
    try {
      MapManifest manifest = MapManifest.read(fs, map);
      Optional<MapFacts> facts = MapFacts.of(manifest);
      key = manifest.key();
      if (facts.isPresent()) {
        check.contents(manifest, facts.get(), extent == Extent.PUBLISHED);
      } else {
        check.violations.add("manifest", "map", "it is not one of version 1");
      }
    } catch (FileNotFoundException e) {
      check.violations.add("manifest", "map", "there is no file " + MapManifest.FILE);
    } catch (JsonProcessingException e) {
      check.violations.add("manifest", "map", e.getOriginalMessage());
    }
    return new CheckReport(check.map.toString(), key, check.rows, check.violations.list());
  }

  private void contents(MapManifest manifest, MapFacts facts, boolean digests) throws IOException {
    List<TableRules> columns = new MapRules(facts, sc.broadcast(Map.of())).all();
    MapFiles files = MapFiles.check(sc, map, manifest, columns, digests, violations);
    Map<Integer, MapChunk> chunks = files.readable("chunks") ? chunks() : Map.of();
    Map<String, TableRules> rules =
        new MapRules(facts, sc.broadcast(chunks))
            .all().stream()
                .filter(table -> files.readable(table.table()))
                .collect(Collectors.toMap(TableRules::table, Function.identity()));
    Map<String, JavaRDD<Row>> tables = new HashMap<>();
    rules.forEach((table, of) -> tables.put(table, read(of)));

    scan(rules, tables);
    JavaRDD<PointScan> points = points(rules, tables, chunks, manifest);
    references(tables, points);
    counts(manifest, chunks, tables);
    points.unpersist();
  }

  /** Rows with the name of their file and their number in it. */
  private JavaRDD<Row> read(TableRules rules) {
    return spark
        .read()
        .schema(rules.columns())
        .parquet(new Path(map, rules.table()).toString())
        .select(
            functions.col("*"),
            functions.col("_metadata.file_name"),
            functions.col("_metadata.row_index"))
        .javaRDD();
  }

  /** All chunks; a number that is not unique is a broken rule. */
  private Map<Integer, MapChunk> chunks() {
    Map<Integer, MapChunk> chunks = new TreeMap<>();
    List<Row> collected = // one small row per chunk
        spark
            .read()
            .parquet(new Path(map, "chunks").toString())
            .select("chunk_id", "status", "kind", "component_id", "georeferenced")
            .na()
            .drop(new String[] {"chunk_id", "status", "kind"})
            .collectAsList();
    for (Row row : collected) {
      MapChunk chunk = MapChunk.of(row);
      if (chunks.put(chunk.id(), chunk) != null) {
        violations.add("unique", "chunks", "chunk_id " + chunk.id());
      }
    }
    return chunks;
  }

  /** One pass over all tables but the points. */
  private void scan(Map<String, TableRules> rules, Map<String, JavaRDD<Row>> tables) {
    JavaRDD<TableScan> scans = sc.emptyRDD();
    for (TableRules table : rules.values()) {
      if (!table.table().equals("points")) {
        scans = scans.union(tables.get(table.table()).mapPartitions(rows -> scan(table, rows)));
      }
    }
    scans.collect().stream() // one per partition
        .collect(Collectors.groupingBy(TableScan::table))
        .forEach((table, parts) -> add(TableScan.whole(rules.get(table), parts)));
  }

  private static Iterator<TableScan> scan(TableRules rules, Iterator<Row> rows) {
    TableScan scan = new TableScan(rules);
    rows.forEachRemaining(scan::add);
    return List.of(scan).iterator();
  }

  private void add(TableScan scan) {
    rows.put(scan.table(), scan.rows());
    violations.addAll(scan.violations());
  }

  /** One pass over the points. */
  private JavaRDD<PointScan> points(
      Map<String, TableRules> rules,
      Map<String, JavaRDD<Row>> tables,
      Map<Integer, MapChunk> chunks,
      MapManifest manifest) {
    if (!rules.containsKey("points")) {
      return sc.emptyRDD();
    }
    TableRules ofPoints = rules.get("points");
    Set<Integer> onEarth =
        chunks.values().stream()
            .filter(MapChunk::georeferenced)
            .map(MapChunk::component)
            .collect(Collectors.toSet());
    JavaRDD<PointScan> scans =
        tables.get("points").mapPartitions(rows -> PointScan.of(ofPoints, onEarth, rows)).cache();
    List<Tuple2<TableScan, Bounds>> parts =
        scans.map(scan -> new Tuple2<>(scan.rows(), scan.bounds())).collect(); // per partition
    add(TableScan.whole(ofPoints, parts.stream().map(Tuple2::_1).toList()));
    Bounds bounds = parts.stream().map(Tuple2::_2).reduce(Bounds.empty(), Bounds::union);
    Map<String, Double> said = MapManifest.bounds(bounds);
    if (!Objects.equals(said, manifest.bounds())) {
      violations.add("bounds", "map", "%s, but points say %s".formatted(manifest.bounds(), said));
    }
    return scans;
  }

  private void references(Map<String, JavaRDD<Row>> tables, JavaRDD<PointScan> points) {
    JavaRDD<Violation> broken = sc.emptyRDD();
    JavaRDD<Row> cameras = tables.get("cameras");
    if (cameras != null && tables.containsKey("points")) {
      broken =
          broken.union(
              References.photosOnce(cameras, points.flatMap(scan -> scan.photos().iterator())));
    }
    if (cameras != null && tables.containsKey("failures")) {
      broken = broken.union(References.camerasOrFailures(cameras, tables.get("failures")));
    }
    if (tables.containsKey("tiles") && tables.containsKey("points")) {
      broken =
          broken.union(
              References.tiles(
                  tables.get("tiles"), points.flatMap(scan -> scan.tiles().iterator())));
    }
    broken
        .mapToPair(v -> new Tuple2<>(v.where() + v.rule(), v))
        .reduceByKey(Violation::plus)
        .values()
        .collect() // one per rule
        .forEach(violations::add);
  }

  /** What the manifest counts, counted again. */
  private void counts(
      MapManifest manifest, Map<Integer, MapChunk> chunks, Map<String, JavaRDD<Row>> tables) {
    Map<String, Long> counts = new TreeMap<>();
    count(counts, "cameras", "registered");
    count(counts, "points", "points");
    count(counts, "edges", "edges");
    count(counts, "tiles", "tiles");
    count(counts, "failures", "failures");
    count(counts, "memory", "tensors");
    if (rows.containsKey("chunks")) {
      long halved = chunks.values().stream().filter(c -> c.status().equals("halved")).count();
      long rechunked = chunks.values().stream().filter(c -> c.status().equals("rechunked")).count();
      counts.put("chunks", rows.get("chunks") - halved - rechunked);
      counts.put("chunks_halved", halved);
      counts.put("chunks_rechunked", rechunked);
      counts.put(
          "chunks_seam", chunks.values().stream().filter(c -> c.kind().equals("seam")).count());
      List<Integer> placed =
          chunks.values().stream().map(MapChunk::component).filter(Objects::nonNull).toList();
      counts.put("chunks_in_map", (long) placed.size());
      counts.put("components", placed.stream().distinct().count());
    }
    if (tables.containsKey("cameras") && tables.containsKey("failures")) {
      Map<String, Long> photos = photos(tables.get("cameras"), tables.get("failures"));
      counts.put("georeferenced", photos.getOrDefault("georeferenced", 0L));
      counts.put("photos", photos.values().stream().mapToLong(n -> n).sum());
    }
    counts.forEach(
        (name, found) -> {
          Object said = manifest.counts().get(name);
          if (!(said instanceof Number n) || n.longValue() != found) {
            violations.add("counts", "map", "%s is %s, found %d".formatted(name, said, found));
          }
        });
  }

  private void count(Map<String, Long> counts, String table, String name) {
    if (rows.containsKey(table)) {
      counts.put(name, rows.get(table));
    }
  }

  /** How many photos are georeferenced cameras, other cameras, failures. */
  private static Map<String, Long> photos(JavaRDD<Row> cameras, JavaRDD<Row> failures) {
    return cameras
        .map(c -> c.<Boolean>getAs("georeferenced") ? "georeferenced" : "placed")
        .union(failures.filter(f -> f.getAs("kind").equals("photo")).map(f -> "failed"))
        .countByValue();
  }
}
