package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Camera;
import dev.tessera.jobs.report.MapReport.Chunk;
import dev.tessera.jobs.report.MapReport.Counts;
import dev.tessera.jobs.report.MapReport.FailureCount;
import dev.tessera.jobs.report.MapReport.Run;

/**
 * The first screen: which run, the verdict in a sentence, eight numbers, what was done otherwise.
 */
final class Summary {
  private final MapReport report;

  Summary(MapReport report) {
    this.report = report;
  }

  void write(Markup m) {
    Run run = report.run();
    m.open("header");
    m.element("p", "Map report", "class", "eyebrow");
    m.element("h1", run.title());
    m.element("p", verdict(), "class", "verdict");
    m.open("p", "class", "run");
    m.text("Engine ").element("b", run.engine()).text(" · run ").element("code", run.runId());
    m.text(" · " + Numbers.span(run.started(), run.finished()));
    m.close().end();
    tiles(m);
    fallbacks(m);
  }

  private String verdict() {
    Counts counts = report.counts();
    String found =
        "%s of %s registered".formatted(Numbers.count(counts.registered()), views(counts.views()));
    if (counts.registered() == 0) {
      return found + ": this map is empty.";
    }
    return "%s, in %s, %s."
        .formatted(found, Numbers.counted(counts.components(), "connected component"), place());
  }

  private static String views(long n) {
    return Numbers.counted(n, "view");
  }

  private String place() {
    boolean any = report.cameras().stream().anyMatch(Camera::georeferenced);
    boolean all = any && report.cameras().stream().allMatch(Camera::georeferenced);
    return all
        ? "georeferenced"
        : any ? "partly georeferenced" : "not georeferenced: its units are not metres";
  }

  private void tiles(Markup m) {
    Counts counts = report.counts();
    m.open("dl", "class", "tiles");
    m.open("div").element("dt", "Registered views").open("dd", "class", "big");
    m.text(Numbers.count(counts.registered()));
    m.element("span", " / " + Numbers.count(counts.views())).close();
    m.element("dd", share(counts)).end();
    tile(m, "Photos", Numbers.count(counts.photos()), quarantined(counts));
    tile(m, "Chunks", Numbers.count(counts.chunks()), chunksNote());
    tile(m, "Components", Numbers.count(counts.components()), edgesNote());
    tile(m, "Points", Numbers.shortCount(counts.points()), "in the map");
    tile(
        m,
        "Median residual",
        Numbers.withUnit(report.reprojection().median(), "px"),
        report.reprojection().total() == 0
            ? "not measured"
            : Numbers.shortCount(report.reprojection().total()) + " observations");
    tile(
        m,
        "Median GPS residual",
        Numbers.withUnit(report.gps().median(), "m"),
        report.gps().total() == 0
            ? "no GPS to compare with"
            : "horizontal, " + Numbers.counted(report.gps().total(), "camera"));
    tile(m, "Total time", Numbers.duration(report.run().seconds()), failures());
    m.end();
  }

  private static String share(Counts counts) {
    return counts.views() == 0
        ? "no views"
        : Numbers.percent(counts.registered(), counts.views()) + " of views";
  }

  private static void tile(Markup m, String name, String value, String note) {
    m.open("div").element("dt", name).element("dd", value, "class", "big");
    m.element("dd", note).end();
  }

  private static String quarantined(Counts counts) {
    return counts.quarantined() == 0
        ? "none quarantined"
        : Numbers.count(counts.quarantined()) + " quarantined";
  }

  private String chunksNote() {
    if (report.chunks().isEmpty()) {
      return "none";
    }
    long lost = report.chunks().stream().filter(c -> !c.inMap()).count();
    long views = report.chunks().stream().mapToLong(Chunk::owned).max().orElse(0);
    return lost > 0
        ? Numbers.count(lost) + " not in the map"
        : "at most " + Numbers.count(views) + " owned views";
  }

  private String edgesNote() {
    if (report.edges().isEmpty()) {
      return "no edges";
    }
    long accepted = report.edges().stream().filter(MapReport.Edge::accepted).count();
    return "%s of %s accepted"
        .formatted(Numbers.count(accepted), Numbers.counted(report.edges().size(), "edge"));
  }

  private String failures() {
    long total = totalFailures(report);
    return total == 0 ? "no failures" : Numbers.counted(total, "failure");
  }

  /** The sum over reasons, or the number of examples if no sums are given. */
  static long totalFailures(MapReport report) {
    long counted = report.failureCounts().stream().mapToLong(FailureCount::count).sum();
    return Math.max(counted, report.failures().size());
  }

  private void fallbacks(Markup m) {
    if (report.fallbacks().isEmpty()) {
      return;
    }
    m.open("aside", "class", "fallbacks").element("h2", "Done otherwise than asked").open("ul");
    report.fallbacks().forEach(sentence -> m.element("li", sentence));
    m.close().end();
  }
}
