package dev.tessera.jobs.tables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.SceneMemory.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryReaderTest {
  private static final int CHUNKS = 12;

  @TempDir Path temp;

  @Test
  void eachChunkIsReadBackFromTheFilesThatHaveIt() throws Exception {
    Configuration conf = new Configuration();
    TreeMap<Integer, SceneMemory> memories = new TreeMap<>();
    for (int i = 0; i < CHUNKS; i++) {
      memories.put(3 * i, memory(new Random(i)));
    }

    List<String> files = write(memories);

    assertThat(files).hasSizeGreaterThan(1);
    List<Integer> found = new ArrayList<>();
    for (String file : files) {
      Set<Integer> chunks = MemoryReader.chunks(conf, file);
      found.addAll(chunks);
      for (int chunk : chunks) {
        assertThat(MemoryReader.read(conf, List.of(file), chunk))
            .usingRecursiveComparison()
            .isEqualTo(memories.get(chunk));
      }
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(memories.keySet());
    assertThat(MemoryReader.read(conf, files, 1)).isEqualTo(SceneMemory.NONE);
  }

  /** As the map's writer does, in row groups of a few tensors. */
  private List<String> write(TreeMap<Integer, SceneMemory> memories) throws Exception {
    List<Row> rows = new ArrayList<>();
    memories.forEach(
        (chunk, memory) ->
            memory
                .tensors()
                .forEach(tensor -> rows.add(MemoryRows.toRow(chunk, memory.kind(), tensor))));
    Path table = temp.resolve("memory");
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate()) {
      var sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
      spark
          .createDataFrame(
              sc.parallelize(rows, 3).sortBy(row -> row.getInt(0), true, 3), MemoryRows.SCHEMA)
          .write()
          .options(MemoryRows.PARQUET_OPTIONS)
          .option("parquet.block.size", 4096)
          .parquet(table.toUri().toString());
    }
    try (Stream<Path> files = Files.list(table)) {
      return files
          .filter(file -> file.toString().endsWith(".parquet"))
          .map(file -> file.toUri().toString())
          .toList();
    }
  }

  private static SceneMemory memory(Random random) {
    byte[] weights = new byte[4 * 300];
    random.nextBytes(weights);
    return new SceneMemory(
        SceneMemory.FAST_WEIGHTS,
        List.of(
            new Tensor("step", "U8", List.of(), new byte[] {(byte) random.nextInt()}),
            new Tensor("w", "F32", List.of(3, 100), weights),
            new Tensor("none", "F32", List.of(0, 4), new byte[0])));
  }
}
