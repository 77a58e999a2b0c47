package dev.tessera.jobs;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.jobs.workspace.Digests;
import dev.tessera.jobs.workspace.FileTasks;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.map.Bounds;
import dev.tessera.merge.MapFrames;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * {@code _manifest.json} of a map: what it is, what it was made from, and every file with size and
 * digest. Described in format.md.
 *
 * @param key identity of the map: inputs, settings and code, digested
 * @param origin of the ENU frame; null if nothing is georeferenced
 * @param bounds of the georeferenced points; of all if none is; null without points
 * @param fallbacks sentences on what the run did otherwise than asked
 */
public record MapManifest(
    String schemaVersion,
    String key,
    String runId,
    String createdAt,
    String software,
    String engine,
    String crs,
    Map<String, Double> origin,
    Map<String, Double> bounds,
    Map<String, Object> counts,
    Map<String, Object> facts,
    Map<String, String> settings,
    List<String> fallbacks,
    List<FileEntry> files) {

  /** Grows by addition: a reader of version 1.x can read any other. */
  public static final String SCHEMA_VERSION = "1.0";

  public static final String FILE = "_manifest.json";

  /** The fact that says which chunks and edges the map is made of: the key of stage repair. */
  static final String REPAIR_KEY = "repair_key";

  /** The fact that names the workspaces that are joined to the map's own. */
  static final String JOINED = "joined";

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  static MapManifest of(
      Run run,
      MapSolution solution,
      FusedPoints points,
      String key,
      Map<String, Object> counts,
      Path folder)
      throws IOException {
    return new MapManifest(
        SCHEMA_VERSION,
        key,
        run.runId(),
        Instant.now().toString(),
        "Tessera " + Tessera.VERSION,
        run.engine().fingerprint(),
        solution.georeferenced()
            ? "ENU metres on the WGS84 tangent plane at origin"
            : "not georeferenced",
        solution.georeferenced() ? origin(solution) : null,
        bounds(solution.georeferenced() ? points.boundsOnEarth() : points.bounds()),
        counts,
        keyFacts(run, solution, points),
        run.settings().all(),
        Fallbacks.of(run, solution),
        filesOf(run.sc(), folder));
  }

  /** The manifest of a published map. */
  public static MapManifest read(FileSystem fs, Path map) throws IOException {
    try (InputStream in = fs.open(new Path(map, FILE))) {
      return JSON.readValue(in, MapManifest.class);
    }
  }

  /** One of the {@link #counts}. */
  public long count(String name) {
    return ((Number) counts.get(name)).longValue();
  }

  /** The ENU frame of the coordinates; null if nothing is georeferenced. */
  public LocalFrame world() {
    return origin == null
        ? null
        : new LocalFrame(
            new GeoPoint(origin.get("lat"), origin.get("lon"), origin.get("height_m")));
  }

  private static Map<String, Double> origin(MapSolution solution) {
    GeoPoint origin = solution.world().origin();
    Map<String, Double> fields = new LinkedHashMap<>();
    fields.put("lat", origin.latitudeDegrees());
    fields.put("lon", origin.longitudeDegrees());
    fields.put("height_m", origin.heightMeters());
    return fields;
  }

  /** The fields of the bounds of points; null if there are none. */
  public static Map<String, Double> bounds(Bounds b) {
    if (b.isEmpty()) {
      return null;
    }
    Map<String, Double> fields = new LinkedHashMap<>();
    fields.put("min_x", b.minX());
    fields.put("min_y", b.minY());
    fields.put("min_z", b.minZ());
    fields.put("max_x", b.maxX());
    fields.put("max_y", b.maxY());
    fields.put("max_z", b.maxZ());
    return fields;
  }

  private static Map<String, Object> keyFacts(Run run, MapSolution solution, FusedPoints points)
      throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("morton_cell_m", solution.morton().cellMeters());
    facts.put("tile_levels", points.tiling().levels());
    facts.put("level_0_shift", points.levels().coarsestShift());
    Map<String, Double> voxels = new TreeMap<>();
    solution.fusions().forEach((component, f) -> voxels.put(component.toString(), f.edgeMeters()));
    facts.put("voxel_m_by_component", voxels);
    facts.put("gps_biases", gpsBiases(solution));
    facts.put(REPAIR_KEY, run.workspace().required(Stage.REPAIR).key());
    facts.put(JOINED, joined(run));
    return facts;
  }

  /** The other workspaces that the map is made of, and the first of their chunks in it. */
  private static List<Map<String, Object>> joined(Run run) throws IOException {
    List<Map<String, Object>> joined = new ArrayList<>();
    for (Sources.Source source : run.sources().joined()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("workspace", source.workspace().root().getName());
      fields.put(REPAIR_KEY, source.workspace().required(Stage.REPAIR).key());
      fields.put("first_chunk_id", source.firstChunk());
      joined.add(fields);
    }
    return joined;
  }

  private static List<Map<String, Object>> gpsBiases(MapSolution solution) {
    List<Map<String, Object>> biases = new ArrayList<>();
    for (MapFrames.GpsBias bias : solution.frames().gpsBiases()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("component_id", bias.componentId());
      fields.put("sequence", bias.sequence());
      fields.put("east_m", bias.meters().x());
      fields.put("north_m", bias.meters().y());
      fields.put("up_m", bias.meters().z());
      fields.put("horizontal_sigma_m", bias.horizontalSigmaMeters());
      fields.put("vertical_sigma_m", bias.verticalSigmaMeters());
      biases.add(fields);
    }
    return biases;
  }

  /** A file of the map, by its path below the map folder. */
  public record FileEntry(String path, long size, String sha256) implements Serializable {}

  /**
   * All visible files below a folder, in order of their paths. Executors read them; the driver
   * holds one entry for each.
   */
  static List<FileEntry> filesOf(JavaSparkContext sc, Path folder) throws IOException {
    FileSystem fs = folder.getFileSystem(sc.hadoopConfiguration());
    String root = fs.makeQualified(folder).toString();
    SortedMap<String, Long> sizes = sizes(fs, folder);
    List<String> paths = List.copyOf(sizes.keySet());
    List<String> digests =
        FileTasks.each(sc, paths, (conf, path) -> Digests.sha256(conf, new Path(root, path)));
    List<FileEntry> entries = new ArrayList<>();
    for (int i = 0; i < paths.size(); i++) {
      entries.add(new FileEntry(paths.get(i), sizes.get(paths.get(i)), digests.get(i)));
    }
    return entries;
  }

  /** Sizes of all visible files below a folder, by their paths there. */
  public static SortedMap<String, Long> sizes(FileSystem fs, Path folder) throws IOException {
    String prefix = fs.makeQualified(folder) + "/";
    SortedMap<String, Long> sizes = new TreeMap<>();
    RemoteIterator<LocatedFileStatus> files = fs.listFiles(folder, true);
    while (files.hasNext()) {
      LocatedFileStatus file = files.next();
      String name = file.getPath().getName();
      if (!name.startsWith("_") && !name.startsWith(".")) {
        sizes.put(file.getPath().toString().substring(prefix.length()), file.getLen());
      }
    }
    return sizes;
  }
}
