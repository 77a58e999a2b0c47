package dev.tessera.jobs.report;

import dev.tessera.jobs.report.Hull.Spot;
import dev.tessera.jobs.report.LocalizedPage.Photo;
import dev.tessera.jobs.report.MapReport.Bounds;
import dev.tessera.jobs.report.MapReport.Camera;
import dev.tessera.jobs.report.MapReport.Chunk;
import dev.tessera.jobs.report.MapReport.Edge;
import dev.tessera.jobs.report.MapReport.Offset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The map from above: points, chunk outlines, cameras coloured by chunk, edges between chunks. */
final class PlanView {
  static final double WIDTH = 1080;
  private static final double TICK_LENGTH = 10;

  /** Up to so many, each camera or edge has a tooltip. */
  private static final int MOST_TOOLTIPS = 600;

  /** Up to so many cameras are drawn with their viewing direction. */
  private static final int MOST_DIRECTIONS = 1_500;

  /** Up to so many chunks are named in the picture. */
  private static final int MOST_LABELS = 60;

  private final Panel panel;
  private final ChunkColors colors;
  private final Axes axes;
  private final Map<Integer, Spot> centres = new TreeMap<>();
  private final List<Photo> photos;

  PlanView(Panel panel, ChunkColors colors) {
    this(panel, colors, List.of());
  }

  /**
   * @param photos that are marked, beside the map's own
   */
  PlanView(Panel panel, ChunkColors colors, List<Photo> photos) {
    this.panel = panel;
    this.colors = colors;
    this.photos = photos;
    this.axes = Axes.around(panel.planBounds(), WIDTH, 0.4, 0.72);
    panel.chunks().forEach(this::locate);
  }

  Axes axes() {
    return axes;
  }

  /** The id of the point picture, for use in other pictures of the same view. */
  String pictureId() {
    return "points-" + panel.id();
  }

  void write(Markup m) {
    Svg.open(m, axes, "Plan view", description());
    Svg.picture(m, pictureId(), axes, PointPicture.plan(panel.points(), axes));
    Svg.planAxes(m, axes, panel);
    m.open("g", "class", isDense() ? "outlines dense" : "outlines");
    panel.chunks().forEach(chunk -> outline(m, chunk));
    m.close();
    m.open("g", "class", isDense() ? "cameras dense" : "cameras");
    panel.chunks().forEach(chunk -> cameras(m, chunk.id()));
    m.close();
    m.open("g", "class", isDense() ? "edges dense" : "edges");
    panel.edges().forEach(edge -> edge(m, edge));
    m.close();
    photos.forEach(photo -> photo(m, photo));
    if (panel.chunks().size() <= MOST_LABELS) {
      centres.forEach((chunk, at) -> label(m, chunk, at));
    }
    Svg.scaleBar(m, axes, panel.unit());
    if (panel.georeferenced()) {
      Svg.northArrow(m, axes);
    }
    m.end();
  }

  /** With so many cameras, their directions and rims would only blur the picture. */
  private boolean isDense() {
    return panel.cameras().size() > MOST_DIRECTIONS;
  }

  boolean showsDirections() {
    return !isDense();
  }

  private String description() {
    return "%s in %s seen from above, with %s between chunks"
        .formatted(
            Numbers.counted(panel.cameras().size(), "camera"),
            Numbers.counted(panel.chunks().size(), "chunk"),
            Numbers.counted(panel.edges().size(), "edge"));
  }

  private void locate(Chunk chunk) {
    List<Camera> cameras = panel.camerasOf(chunk.id());
    Bounds bounds = chunk.bounds();
    if (!cameras.isEmpty()) {
      double east = cameras.stream().mapToDouble(Camera::east).average().orElse(0);
      double north = cameras.stream().mapToDouble(Camera::north).average().orElse(0);
      centres.put(chunk.id(), new Spot(axes.x(east), axes.y(north)));
    } else if (bounds != null) {
      double east = (bounds.minEast() + bounds.maxEast()) / 2;
      double north = (bounds.minNorth() + bounds.maxNorth()) / 2;
      if (axes.shows(east, north)) {
        centres.put(chunk.id(), new Spot(axes.x(east), axes.y(north)));
      }
    }
  }

  private void outline(Markup m, Chunk chunk) {
    List<Spot> spots =
        panel.camerasOf(chunk.id()).stream()
            .map(c -> new Spot(axes.x(c.east()), axes.y(c.north())))
            .toList();
    String corners =
        Hull.of(spots).stream()
            .map(s -> Numbers.coordinate(s.x()) + "," + Numbers.coordinate(s.y()))
            .collect(Collectors.joining(" "));
    String color = colors.classOf(chunk.id());
    if (!corners.isEmpty()) {
      m.leaf("polygon", "class", "area " + color, "points", corners, "data-chunk", chunk.id());
      m.leaf("polygon", "class", "rim " + color, "points", corners, "data-chunk", chunk.id());
    } else if (centres.containsKey(chunk.id())) {
      Bounds b = chunk.bounds();
      m.leaf(
          "rect",
          "class",
          "rim missing " + color,
          "x",
          axes.x(b.minEast()),
          "y",
          axes.y(b.maxNorth()),
          "width",
          (b.maxEast() - b.minEast()) * axes.xScale(),
          "height",
          (b.maxNorth() - b.minNorth()) * axes.yScale());
    }
  }

