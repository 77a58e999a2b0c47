package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Chunk;
import dev.tessera.jobs.report.MapReport.Edge;
import dev.tessera.jobs.report.MapReport.Failure;
import dev.tessera.jobs.report.MapReport.FailureCount;
import dev.tessera.jobs.report.MapReport.Metric;
import dev.tessera.jobs.report.MapReport.Setting;
import dev.tessera.jobs.report.Table.Column;
import java.util.List;
import java.util.Locale;

/** The tables of the page and their columns. */
final class Tables {
  private static final int MOST_ROWS = 500;

  private Tables() {}

  static void failureCounts(Markup m, List<FailureCount> counts) {
    new Table<FailureCount>(
            Column.text("Reason", f -> words(f.reason())),
            Column.text("Stage", FailureCount::stage),
            Column.number("Count", f -> Numbers.count(f.count())))
        .write(m, counts, MOST_ROWS, counts.size(), "reasons");
  }

  static void failures(Markup m, List<Failure> failures, long total) {
    new Table<Failure>(
            Column.text("What", Failure::what),
            Column.text("Name", Failure::name),
            Column.text("Stage", Failure::stage),
            Column.text("Reason", f -> words(f.reason())),
            Column.text("Detail", Failure::detail))
        .write(m, failures, MOST_ROWS, total, "failures");
  }

  static void chunks(Markup m, List<Chunk> chunks, Units units) {
    new Table<Chunk>(
            Column.text("Chunk", c -> Integer.toString(c.id())),
            Column.text("Component", c -> c.component() < 0 ? Numbers.UNKNOWN : "" + c.component()),
            Column.text("Status", Chunk::status),
            Column.number("Owned", c -> Numbers.count(c.owned())),
            Column.number("Halo", c -> Numbers.count(c.halo())),
            Column.number("Registered", c -> Numbers.count(c.registered())),
            Column.number("Sigma", c -> Numbers.withUnit(c.sigmaMeters(), units.of(c))),
            Column.number("Frame scale", c -> Numbers.significant(c.frameScale())),
            Column.number("Time", c -> Numbers.duration(c.seconds())))
        .classed(c -> c.inMap() ? null : "bad")
        .ofChunk(Chunk::id)
        .write(m, chunks, MOST_ROWS, chunks.size(), "chunks");
  }

  static void edges(Markup m, List<Edge> edges, Units units) {
    new Table<Edge>(
            Column.text("Chunks", e -> pair(e)),
            Column.text("By", e -> by(e)),
            Column.text("Verdict", e -> e.accepted() ? "accepted" : words(e.reason())),
            Column.number("Shared views", e -> Numbers.count(e.sharedViews())),
            Column.number("Inlier points", e -> Numbers.count(e.inlierPoints())),
            Column.number("RMS", e -> Numbers.withUnit(e.rms(), units.of(e))),
            Column.number("Weight", e -> Numbers.fixed(e.weight(), 2)))
        .classed(e -> e.accepted() ? null : "bad")
        .write(m, edges, MOST_ROWS, edges.size(), "edges");
  }

  static void metrics(Markup m, List<Metric> metrics) {
    new Table<Metric>(
            Column.text("Metric", Metric::name),
            Column.number("Value", v -> Numbers.withUnit(v.value(), v.unit())),
            Column.text("Note", Metric::note))
        .write(m, metrics, MOST_ROWS, metrics.size(), "metrics");
  }

  static void settings(Markup m, List<Setting> settings) {
    new Table<Setting>(
            Column.text("Setting", Setting::key),
            Column.text("Value", Setting::value),
            Column.text("", s -> s.changed() ? "changed" : "default"))
        .classed(s -> s.changed() ? "changed" : "quiet")
        .write(m, settings, MOST_ROWS, settings.size(), "settings");
  }

  /** For a tooltip. */
  static String edgeSentence(Edge edge, String unit) {
    return "chunks %s, by %s: %s\n%s shared views, %s inlier points, rms %s, weight %s"
        .formatted(
            pair(edge),
            by(edge),
            edge.accepted() ? "accepted" : words(edge.reason()),
            Numbers.count(edge.sharedViews()),
            Numbers.count(edge.inlierPoints()),
            Numbers.withUnit(edge.rms(), unit),
            Numbers.fixed(edge.weight(), 2));
  }

  /** {@code TOO_FEW_VIEWS} as "too few views"; other texts stay as they are. */
  static String words(String reason) {
    return reason.matches("[A-Z][A-Z0-9_]+")
        ? reason.toLowerCase(Locale.ROOT).replace('_', ' ')
        : reason;
  }

  private static String by(Edge edge) {
    return edge.ofMemory() ? "memory" : edge.kind();
  }

  private static String pair(Edge edge) {
    return edge.chunkA() + " \u2013 " + edge.chunkB();
  }
}
