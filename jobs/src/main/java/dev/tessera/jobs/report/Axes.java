package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Bounds;

/**
 * From the world to a picture: x to the right, y up, equal scale both ways unless heights are
 * stretched. The picture's plot fills {@code (0, 0)} to {@code (width, height)}; tick labels of x
 * go below it.
 *
 * @param minX world coordinate of the left edge
 * @param minY world coordinate of the bottom edge
 * @param xScale picture units per world unit
 * @param yScale as xScale, times the stretch of heights
 */
record Axes(double minX, double minY, double xScale, double yScale, double width, double height) {
  static final double LABEL_HEIGHT = 36;
  private static final double MARGIN = 0.06;

  /** Share of the coordinates' size below which doubles could no longer count grid lines. */
  private static final double LEAST_EXTENT = 1e-6;

  /** Shows all of the bounds at one scale, in a plot whose height is a share of its width. */
  static Axes around(Bounds shown, double width, double leastShare, double mostShare) {
    double least =
        LEAST_EXTENT * Math.max(1, Math.abs(shown.maxEast()) + Math.abs(shown.maxNorth()));
    double x = Math.max(shown.maxEast() - shown.minEast(), least);
    double y = Math.max(shown.maxNorth() - shown.minNorth(), least);
    x = Math.max(x, y * 1e-3) * (1 + 2 * MARGIN);
    y = Math.max(y, x * 1e-3) * (1 + 2 * MARGIN);
    double height = Math.rint(width * Math.min(mostShare, Math.max(leastShare, y / x)));
    double scale = Math.min(width / x, height / y);
    double midX = (shown.minEast() + shown.maxEast()) / 2;
    double midY = (shown.minNorth() + shown.maxNorth()) / 2;
    return new Axes(
        midX - width / scale / 2, midY - height / scale / 2, scale, scale, width, height);
  }

  /** The same view with heights stretched about the middle. */
  Axes stretched(double factor) {
    double midY = minY + height / yScale / 2;
    return new Axes(
        minX, midY - height / (yScale * factor) / 2, xScale, yScale * factor, width, height);
  }

  /** The same view in a picture of another width. */
  Axes resized(double newWidth) {
    double f = newWidth / width;
    return new Axes(minX, minY, xScale * f, yScale * f, newWidth, height * f);
  }

  double x(double world) {
    return (world - minX) * xScale;
  }

  double y(double world) {
    return height - (world - minY) * yScale;
  }

  boolean shows(double worldX, double worldY) {
    double px = x(worldX);
    double py = y(worldY);
    return px >= 0 && px < width && py >= 0 && py < height;
  }

  /** Grid lines with labels, then a frame; y labels stand inside, on their lines. */
  void draw(Markup m, String xTitle, String yTitle) {
    double step = Numbers.roundDown(width / xScale / 4);
    double yStep = Numbers.roundDown(Math.max(height / yScale / 3, step * xScale / yScale / 5));
    m.open("g", "class", "axes");
    for (double v = Math.ceil(minX / step) * step; x(v) < width - 1; v += step) {
      m.leaf("line", "x1", x(v), "y1", 0.0, "x2", x(v), "y2", height);
      if (x(v) > 30 && x(v) < width - Math.max(120, 0.19 * width)) {
        m.element("text", Numbers.tick(v, step), "class", "x", "x", x(v), "y", height + 20);
      }
    }
    for (double v = Math.ceil(minY / yStep) * yStep; y(v) > 1; v += yStep) {
      m.leaf("line", "x1", 0.0, "y1", y(v), "x2", width, "y2", y(v));
      if (y(v) > 56 && y(v) < height - 8) {
        m.element("text", Numbers.tick(v, yStep), "class", "y", "x", 6.0, "y", y(v) - 5);
      }
    }
    m.element("text", xTitle, "class", "x last", "x", width, "y", height + 20);
    m.element("text", yTitle, "class", "y", "x", 6.0, "y", 20.0);
    m.leaf("rect", "class", "frame", "x", 0.0, "y", 0.0, "width", width, "height", height);
    m.close();
  }
}
