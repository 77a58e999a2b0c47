package dev.tessera.jobs.report;

import dev.tessera.jobs.report.Table.Column;
import java.io.Serializable;
import java.util.List;

/**
 * The page of photos that were localized: a picture of the map with the photos in it, and what
 * became of each. Made as {@link ReportWriter} makes the page of a run.
 */
public final class LocalizedPage {
  private static final int MOST_ROWS = 1_000;

  private LocalizedPage() {}

  /**
   * A photo that was asked about.
   *
   * @param status in the words of the {@code localized} table
   * @param reason why there is no pose; empty if there is one
   * @param east position in the frame of its component, as of cameras; NaN without a pose
   * @param headingDegrees viewing direction as of cameras
   * @param chunk that knows it; -1 for none
   * @param component of the chunk; -1 for none
   * @param inliers landmarks that agree; NaN for engines that count none
   * @param sigma of its place, metres or units of the component; NaN where not known
   */
  public record Photo(
      String name,
      String status,
      String reason,
      double east,
      double north,
      double headingDegrees,
      int chunk,
      int component,
      boolean georeferenced,
      double confidence,
      double inliers,
      double sigma)
      implements Serializable {
    boolean hasPlace() {
      return !Double.isNaN(east);
    }

    boolean certain() {
      return !status.equals("uncertain");
    }

    String tooltip() {
      return "%s\n%s, chunk %d".formatted(name, status, chunk);
    }
  }

  /**
   * @param map its cameras, points, chunks and edges; nothing else is shown
   * @param photos the first of them
   * @param total how many there are
   * @param summary how many there are of each status
   */
  public static String html(MapReport map, List<Photo> photos, long total, String summary) {
    Markup m = new Markup();
    m.trusted("<!DOCTYPE html>\n").open("html", "lang", "en");
    ReportWriter.head(m, map.run().title());
    m.open("body").open("main");
    m.open("header").element("h1", map.run().title()).element("p", summary, "class", "lead");
    m.end();
    new Pictures(map).photos(m, photos);
    Pictures.section(m, "photos", "Photos");
    table(m, photos, total);
    m.end();
    m.end();
    m.open("script").trusted(ReportWriter.resource("report.js")).close();
    m.close().end();
    return m.toString();
  }

  private static void table(Markup m, List<Photo> photos, long total) {
    new Table<Photo>(
            Column.text("Name", Photo::name),
            Column.text("Status", p -> Tables.words(p.status())),
            Column.text("Chunk", p -> p.chunk() < 0 ? Numbers.UNKNOWN : "" + p.chunk()),
            Column.number("Confidence", p -> Numbers.fixed(p.confidence(), 2)),
            Column.number("Inliers", p -> Numbers.significant(p.inliers())),
            Column.number(
                "Sigma",
                p ->
                    Numbers.withUnit(
                        p.sigma(), p.georeferenced() ? Units.METRES : Units.CHUNK_UNITS)),
            Column.text("Why not", p -> Tables.words(p.reason())))
        .classed(p -> p.hasPlace() ? null : "bad")
        .write(m, photos, MOST_ROWS, total, "photos");
  }
}
