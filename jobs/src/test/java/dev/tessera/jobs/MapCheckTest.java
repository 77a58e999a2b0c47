package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tessera.jobs.check.CheckReport;
import dev.tessera.jobs.check.MapCheck;
import dev.tessera.jobs.check.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A good map keeps all rules, and there is a way to break each of them that is found. */
class MapCheckTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static SparkSession spark;
  private static Path good;

  @BeforeAll
  static void start() throws Exception {
    good = SmallTown.published().resolve("map");
    spark = SparkSessions.open(Settings.defaults(), "local[2]");
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @Test
  void aGoodMapKeepsAllRules() throws Exception {
    CheckReport report = check(good);

    assertThat(report.violations()).isEmpty();
    assertThat(report.rows())
        .containsOnlyKeys("cameras", "chunks", "edges", "failures", "memory", "points", "tiles")
        .containsEntry("cameras", (long) SmallTown.PHOTOS);
  }

  /** Each line: a table, a change of its rows in SQL, the rule that the change breaks. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cameras  | * replace (case when {first} then null else name end as name)          | nulls
          cameras  | * replace (case when {first} then 'nan'::double else k1 end as k1)      | finite
          points   | * replace (case when {first} then 'inf'::float else confidence end as confidence) | finite
          cameras  | * replace (2 * qw as qw)                                                | unit-quaternion
          cameras  | * replace (case when {first} then -world_qx else world_qx end as world_qx) | pose
          cameras  | * replace (case when {first} then tx + 0.001 else tx end as tx)         | pose
          cameras  | * replace (case when {first} then -focal_px else focal_px end as focal_px) | range
          points   | * replace (case when {first} then 300::smallint else g end as g)        | range
          points   | * replace (case when {first} then 1.5::float else confidence end as confidence) | range
          points   | * replace (case when {first} then 8 else level end as level)            | range
          points   | * replace (case when {first} then z + 1 else z end as z)                | morton-key
          cameras  | * replace (case when {first} then morton - 1 else morton end as morton) | morton-key
          points   | * replace (case when {first} then tile + 1 else tile end as tile)       | tile-key
          cameras  | * replace (case when {first} then 99 else chunk_id end as chunk_id)     | chunk-reference
          cameras  | * replace (case when {first} then 7 else component_id end as component_id) | chunk-reference
          edges    | * replace (case when {first} then 99 else chunk_b end as chunk_b)       | chunk-reference
          chunks   | * replace (case when {first} then 99 end as halved_from)                | chunk-reference
          cameras  | * replace (case when {first} then lon + 0.0001 else lon end as lon)     | georeference
          cameras  | * replace (case when {first} then null else height_m end as height_m)   | georeference
          cameras  | * replace (encode('bad') as geometry)                                   | geometry
          tiles    | * replace (encode('bad') as geometry)                                  | geometry
          chunks   | * replace (case when {first} then 2 * qx + 1 else qx end as qx)         | frame
          chunks   | * replace (case when {first} then 'too_few_views' end as reason)        | frame
          chunks   | * replace (case when {first} then -scale else scale end as scale)       | frame
          edges    | * replace (case when {first} then 2.0 else weight end as weight)        | verdict
          edges    | * replace (case when {first} then not accepted else accepted end as accepted) | verdict
          edges    | * replace (case when {first} then covariance[1:27] else covariance end as covariance) | similarity
          edges    | * replace (case when {first} then chunk_b else chunk_a end as chunk_a)  | range
          tiles    | * replace (points + 1 as points)                                        | tile-points
          tiles    | * replace (case when {first} then max_x + 1 else max_x end as max_x)    | tile-points
          points   | * replace (case when {first} then image_id + 1 else image_id end as image_id) | photo-reference
          points   | * replace (case when {first} then chunk_id + 1 else chunk_id end as chunk_id) | photo-once
          failures | * from {table} union all select 'ingest', 'photo', (select min(name) from {cameras}), null, 'r', 'd', 0 | photo-once
          """)
  void aBadRowIsFoundByItsRule(String table, String select, String rule) throws Exception {
    Path map = copy();
    rewrite(map, table, select, "");

    assertThat(check(map).violations())
        .anySatisfy(
            violation -> {
              assertThat(violation.rule()).isEqualTo(rule);
              assertThat(violation.count()).isPositive();
              assertThat(violation.example()).isNotBlank();
            });
  }

  @Test
  void anEdgeInUseToAChunkThatIsNotInTheMapIsFound() throws Exception {
    Path map = copy();
    rewrite(
        map,
        "chunks",
        "* replace (case when not {first} then component_id end as component_id)",
        "");

    assertThat(rules(map)).contains("edges chunk-reference");
  }

  @ParameterizedTest
  @CsvSource({
    "points, morton desc",
    "cameras, image_id",
    "chunks, chunk_id desc",
    "edges, chunk_b desc"
  })
  void rowsInAnotherOrderAreFound(String table, String order) throws Exception {
    Path map = copy();
    rewrite(map, table, "*", order);

    assertThat(check(map).violations())
        .extracting(Violation::where, Violation::rule)
        .contains(tuple(table, "order"));
  }

  /** Each file is in order, the two together are not. */
  @Test
  void filesInAnotherOrderAreFound() throws Exception {
    Path map = copy();
    Path file = only(map, "points");
    Path second = file.resolveSibling("part-99999.parquet");
    sql(
        "copy (from '%s' order by morton, component_id limit 500) to '%s' (format parquet)"
            .formatted(file, second));
    sql(
        "copy (from '%s' order by morton, component_id offset 500) to '%s-rest' (format parquet)"
            .formatted(file, file));
    Files.move(Path.of(file + "-rest"), file, StandardCopyOption.REPLACE_EXISTING);
    list(map);

    assertThat(check(map).violations())
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.rule()).isEqualTo("order");
              assertThat(violation.count()).isOne();
            });
  }

  @Test
  void aRowMoreOrLessIsFound() throws Exception {
    Path more = copy();
    rewrite(more, "cameras", "* from {table} union all from {table} where {first}", "");
    Path less = copy();
    rewrite(less, "points", "* from {table} where not {first}", "");

    assertThat(rules(more)).contains("map counts", "cameras unique");
    assertThat(rules(less)).contains("map counts", "tiles tile-points");
  }

  @Test
  void columnsOfAnotherNameOrTypeAreFoundAndAColumnMoreIsNone() throws Exception {
    Path renamed = copy();
    rewrite(renamed, "points", "* rename (n_obs as observations)", "");
    Path retyped = copy();
    rewrite(retyped, "edges", "* replace (weight::float as weight)", "");
    Path more = copy();
    rewrite(more, "points", "*, 1 as of_a_later_version", "morton, component_id");

    assertThat(rules(renamed)).containsExactly("points schema");
    assertThat(rules(retyped)).containsExactly("edges schema");
    assertThat(rules(more)).isEmpty();
  }

  @Test
  void aFileThatIsMissingShorterOrChangedIsFound() throws Exception {
    Path missing = copy();
    Files.delete(only(missing, "tiles"));
    Path shorter = copy();
    Path file = only(shorter, "points");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 1000));
    Path changed = copy();
    Path report = changed.resolve("report.html");
    Files.writeString(report, Files.readString(report).replace("<title>", "<Title>"));
    Path truncatedAndListed = copy();
    Path points = only(truncatedAndListed, "points");
    Files.write(points, Arrays.copyOf(Files.readAllBytes(points), 1000));
    list(truncatedAndListed);

    assertThat(rules(missing)).containsExactly("map missing");
    assertThat(rules(shorter)).containsExactly("map size");
    assertThat(rules(changed)).containsExactly("map digest");
    assertThat(rules(truncatedAndListed)).containsExactly("map unreadable");
  }

  @Test
  void aFileThatNobodyListsIsFound() throws Exception {
    Path map = copy();
    Path file = only(map, "cameras");
    Files.copy(file, file.resolveSibling("part-00001-of-another-run.parquet"));

    assertThat(rules(map)).contains("map unlisted", "cameras unique", "map counts");
  }

  @Test
  void aMapWithoutMarkOrManifestIsNone() throws Exception {
    Path unfinished = copy();
    Files.delete(unfinished.resolve("_SUCCESS"));
    Path anonymous = copy();
    Files.delete(anonymous.resolve("_manifest.json"));
    Path garbled = copy();
    Files.writeString(garbled.resolve("_manifest.json"), "{\"schemaVersion\":");
    Path later = copy();
    edit(later, manifest -> manifest.put("schemaVersion", "2.0"));

    assertThat(rules(unfinished)).containsExactly("map success");
    assertThat(rules(anonymous)).containsExactly("map manifest");
    assertThat(rules(garbled)).containsExactly("map manifest");
    assertThat(rules(later)).containsExactly("map manifest");
  }

  @Test
  void countsAndBoundsOfTheManifestAreCountedAgain() throws Exception {
    for (String name :
        List.of(
            "photos",
            "registered",
            "georeferenced",
            "chunks",
            "chunks_halved",
            "chunks_rechunked",
            "chunks_seam",
            "chunks_in_map",
            "components",
            "points",
            "tiles",
            "edges",
            "failures")) {
      Path map = copy();
      edit(
          map,
          manifest -> {
            ObjectNode counts = (ObjectNode) manifest.get("counts");
            counts.put(name, counts.get(name).asLong() + 1);
          });

      assertThat(rules(map)).as(name).containsExactly("map counts");
    }
    Path moved = copy();
    edit(moved, manifest -> ((ObjectNode) manifest.get("bounds")).put("min_x", -1e6));
    assertThat(rules(moved)).containsExactly("map bounds");
  }

  @Test
  void geoParquetThatIsMissingOrCannotBeParsedIsFound() throws Exception {
    Path without = copy();
    sql(
        "copy (from '%s') to '%s-new' (format parquet)"
            .formatted(only(without, "chunks"), only(without, "chunks")));
    Files.move(
        Path.of(only(without, "chunks") + "-new"),
        only(without, "chunks"),
        StandardCopyOption.REPLACE_EXISTING);
    list(without);
    Path garbled = copy();
    rewrite(garbled, "cameras", "*", "morton, image_id", "{\"version\":");
    Path boxed = copy();
    rewrite(
        boxed,
        "tiles",
        "*",
        "tile",
        geo("tiles").replaceFirst("\"bbox\":\\[[^,]+,", "\"bbox\":[179,"));

    assertThat(rules(without)).containsExactly("chunks geoparquet");
    assertThat(rules(garbled)).containsExactly("cameras geoparquet");
    assertThat(rules(boxed)).containsExactly("tiles geoparquet");
  }

  private static CheckReport check(Path map) throws IOException {
    return MapCheck.of(
        spark, new org.apache.hadoop.fs.Path(map.toString()), MapCheck.Extent.PUBLISHED);
  }

  private static List<String> rules(Path map) throws IOException {
    return check(map).violations().stream().map(v -> v.where() + " " + v.rule()).toList();
  }

  private static Path copy() throws IOException {
    Path copy = SmallTown.newFolder("checked");
    SmallTown.copy(good, copy);
    return copy;
  }

  private static Path only(Path map, String table) throws IOException {
    try (Stream<Path> files = Files.list(map.resolve(table))) {
      return files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  private static void rewrite(Path map, String table, String select, String order)
      throws Exception {
    rewrite(map, table, select, order, geo(table));
  }

  /** Writes a table again by SQL; the manifest lists what is there then. */
  private static void rewrite(Path map, String table, String select, String order, String geo)
      throws Exception {
    Path file = only(map, table);
    String rows = select.contains(" from {table}") ? select : select + " from {table}";
    String query = "select " + rows.replace("{first}", "file_row_number = 0");
    query =
        query
            .replace("{table}", "(from read_parquet('%s', file_row_number = true))".formatted(file))
            .replace("{cameras}", "'%s'".formatted(only(map, "cameras")));
    String ordered = order.isEmpty() ? query : query + " order by " + order;
    String metadata =
        geo == null ? "" : ", kv_metadata {geo: '%s'}".formatted(geo.replace("'", "''"));
    sql(
        "copy (select * exclude (file_row_number) from (%s)) to '%s-new' (format parquet%s)"
            .formatted(ordered, file, metadata));
    Files.move(Path.of(file + "-new"), file, StandardCopyOption.REPLACE_EXISTING);
    list(map);
  }

  /** The GeoParquet metadata of a table; null without. */
  private static String geo(String table) throws Exception {
    try (MapSql map = MapSql.of(good.getParent())) {
      List<Object> values =
          map.column(
              "select decode(value) from parquet_kv_metadata('%s') where key = 'geo'"
                  .formatted(only(good, table)));
      return values.isEmpty() ? null : (String) values.get(0);
    }
  }

  private static void sql(String statement) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement running = connection.createStatement()) {
      running.execute("set enable_geoparquet_conversion = false"); // bytes stay bytes
      running.execute(statement);
    }
  }

  private interface Edit {
    void of(ObjectNode manifest);
  }

  private static void edit(Path map, Edit edit) throws IOException {
    Path file = map.resolve("_manifest.json");
    ObjectNode manifest = (ObjectNode) JSON.readTree(file.toFile());
    edit.of(manifest);
    JSON.writeValue(file.toFile(), manifest);
  }

  /** Makes the manifest list the files as they are. */
  private static void list(Path map) throws IOException {
    edit(
        map,
        manifest -> {
          ArrayNode files = manifest.putArray("files");
          try {
            for (Path path : SmallTown.tree(map)) {
              String name = path.getFileName().toString();
              if (Files.isRegularFile(path) && !name.startsWith("_") && !name.startsWith(".")) {
                files
                    .addObject()
                    .put("path", map.relativize(path).toString())
                    .put("size", Files.size(path))
                    .put("sha256", sha256(path));
              }
            }
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  private static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
