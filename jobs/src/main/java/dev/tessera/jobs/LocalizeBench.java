package dev.tessera.jobs;

import dev.tessera.geometry.RobustScale;
import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.imagery.PhotoReader;
import dev.tessera.imagery.View;
import dev.tessera.jobs.tables.MemoryReader;
import dev.tessera.jobs.workspace.Workspace;
import dev.tessera.reconstruct.PhotoPose.Located;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.SceneMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What it takes to ask a map about photos, in this JVM and without Spark: every chunk about every
 * photo, one after the other.
 */
public final class LocalizeBench {
  private final Configuration hadoop;
  private final HadoopPhotos photos;
  private final List<Double> features = new ArrayList<>();
  private final List<Double> found = new ArrayList<>();
  private final List<Double> notFound = new ArrayList<>();

  private LocalizeBench(Configuration hadoop) {
    this.hadoop = hadoop;
    this.photos = new HadoopPhotos(new SerializableConfiguration(hadoop));
  }

  /**
   * @param workspace URI of a workspace with a map
   * @param folder URI of a photo folder
   * @return what is printed
   */
  public static Map<String, Object> run(String workspace, String folder) throws IOException {
    Configuration hadoop = SparkSessions.hadoopConfiguration(Settings.defaults());
    Path map = Workspace.map(workspace, hadoop);
    FileSystem fs = map.getFileSystem(hadoop);
    if (!fs.exists(new Path(map, "_SUCCESS")) || !MemoryFiles.exist(fs, map)) {
      throw new UsageException("Cannot localize in " + workspace + ": no map with memories in it");
    }
    Settings settings =
        Settings.defaults()
            .withRecorded(MapManifest.read(fs, map).settings(), Localizer.OWN_SECTIONS);
    List<String> files = PhotoListing.files(hadoop, folder);
    LocalizeBench bench = new LocalizeBench(hadoop);
    Map<Integer, SceneMemory> memories = bench.memories(fs, map);
    int threads = Runtime.getRuntime().availableProcessors();
    try (ReconstructionEngine engine = Engines.of(settings).open(threads)) {
      for (View view : bench.views(settings, files)) {
        bench.ask(engine, view, memories);
      }
    }
    return bench.fields(memories);
  }

  private Map<Integer, SceneMemory> memories(FileSystem fs, Path map) throws IOException {
    List<String> files = MemoryFiles.files(fs, map);
    Map<Integer, SceneMemory> memories = new TreeMap<>();
    for (String file : files) {
      for (int chunk : MemoryReader.chunks(hadoop, file)) {
        memories.putIfAbsent(chunk, MemoryReader.read(hadoop, files, chunk));
      }
    }
    return memories;
  }

  private List<View> views(Settings settings, List<String> files) throws IOException {
    PhotoReader reader = new PhotoReader(IngestJob.readerConfig(settings));
    List<View> views = new ArrayList<>();
    for (String file : files) {
      byte[] bytes = photos.read(file);
      PhotoOutcome outcome =
          reader.read(
              file, new Path(file).getName(), new ByteArrayInputStream(bytes), bytes.length);
      if (outcome instanceof PhotoOutcome.Accepted accepted) {
        views.add(accepted.view());
      }
    }
    return views;
  }

  /** The engine keeps the features of the photos that it saw last, so they are not found twice. */
  private void ask(ReconstructionEngine engine, View photo, Map<Integer, SceneMemory> memories)
      throws IOException {
    double start = cpuMillis();
    engine.keys(photo, photos);
    features.add(cpuMillis() - start);
    for (SceneMemory memory : memories.values()) {
      start = cpuMillis();
      boolean certain =
          engine.locate(memory, photo, photos) instanceof Located located
              && (located.evidence() == null || located.evidence().certain());
      (certain ? found : notFound).add(cpuMillis() - start);
    }
  }

  /** Of this thread, on which all is done: other programs on the machine do not count. */
  private static double cpuMillis() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() * 1e-6;
  }

  private Map<String, Object> fields(Map<Integer, SceneMemory> memories) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("photos", features.size());
    fields.put("chunks", memories.size());
    fields.put("answers", found.size() + notFound.size());
    fields.put("located", found.size());
    put(fields, "features_cpu_ms", features);
    put(fields, "read_and_pose_cpu_ms_located", found);
    put(fields, "read_and_pose_cpu_ms_not_located", notFound);
    fields.put(
        "memory_bytes_max",
        memories.values().stream().mapToLong(SceneMemory::bytes).max().orElse(0));
    return fields;
  }

  /** Without the first, which loads libraries and code. */
  private static void put(Map<String, Object> fields, String name, List<Double> millis) {
    double[] later = millis.stream().skip(1).mapToDouble(m -> m).toArray();
    if (later.length > 0) {
      fields.put(name + "_median", rounded(RobustScale.median(later)));
      fields.put(name + "_max", rounded(Arrays.stream(later).max().orElseThrow()));
    }
  }

  private static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
