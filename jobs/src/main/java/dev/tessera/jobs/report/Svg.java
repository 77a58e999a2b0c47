package dev.tessera.jobs.report;

/** The furniture that pictures of the map share. */
final class Svg {
  private Svg() {}

  /** Opens a picture with room for the labels below its plot; the caller closes it. */
  static void open(Markup m, Axes axes, String title, String description) {
    String box = "0 0 %s %s";
    open(
        m,
        box.formatted(
            Numbers.coordinate(axes.width()),
            Numbers.coordinate(axes.height() + Axes.LABEL_HEIGHT)),
        title,
        description);
  }

  static void open(Markup m, String viewBox, String title, String description) {
    m.open("svg", "viewBox", viewBox, "role", "img", "aria-label", title + ": " + description);
    m.element("desc", description);
  }

  static void picture(Markup m, String id, Axes axes, String uri) {
    m.leaf(
        "image",
        "id",
        id,
        "class",
        "points",
        "x",
        0.0,
        "y",
        0.0,
        "width",
        axes.width(),
        "height",
        axes.height(),
        "preserveAspectRatio",
        "none",
        "href",
        uri);
  }

  /** Axes of a view from above. */
  static void planAxes(Markup m, Axes axes, Panel panel) {
    if (panel.georeferenced()) {
      axes.draw(m, "metres east", "metres north");
    } else {
      axes.draw(m, "x, chunk units", "y, chunk units");
    }
  }

  /** In the lower right corner, about a sixth of the picture long. */
  static void scaleBar(Markup m, Axes axes, String unit) {
    double length = Numbers.roundDown(axes.width() / axes.xScale() / 5);
    double right = axes.width() - 18;
    double left = right - length * axes.xScale();
    double y = axes.height() - 18;
    String path =
        "M%s %sv6H%sv-6"
            .formatted(
                Numbers.coordinate(left), Numbers.coordinate(y - 6), Numbers.coordinate(right));
    m.open("g", "class", "scale");
    m.leaf("path", "class", "under", "d", path);
    m.leaf("path", "d", path);
    m.element(
        "text", Numbers.tick(length, length) + " " + unit, "x", (left + right) / 2, "y", y - 12);
    m.close();
  }

  /** In the upper right corner. */
  static void northArrow(Markup m, Axes axes) {
    double x = axes.width() - 28;
    m.open("g", "class", "north", "transform", "translate(" + Numbers.coordinate(x) + " 18)");
    m.leaf("path", "d", "M0 0l8 24l-8-6l-8 6z");
    m.element("text", "N", "x", 0.0, "y", 42.0).close();
  }
}
