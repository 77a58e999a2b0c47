package dev.tessera.jobs;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Looks at the tables of a map before it is published: present, readable, complete. */
final class MapCheck {
  private MapCheck() {}

  /**
   * Compares the rows in the files' footers with the counts of the run.
   *
   * @throws IOException if a table is missing, unreadable or has another number of rows
   */
  static void tables(Run run, Path folder, Map<String, Object> facts) throws IOException {
    Map<String, Object> expected =
        Map.of(
            "cameras", facts.get("registered"),
            "points", facts.get("points"),
            "chunks", facts.get("chunks"),
            "edges", facts.get("edges"),
            "tiles", facts.get("tiles"),
            "failures", facts.get("failures"));
    for (String table : List.copyOf(expected.keySet())) {
      long rows = rows(run.sc().hadoopConfiguration(), new Path(folder, table));
      long wanted = ((Number) expected.get(table)).longValue();
      if (rows != wanted) {
        throw new IOException(
            "Cannot publish the map: table %s has %d rows, not %d".formatted(table, rows, wanted));
      }
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
