package dev.tessera.jobs;

import dev.tessera.jobs.report.MapReport;
import dev.tessera.jobs.tables.PointRows;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.functions;

/** Some points of a map that has been written, spread evenly over it: the same every time. */
final class PointSample {
  private PointSample() {}

  /**
   * @param points rows of the table
   * @param most rows to take, at most and about
   */
  static List<MapReport.Point> of(Run run, Path table, long points, int most) {
    long every = Math.max(1, (points + most - 1) / most);
    return run
        .spark()
        .read()
        .schema(PointRows.SCHEMA)
        .parquet(table.toString())
        .where(
            functions.pmod(functions.xxhash64(PointRows.MORTON), functions.lit(every)).equalTo(0))
        .select(PointRows.REPORTED)
        .takeAsList(most)
        .stream()
        .map(PointRows::toReport)
        .toList();
  }
}
