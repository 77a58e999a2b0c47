package dev.tessera.jobs;

import dev.tessera.jobs.tables.MemoryRows;
import dev.tessera.jobs.tables.Tables;
import java.io.IOException;
import java.util.Map;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Looks at the tables of a map before it is published: present, readable, complete. */
final class MapCheck {
  private MapCheck() {}

  /**
   * Compares the rows in the files' footers with the counts of the run, and the sizes of tensors
   * with their shapes.
   *
   * @throws IOException if a table is missing, unreadable, has another number of rows, or a broken
   *     tensor
   */
  static void tables(Run run, Path folder, Map<String, Object> facts) throws IOException {
    Map<String, String> countOf =
        Map.of(
            "cameras", "registered",
            "points", "points",
            "edges", "edges",
            "tiles", "tiles",
            "failures", "failures");
    for (String table : new TreeSet<>(countOf.keySet())) {
      rows(run, folder, table, count(facts, countOf.get(table)));
    }
    long replaced = count(facts, "chunks_halved") + count(facts, "chunks_rechunked");
    rows(run, folder, "chunks", count(facts, "chunks") + replaced);
    if (count(facts, "tensors") > 0) {
      rows(run, folder, "memory", count(facts, "tensors"));
      tensors(run, new Path(folder, "memory"));
    }
  }

  private static long count(Map<String, Object> facts, String name) {
    return ((Number) facts.get(name)).longValue();
  }

  private static void rows(Run run, Path folder, String table, long wanted) throws IOException {
    long rows = rows(run.sc().hadoopConfiguration(), new Path(folder, table));
    if (rows != wanted) {
      throw new IOException(
          "Cannot publish the map: table %s has %d rows, not %d".formatted(table, rows, wanted));
    }
  }

  /** Reads every tensor once, on executors: its bytes are those of its type and shape. */
  private static void tensors(Run run, Path table) throws IOException {
    long broken =
        Tables.read(run.spark(), MemoryRows.SCHEMA, table)
            .filter(r -> !MemoryRows.whole(r))
            .count();
    if (broken > 0) {
      throw new IOException(
          "Cannot publish the map: %d tensors of table memory have other sizes than their shapes"
              .formatted(broken));
    }
  }

  private static long rows(Configuration conf, Path table) throws IOException {
    long rows = 0;
    for (FileStatus file : table.getFileSystem(conf).listStatus(table)) {
      if (file.getPath().getName().endsWith(".parquet")) {
        try (ParquetFileReader reader =
            ParquetFileReader.open(HadoopInputFile.fromStatus(file, conf))) {
          rows += reader.getRecordCount();
        }
      }
    }
    return rows;
  }
}
