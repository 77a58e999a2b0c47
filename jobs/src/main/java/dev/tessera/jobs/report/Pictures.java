package dev.tessera.jobs.report;

import dev.tessera.jobs.report.LocalizedPage.Photo;
import dev.tessera.jobs.report.MapReport.Chunk;
import java.util.List;

/** The picture sections of the page, with their captions. */
final class Pictures {
  /** More components than this are listed, not drawn. */
  private static final int MOST_PANELS = 12;

  private static final int MOST_SWATCHES = 24;

  private final MapReport report;
  private final ChunkColors colors;
  private final List<Panel> panels;

  Pictures(MapReport report) {
    this.report = report;
    this.colors = new ChunkColors(report);
    this.panels = Panel.of(report);
  }

  void map(Markup m) {
    section(m, "map", "The map from above");
    if (panels.isEmpty()) {
      m.element("p", "No camera was registered: there is nothing to draw.", "class", "empty");
    }
    panels.stream().limit(MOST_PANELS).forEach(panel -> panel(m, panel));
    if (panels.size() > MOST_PANELS) {
      m.element(
          "p",
          "%s of %s separate frames are drawn."
              .formatted(Numbers.count(MOST_PANELS), Numbers.count(panels.size())),
          "class",
          "note");
    }
    m.end();
  }

  /** The frames that photos are in, each from above with its photos. */
  void photos(Markup m, List<Photo> photos) {
    section(m, "map", "Where they were taken");
    List<Photo> placed = photos.stream().filter(Photo::hasPlace).toList();
    if (placed.isEmpty()) {
      m.element("p", "No photo has a place: there is nothing to draw.", "class", "empty");
    }
    for (Panel panel : panels) {
      List<Photo> here = placed.stream().filter(panel::shows).toList();
      if (!here.isEmpty()) {
        m.open("figure");
        new PlanView(panel, colors, here).write(m);
        m.element(
            "figcaption",
            "%s in rings, dashed where uncertain, among the map's %s."
                .formatted(
                    Numbers.counted(here.size(), "photo"),
                    Numbers.counted(panel.cameras().size(), "camera")));
        m.end();
      }
    }
    m.end();
  }

  private void panel(Markup m, Panel panel) {
    if (!panel.name().isEmpty()) {
      m.element("h3", panel.name());
    }
    m.open("figure");
    PlanView plan = new PlanView(panel, colors);
    plan.write(m);
    m.open("figcaption");
    legend(m, panel);
    m.text(planCaption(panel, plan)).close().end();
    SideView side = new SideView(panel, colors);
    m.open("figure");
    side.write(m);
    m.element("figcaption", sideCaption(panel, side)).end();
  }

  private void legend(Markup m, Panel panel) {
    List<Chunk> chunks = panel.chunks();
    if (chunks.size() < 2 || chunks.size() > MOST_SWATCHES) {
      return;
    }
    m.open("span", "class", "legend");
    for (Chunk chunk : chunks) {
      m.open("span", "data-chunk", chunk.id());
      m.open("i", "class", "swatch " + colors.classOf(chunk.id())).close();
      m.text(" " + chunk.id() + " ").close();
    }
    m.close();
  }

  private String planCaption(Panel panel, PlanView plan) {
    StringBuilder text = new StringBuilder(cameras(panel));
    text.append(plan.showsDirections() ? ", each a dot with a line in its viewing direction" : "");
    text.append(", coloured by chunk");
    if (panel.edges().isEmpty()) {
      text.append(". ");
    } else {
      text.append("; edges join the chunks, solid where accepted, wider where trusted more, ");
      text.append("dashed where rejected");
      boolean memory = panel.edges().stream().anyMatch(MapReport.Edge::ofMemory);
      text.append(
          memory ? ", in long dashes where only what the chunks remember joins them. " : ". ");
    }
    text.append(behind(panel));
    if (!panel.georeferenced()) {
      text.append(" Not georeferenced: direction and scale are arbitrary, lengths are in ");
      text.append("chunk units.");
    }
    return text.toString();
  }

