package dev.tessera.jobs.report;

/** A histogram as columns, with its median marked. */
final class HistogramView {
  private static final double WIDTH = 520;
  private static final double HEIGHT = 210;
  private static final double TOP = 30;
  private static final int LABELS = 5;

  private final Histogram histogram;
  private final String unit;
  private final String counted;

  /**
   * @param unit of the values
   * @param counted what is counted, in the plural
   */
  HistogramView(Histogram histogram, String unit, String counted) {
    this.histogram = histogram.withoutTail();
    this.unit = unit;
    this.counted = counted;
  }

  /** Whether the last column holds all that is larger, too. */
  boolean hasRest() {
    return histogram.lastBinOpen();
  }

  void write(Markup m, String title) {
    Svg.open(
        m,
        "0 0 520 " + Numbers.coordinate(HEIGHT + Axes.LABEL_HEIGHT),
        title,
        "%s %s, median %s"
            .formatted(
                Numbers.count(histogram.total()),
                counted,
                Numbers.withUnit(histogram.median(), unit)));
    m.open("g", "class", "columns");
    for (int i = 0; i < histogram.counts().size(); i++) {
      column(m, i);
    }
    m.close();
    labels(m);
    median(m);
    m.end();
  }

  private double binPixels() {
    return WIDTH / histogram.counts().size();
  }

  private void column(Markup m, int bin) {
    long count = histogram.counts().get(bin);
    if (count == 0) {
      return;
    }
    double height = Math.max(1, (HEIGHT - TOP) * count / histogram.highest());
    double gap = Math.min(2, binPixels() * 0.2);
    boolean isOpen = histogram.lastBinOpen() && bin == histogram.counts().size() - 1;
    m.open(
        "rect",
        "class",
        isOpen ? "rest" : null,
        "x",
        bin * binPixels(),
        "y",
        HEIGHT - height,
        "width",
        binPixels() - gap,
        "height",
        height);
    m.element("title", range(bin, isOpen) + ": " + Numbers.count(count) + " " + counted);
    m.close();
  }

  private String range(int bin, boolean isOpen) {
    double width = histogram.binWidth();
    String from = Numbers.tick(bin * width, width);
    return isOpen
        ? from + " " + unit + " and more"
        : "%s to %s %s".formatted(from, Numbers.tick((bin + 1) * width, width), unit);
  }

  private void labels(Markup m) {
    double end = histogram.counts().size() * histogram.binWidth();
    double step = Numbers.roundDown(end / (LABELS - 1));
    double perValue = WIDTH / end;
    m.open("g", "class", "axes");
    m.leaf("line", "class", "base", "x1", 0.0, "y1", HEIGHT, "x2", WIDTH, "y2", HEIGHT);
    for (int i = 0; i * step * perValue < WIDTH - 50; i++) {
      String name = i == 0 ? "x first" : "x";
      String label = i == 0 ? "0" : Numbers.tick(i * step, step);
      m.element("text", label, "class", name, "x", i * step * perValue, "y", HEIGHT + 20);
    }
    m.element("text", unit, "class", "x last", "x", WIDTH, "y", HEIGHT + 20).close();
  }

  private void median(Markup m) {
    double x = histogram.median() / histogram.binWidth() * binPixels();
    if (!(x >= 0 && x <= WIDTH)) {
      return;
    }
    boolean isRight = x > WIDTH * 0.6;
    m.open("g", "class", "median");
    m.leaf("line", "x1", x, "y1", 6.0, "x2", x, "y2", HEIGHT);
    m.element(
        "text",
        "median " + Numbers.withUnit(histogram.median(), unit),
        "class",
        isRight ? "last" : null,
        "x",
        isRight ? x - 8 : x + 8,
        "y",
        18.0);
    m.close();
  }
}
