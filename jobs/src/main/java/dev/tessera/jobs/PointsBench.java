package dev.tessera.jobs;

import dev.tessera.jobs.BenchProbe.Measured;
import dev.tessera.jobs.tables.PointRows;
import dev.tessera.map.Morton;
import dev.tessera.map.VoxelFusion;
import dev.tessera.map.VoxelRun;
import dev.tessera.merge.MapFrames;
import dev.tessera.synthetic.SyntheticCloud;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Fuses and publishes made-up points as the merge does, and has Spark sort and write the same rows.
 */
public final class PointsBench {
  /** The share of the points that both sides do first, unmeasured, for the compiler. */
  private static final int WARM_UP = 20;

  /** Voxels of this edge leave the points of a chunk apart and fuse those of neighbours. */
  private static final double VOXEL_METERS = 0.04;

  private final Run run;
  private final BenchProbe probe;
  private final Path scratch;

  private PointsBench(Run run, BenchProbe probe, Path scratch) {
    this.run = run;
    this.probe = probe;
    this.scratch = scratch;
  }

  /**
   * @param scratch an empty folder, which is left with what was written
   * @return numbers by name, as docs/benchmarks.md has them
   */
  public static Map<String, Object> run(
      Settings settings, String master, String scratch, long points, int chunks, long seed)
      throws IOException {
    try (SparkSession spark = SparkSessions.open(settings, master)) {
      PointsBench bench =
          new PointsBench(
              Run.onTables(spark, settings),
              BenchProbe.of(spark.sparkContext()),
              new Path(scratch));
      int fewer = Math.max(1, chunks / WARM_UP);
      bench.compare("warm-up", new SyntheticCloud(points / chunks * fewer, fewer, seed), fewer);
      return bench.compare("measured", new SyntheticCloud(points, chunks, seed), chunks);
    }
  }

  private Map<String, Object> compare(String name, SyntheticCloud cloud, int chunks)
      throws IOException {
    Path map = new Path(scratch, name);
    Path input = new Path(map, "rows");
    Path sorted = new Path(map, "sorted");
    Measured ours = probe.measure(() -> publish(cloud, chunks, map));
    asChunksGiveThem(new Path(map, "points"), input);
    Measured theirs = probe.measure(() -> write(read(input).sort(PointRows.MORTON), sorted));
    long in = (long) chunks * cloud.pointsPerChunk();
    long out = read(sorted).count();
    run.sc().getPersistentRDDs().values().forEach(rdd -> rdd.unpersist());
    return fields(in, out, chunks, ours, theirs);
  }

  /** The same code as in the merge stage, from the points of each chunk on. */
  private void publish(SyntheticCloud cloud, int chunks, Path map) throws IOException {
    MapSolution solution = solution(cloud);
    VoxelFusion fusion = solution.fusions().get(0);
    List<Integer> numbers = IntStream.range(0, chunks).boxed().toList();
    JavaRDD<VoxelRun> runs =
        run.sc()
            .parallelize(numbers, chunks)
            .map(chunk -> VoxelRun.of(0, fusion, cloud.points(chunk)));
    new MapWriter(run, solution, map).points(FusedPoints.of(run, runs, solution));
  }

  /** One component without georeference, and nothing but points in it. */
  private static MapSolution solution(SyntheticCloud cloud) {
    Morton morton = Morton.covering(cloud.bounds());
    return new MapSolution(
        null,
        new MapFrames(List.of(), List.of(), List.of()),
        Map.of(),
        Map.of(),
        Map.of(),
        morton,
        Map.of(0, VoxelFusion.ofEdge(morton, VOXEL_METERS)));
  }

  /** Chunk by chunk, in no order within a chunk. */
  private void asChunksGiveThem(Path points, Path input) {
    write(
        read(points)
            .repartition(functions.col("chunk_id"))
            .sortWithinPartitions(functions.col("chunk_id"), functions.hash(PointRows.MORTON)),
        input);
  }

  private Dataset<Row> read(Path table) {
    return run.spark().read().schema(PointRows.SCHEMA).parquet(table.toString());
  }

  private void write(Dataset<Row> rows, Path table) {
    rows.write()
        .option("parquet.block.size", MapWriter.rowGroupBytes(run))
        .parquet(table.toString());
  }

  private static Map<String, Object> fields(
      long in, long out, int chunks, Measured ours, Measured theirs) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("points", in);
    fields.put("rows", out);
    fields.put("chunks", chunks);
    fields.put("seconds", rounded(ours.seconds()));
    fields.put("points_per_second", Math.round(in / ours.seconds()));
    fields.put("cpu_seconds", rounded(ours.cpuSeconds()));
    fields.put("shuffled_bytes_per_point", rounded((double) ours.shuffledBytes() / in));
    fields.put("peak_heap_mb", Math.round(ours.peakHeapMebibytes()));
    fields.put("spark_seconds", rounded(theirs.seconds()));
    fields.put("spark_cpu_seconds", rounded(theirs.cpuSeconds()));
    fields.put("spark_shuffled_bytes_per_row", rounded((double) theirs.shuffledBytes() / out));
    fields.put("spark_peak_heap_mb", Math.round(theirs.peakHeapMebibytes()));
    fields.put("ratio", rounded(ours.seconds() / theirs.seconds()));
    fields.put("cpu_ratio", rounded(ours.cpuSeconds() / theirs.cpuSeconds()));
    fields.put("peak_mb", Math.round(BenchProbe.peakResidentMebibytes()));
    return fields;
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
