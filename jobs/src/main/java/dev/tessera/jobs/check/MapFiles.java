package dev.tessera.jobs.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.jobs.MapManifest;
import dev.tessera.jobs.MapManifest.FileEntry;
import dev.tessera.jobs.workspace.FileTasks;
import dev.tessera.map.GeoParquet;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The files of a map, against its manifest: all there and no others, sizes, digests, and what the
 * footers of Parquet files say. Executors read the files; the driver sees one entry for each, as
 * the manifest has.
 */
final class MapFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final MapManifest manifest;
  private final Map<String, TableRules> tables;
  private final Violations violations;
  private final Map<String, Long> rows = new HashMap<>();
  private final Set<String> broken = new HashSet<>();

  private MapFiles(MapManifest manifest, List<TableRules> tables, Violations violations) {
    this.manifest = manifest;
    this.tables = tables.stream().collect(Collectors.toMap(TableRules::table, t -> t));
    this.violations = violations;
  }

  /**
   * Looks at all files.
   *
   * @param digests whether to read every byte
   */
  static MapFiles check(
      JavaSparkContext sc,
      Path map,
      MapManifest manifest,
      List<TableRules> tables,
      boolean digests,
      Violations violations)
      throws IOException {
    MapFiles files = new MapFiles(manifest, tables, violations);
    files.nothingElse(map.getFileSystem(sc.hadoopConfiguration()), map);
    String folder = map.toString();
    FileTasks.each(sc, manifest.files(), (conf, entry) -> MapFile.of(conf, folder, entry, digests))
        .forEach(files::look);
    files.tablesAreThere();
    return files;
  }

  /** Whether the rows of a table can be looked at. */
  boolean readable(String table) {
    return rows.containsKey(table) && !broken.contains(table);
  }

  /** A reader takes all files of a folder: one that nobody lists makes rows that nobody knows. */
  private void nothingElse(FileSystem fs, Path map) throws IOException {
    Set<String> listed = manifest.files().stream().map(FileEntry::path).collect(Collectors.toSet());
    for (String path : MapManifest.sizes(fs, map).keySet()) {
      if (!listed.contains(path)) {
        violations.add("unlisted", "map", path + " is not in the manifest");
      }
    }
  }

  private void look(MapFile file) {
    if (file.problem() != null) {
      violations.add(file.problem(), "map", file.entry().path() + ": " + file.detail());
      file.table().ifPresent(broken::add);
    } else if (file.table().filter(tables::containsKey).isPresent()) {
      String table = file.table().get();
      rows.merge(table, file.rows(), Long::sum);
      columns(table, file);
      if (Arrays.asList(tables.get(table).columns().fieldNames()).contains(GeoParquet.COLUMN)) {
        geometry(table, file);
      }
    }
  }

  /** Names and types; whether values are missing is a question of rows, and more columns are. */
  private void columns(String table, MapFile file) {
    StructType found =
        new ParquetToSparkSchemaConverter(SQLConf.get())
            .convert(MessageTypeParser.parseMessageType(file.schema()));
    Map<String, String> types = new HashMap<>();
    for (StructField field : found.fields()) {
      types.put(field.name(), field.dataType().catalogString());
    }
    for (StructField field : tables.get(table).columns().fields()) {
      String wanted = field.dataType().catalogString();
      if (!wanted.equals(types.get(field.name()))) {
        broken.add(table);
        violations.add(
            "schema",
            table,
            "column %s of %s is %s, not %s"
                .formatted(field.name(), file.entry().path(), types.get(field.name()), wanted));
      }
    }
  }

  private void geometry(String table, MapFile file) {
    if (file.geo() == null) {
      violations.add("geoparquet", table, file.entry().path() + " has no key geo");
      return;
    }
    try {
      JsonNode geo = JSON.readTree(file.geo());
      JsonNode column = geo.path("columns").path(GeoParquet.COLUMN);
      boolean known =
          geo.path("version").asText().startsWith("1.")
              && geo.path("primary_column").asText().equals(GeoParquet.COLUMN)
              && column.path("encoding").asText().equals("WKB")
              && !column.path("geometry_types").isEmpty()
              && column.path("crs").path("id").path("code").asText().startsWith("CRS84");
      if (!known || !isBox(column.path("bbox"))) {
        violations.add("geoparquet", table, file.entry().path() + ": " + geo);
      }
    } catch (JsonProcessingException e) {
      violations.add("geoparquet", table, file.entry().path() + ": " + e.getOriginalMessage());
    }
  }

  /** None, or lower corner and upper corner. */
  private static boolean isBox(JsonNode box) {
    if (box.isMissingNode()) {
      return true;
    }
    int axes = box.size() / 2;
    for (int i = 0; i < axes; i++) {
      if (!(box.get(i).asDouble(Double.NaN) <= box.get(axes + i).asDouble(Double.NaN))) {
        return false;
      }
    }
    return box.size() == 4 || box.size() == 6;
  }

  /** A map that remembers nothing has no table of it; every other table is always there. */
  private void tablesAreThere() {
    for (String table : tables.keySet()) {
      boolean wanted = !table.equals("memory") || manifest.count("tensors") > 0;
      if (wanted && !rows.containsKey(table) && !broken.contains(table)) {
        violations.add("missing", "map", "table " + table + " has no file");
      }
    }
  }
}
