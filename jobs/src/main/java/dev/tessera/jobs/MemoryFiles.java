package dev.tessera.jobs;

import dev.tessera.jobs.tables.MemoryReader;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.SceneMemory;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Where a published map keeps what its chunks remember. Travels to executors, which read one memory
 * at a time.
 *
 * @param byChunk files of the map's {@code memory} table with rows of a chunk, by its number
 */
record MemoryFiles(SerializableConfiguration hadoop, Map<Integer, List<String>> byChunk)
    implements Serializable {

  /** Whether the map keeps any memory. */
  static boolean exist(FileSystem fs, Path map) throws IOException {
    return !files(fs, map).isEmpty();
  }

  /** Looks into every file of the table, on executors; the driver gets a row per chunk. */
  static MemoryFiles of(Run run) throws IOException {
    SerializableConfiguration hadoop =
        new SerializableConfiguration(run.sc().hadoopConfiguration());
    List<String> files = files(run.workspace().fs(), run.workspace().map());
    Map<Integer, List<String>> byChunk = new HashMap<>();
    run.sc()
        .parallelize(files, Math.min(files.size(), 4 * run.slots()))
        .map(file -> new Tuple2<>(file, MemoryReader.chunks(hadoop.value(), file)))
        .collect()
        .forEach(
            file ->
                file._2()
                    .forEach(
                        chunk ->
                            byChunk.computeIfAbsent(chunk, c -> new ArrayList<>()).add(file._1())));
    return new MemoryFiles(hadoop, byChunk);
  }

  Set<Integer> chunks() {
    return byChunk.keySet();
  }

  SceneMemory read(int chunk) throws IOException {
    return MemoryReader.read(hadoop.value(), byChunk.get(chunk), chunk);
  }

  /** The first bytes of one tensor of each of the chunks that have it. */
  Map<ChunkId, byte[]> starts(String tensor, Set<Integer> chunks, int bytes) throws IOException {
    Map<ChunkId, byte[]> starts = new TreeMap<>();
    for (String file :
        byChunk.values().stream().flatMap(List::stream).distinct().sorted().toList()) {
      MemoryReader.tensors(hadoop.value(), file, tensor)
          .forEach(
              (chunk, whole) -> {
                if (chunks.contains(chunk)) {
                  starts.put(
                      new ChunkId(chunk), Arrays.copyOf(whole, Math.min(bytes, whole.length)));
                }
              });
    }
    return starts;
  }

  /** Files of the {@code memory} table of a map, in order. */
  static List<String> files(FileSystem fs, Path map) throws IOException {
    Path table = new Path(map, "memory");
    List<String> files = new ArrayList<>();
    if (fs.exists(table)) {
      for (FileStatus file : fs.listStatus(table)) {
        if (file.getPath().getName().endsWith(".parquet")) {
          files.add(file.getPath().toString());
        }
      }
    }
    files.sort(null);
    return files;
  }
}