  private void cameras(Markup m, int chunk) {
    List<Camera> cameras = panel.camerasOf(chunk);
    String all = cameras.stream().map(this::glyph).collect(Collectors.joining());
    m.leaf("path", "class", "glow", "d", all, "data-chunk", chunk);
    m.open("g", "class", colors.classOf(chunk), "data-chunk", chunk);
    if (panel.cameras().size() <= MOST_TOOLTIPS) {
      for (Camera camera : cameras) {
        m.open("path", "d", glyph(camera)).element("title", tooltip(camera)).close();
      }
    } else {
      m.leaf("path", "d", all);
    }
    m.close();
  }

  /** A dot, and a line from it in the viewing direction. */
  private String glyph(Camera camera) {
    String at =
        Numbers.coordinate(axes.x(camera.east()))
            + " "
            + Numbers.coordinate(axes.y(camera.north()));
    String dot = "M" + at + (isDense() ? "h0" : "m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0");
    if (isDense() || Double.isNaN(camera.headingDegrees())) {
      return dot;
    }
    double heading = Math.toRadians(camera.headingDegrees());
    return dot
        + "m2 0l%s %s"
            .formatted(
                Numbers.coordinate(TICK_LENGTH * Math.sin(heading)),
                Numbers.coordinate(-TICK_LENGTH * Math.cos(heading)));
  }

  private static String tooltip(Camera camera) {
    StringBuilder text = new StringBuilder(camera.name()).append("\nchunk ").append(camera.chunk());
    if (camera.owner() != camera.chunk()) {
      text.append(" (owned by ").append(camera.owner()).append(')');
    }
    Offset gps = camera.gpsResidual();
    if (gps != null) {
      text.append("\nGPS ").append(Numbers.significant(gps.horizontalMeters())).append(" m away");
    }
    return text.toString();
  }

  /** A ring, and a line from it in the viewing direction. */
  private void photo(Markup m, Photo photo) {
    if (!axes.shows(photo.east(), photo.north())) {
      return;
    }
    String at =
        Numbers.coordinate(axes.x(photo.east())) + " " + Numbers.coordinate(axes.y(photo.north()));
    String ring = "M" + at + "m-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0";
    double heading = Math.toRadians(photo.headingDegrees());
    String tick =
        Double.isNaN(heading)
            ? ""
            : "M%sm%s %sl%s %s"
                .formatted(
                    at,
                    Numbers.coordinate(6 * Math.sin(heading)),
                    Numbers.coordinate(-6 * Math.cos(heading)),
                    Numbers.coordinate(TICK_LENGTH * Math.sin(heading)),
                    Numbers.coordinate(-TICK_LENGTH * Math.cos(heading)));
    m.open("path", "class", photo.certain() ? "photo" : "photo uncertain", "d", ring + tick);
    m.element("title", photo.tooltip()).close();
  }

  private void edge(Markup m, Edge edge) {
    Spot a = centres.get(edge.chunkA());
    Spot b = centres.get(edge.chunkB());
    if (a == null || b == null) {
      return;
    }
    double width =
        (isDense() ? 0.8 : 1.5) + (isDense() ? 1.2 : 2.5) * Math.min(1, Math.max(0, edge.weight()));
    line(m, "under", a, b, width + 3);
    m.open(
        "line",
        "class",
        (edge.accepted() ? "accepted" : "rejected") + (edge.ofMemory() ? " memory" : ""),
        "x1",
        a.x(),
        "y1",
        a.y(),
        "x2",
        b.x(),
        "y2",
        b.y(),
        "stroke-width",
        edge.accepted() ? width : 2.0);
    if (panel.edges().size() <= MOST_TOOLTIPS) {
      m.element("title", Tables.edgeSentence(edge, panel.unit()));
    }
    m.close();
  }

  private static void line(Markup m, String name, Spot a, Spot b, double width) {
    m.leaf(
        "line",
        "class",
        name,
        "x1",
        a.x(),
        "y1",
        a.y(),
        "x2",
        b.x(),
        "y2",
        b.y(),
        "stroke-width",
        width);
  }

  private void label(Markup m, int chunk, Spot at) {
    m.open("g", "class", "label " + colors.classOf(chunk), "data-chunk", chunk);
    m.leaf("circle", "cx", at.x(), "cy", at.y(), "r", 13.0);
    m.element("text", Integer.toString(chunk), "x", at.x(), "y", at.y()).close();
  }
}
