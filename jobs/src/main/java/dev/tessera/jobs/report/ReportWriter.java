package dev.tessera.jobs.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes the page of a run. It needs no other file, no network and no script, follows the reader's
 * light or dark setting, and is well-formed XML as well as HTML. The same report gives the same
 * page. Its size is bounded: at most {@value Panel#MOST_CAMERAS} cameras are drawn per frame, and
 * tables are cut off with a note.
 */
public final class ReportWriter {
  private ReportWriter() {}

  public static String html(MapReport report) {
    Markup m = new Markup();
    m.trusted("<!DOCTYPE html>\n").open("html", "lang", "en");
    head(m, report.run().title());
    m.open("body").open("main");
    new Summary(report).write(m);
    body(m, report);
    m.end();
    m.open("script").trusted(resource("report.js")).close();
    m.close().end();
    return m.toString();
  }

  static void head(Markup m, String title) {
    m.open("head").leaf("meta", "charset", "utf-8");
    m.leaf("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    m.leaf("meta", "name", "color-scheme", "content", "light dark");
    m.element("title", title + " \u2013 map report");
    m.open("style").trusted(resource("report.css")).close().end();
  }

  private static void body(Markup m, MapReport report) {
    Pictures pictures = new Pictures(report);
    pictures.map(m);
    pictures.gps(m);
    m.open("div", "class", "pair");
    pictures.reprojection(m);
    stages(m, report);
    m.end();
    metrics(m, report);
    pictures.chunks(m);
    edges(m, report);
    failures(m, report);
    settings(m, report);
  }

  private static void stages(Markup m, MapReport report) {
    Pictures.section(m, "stages", "Where the time went");
    if (report.stages().isEmpty()) {
      m.element("p", "No stage was timed.", "class", "empty");
    } else {
      Bars.stages(m, report.stages());
    }
    m.end();
  }

  private static void metrics(Markup m, MapReport report) {
    if (!report.metrics().isEmpty()) {
      Pictures.section(m, "evaluation", "Evaluation");
      Tables.metrics(m, report.metrics());
      m.end();
    }
  }

  private static void edges(Markup m, MapReport report) {
    Pictures.section(m, "edges", "Edges between chunks");
    if (report.edges().isEmpty()) {
      m.element("p", "No two chunks were compared.", "class", "empty");
    } else {
      Tables.edges(m, report.edges(), new Units(report));
    }
    m.end();
  }

  private static void failures(Markup m, MapReport report) {
    Pictures.section(m, "failures", "Failures");
    long total = Summary.totalFailures(report);
    if (total == 0) {
      m.element("p", "Nothing failed and nothing was set aside.", "class", "empty");
    }
    if (!report.failureCounts().isEmpty()) {
      Tables.failureCounts(m, report.failureCounts());
    }
    if (!report.failures().isEmpty()) {
      m.element("h3", "Which ones");
      Tables.failures(m, report.failures(), total);
    }
    m.end();
  }

  private static void settings(Markup m, MapReport report) {
    if (!report.settings().isEmpty()) {
      long changed = report.settings().stream().filter(MapReport.Setting::changed).count();
      Pictures.section(m, "settings", "Settings");
      m.element(
          "p",
          "%s of %s differ from the default."
              .formatted(Numbers.count(changed), Numbers.count(report.settings().size())),
          "class",
          "lead");
      Tables.settings(m, report.settings());
      m.end();
    }
  }

  static String resource(String name) {
    try (InputStream in = ReportWriter.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read resource " + name, e);
    }
  }
}
