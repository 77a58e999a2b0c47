package dev.tessera.jobs;

import dev.tessera.geometry.Quaternion;
import dev.tessera.jobs.report.Histogram;
import dev.tessera.jobs.report.LocalizedPage;
import dev.tessera.jobs.report.LocalizedPage.Photo;
import dev.tessera.jobs.report.MapReport;
import dev.tessera.merge.MapFrames.ChunkFrame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Shows where localized photos are in the map, from bounded samples of both. */
record LocalizedView(Run run, PublishedMap map, Dataset<Row> localized) {
  private static final int MOST_PHOTOS = 1_000;
  private static final int MOST_POINTS = 20_000;

  /**
   * Writes the page.
   *
   * @param total how many photos there are
   * @param summary how many of each status
   */
  void write(Path file, long total, String summary) throws IOException {
    List<Photo> photos =
        localized.orderBy("name").takeAsList(MOST_PHOTOS).stream().map(this::photo).toList();
    Files.writeString(file, LocalizedPage.html(report(), photos, total, summary));
  }

  private MapReport report() throws IOException {
    long points = map.manifest().count("points");
    return new MapReport(
        new MapReport.Run(
            "Photos in the map of " + run.workspace().root().getName(),
            run.runId(),
            run.engine().engineName(),
            run.started(),
            Instant.now()),
        new MapReport.Counts(
            map.manifest().count("photos"),
            0,
            map.manifest().count("views"),
            map.manifest().count("registered"),
            map.frames().size(),
            map.manifest().count("components"),
            points),
        ReportData.sample(map.cameras()),
        PointSample.of(
            run, new org.apache.hadoop.fs.Path(map.folder(), "points"), points, MOST_POINTS),
        map.frames().values().stream().map(LocalizedView::chunk).toList(),
        List.of(),
        Histogram.empty(),
        Histogram.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static MapReport.Chunk chunk(ChunkFrame frame) {
    return new MapReport.Chunk(
        frame.chunk().value(),
        frame.componentId(),
        null,
        0,
        0,
        0,
        frame.status().name(),
        true,
        frame.positionSigmaMeters(),
        0,
        frame.worldFromChunk().scale());
  }

  private Photo photo(Row row) {
    boolean posed = !row.isNullAt(row.fieldIndex("x"));
    Quaternion cameraFromWorld =
        posed
            ? new Quaternion(
                number(row, "qw"), number(row, "qx"), number(row, "qy"), number(row, "qz"))
            : null;
    return new Photo(
        row.getAs("name"),
        row.getAs("status"),
        posed || row.getAs("reason") == null ? "" : row.getAs("reason"),
        number(row, "x"),
        number(row, "y"),
        posed ? ReportData.headingDegrees(cameraFromWorld) : Double.NaN,
        (int) orElse(number(row, "chunk_id"), -1),
        (int) orElse(number(row, "component_id"), -1),
        Boolean.TRUE.equals(row.<Boolean>getAs("georeferenced")),
        number(row, "confidence"),
        number(row, "inliers"),
        number(row, "position_sigma_m"));
  }

  private static double orElse(double value, double other) {
    return Double.isNaN(value) ? other : value;
  }

  /** NaN for a null. */
  private static double number(Row row, String column) {
    Number value = row.getAs(column);
    return value == null ? Double.NaN : value.doubleValue();
  }
}