  private String cameras(Panel panel) {
    long drawn = panel.cameras().size();
    boolean whole = panels.size() == 1;
    return whole && drawn < report.counts().registered()
        ? "%s of %s cameras"
            .formatted(Numbers.count(drawn), Numbers.count(report.counts().registered()))
        : Numbers.counted(drawn, "camera");
  }

  private String behind(Panel panel) {
    if (panel.points().isEmpty()) {
      return "There are no points to show.";
    }
    long drawn = panel.points().size();
    boolean sample = panels.size() == 1 && drawn < report.counts().points();
    return sample
        ? "Behind them %s of %s points."
            .formatted(Numbers.count(drawn), Numbers.count(report.counts().points()))
        : "Behind them %s.".formatted(Numbers.counted(drawn, "point"));
  }

  private static String sideCaption(Panel panel, SideView side) {
    String from = panel.georeferenced() ? "Seen from the south." : "Seen along the second axis.";
    return side.stretch() > 1
        ? "%s Heights are stretched %s times."
            .formatted(from, Numbers.count(Math.round(side.stretch())))
        : from + " Heights and lengths have one scale.";
  }

  void gps(Markup m) {
    section(m, "gps", "Against GPS");
    GpsView vectors =
        panels.stream()
            .filter(Panel::georeferenced)
            .map(panel -> new GpsView(panel, new PlanView(panel, colors)))
            .filter(view -> !view.isEmpty())
            .findFirst()
            .orElse(null);
    if (vectors == null && report.gps().total() == 0) {
      String none = "No camera of this map has a GPS position to compare with.";
      m.element("p", none, "class", "empty").end();
      return;
    }
    m.open("div", "class", "pair");
    if (vectors != null) {
      vectors(m, vectors);
    }
    if (report.gps().total() > 0) {
      histogram(m, report.gps(), "m", "cameras", "Horizontal distance from GPS");
    }
    m.close().end();
  }

  private void vectors(Markup m, GpsView view) {
    m.open("figure");
    view.write(m);
    m.element(
            "figcaption",
            "From each of %s cameras to its GPS position, drawn %s as long. Median height difference %s."
                .formatted(
                    view.count() < report.gps().total()
                        ? Numbers.count(view.count()) + " of " + Numbers.count(report.gps().total())
                        : Numbers.count(view.count()),
                    view.exaggeration(),
                    Numbers.withUnit(view.medianUpMeters(), "m")))
        .end();
  }

  void reprojection(Markup m) {
    section(m, "reprojection", "Reprojection errors");
    if (report.reprojection().total() == 0) {
      m.element("p", "No reprojection errors were measured.", "class", "empty").end();
      return;
    }
    histogram(m, report.reprojection(), "px", "observations", "Distance in the photo");
    m.end();
  }

  private static void histogram(
      Markup m, Histogram histogram, String unit, String counted, String title) {
    m.open("figure");
    HistogramView view = new HistogramView(histogram, unit, counted);
    view.write(m, title);
    String rest = view.hasRest() ? " The paler last column holds all that is larger." : "";
    m.element(
            "figcaption",
            "%s of %s %s, median %s.%s"
                .formatted(
                    title,
                    Numbers.count(histogram.total()),
                    counted,
                    Numbers.withUnit(histogram.median(), unit),
                    rest))
        .end();
  }

  void chunks(Markup m) {
    section(m, "chunks", "Chunks");
    if (report.chunks().isEmpty()) {
      m.element("p", "There are no chunks.", "class", "empty").end();
      return;
    }
    m.element(
        "p", "Registered views of those given to each chunk, halo included.", "class", "lead");
    Bars.chunks(m, report.chunks(), colors);
    m.open("details", "open", report.chunks().size() <= 12 ? "open" : null);
    m.element("summary", "All numbers of the chunks");
    Tables.chunks(m, report.chunks(), new Units(report));
    m.close().end();
  }

  static void section(Markup m, String id, String title) {
    m.open("section", "id", id).element("h2", title);
  }
}
