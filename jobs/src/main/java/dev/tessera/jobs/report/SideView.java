package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Camera;
import dev.tessera.jobs.report.MapReport.Chunk;
import java.util.List;
import java.util.stream.Collectors;

/** The map from the south: heights of cameras and points, stretched if the place is flat. */
final class SideView {
  private static final double LEAST_SHARE = 0.16;
  private static final double MOST_SHARE = 0.36;

  private final Panel panel;
  private final ChunkColors colors;
  private final double stretch;
  private final Axes axes;

  SideView(Panel panel, ChunkColors colors) {
    this.panel = panel;
    this.colors = colors;
    Axes even = Axes.around(panel.sideBounds(), PlanView.WIDTH, LEAST_SHARE, MOST_SHARE);
    double used =
        Math.max(panel.sideBounds().maxNorth() - panel.sideBounds().minNorth(), 1e-9)
            * even.yScale();
    this.stretch = Math.min(100, Math.max(1, Numbers.roundDown(0.9 * even.height() / used)));
    this.axes = even.stretched(stretch);
  }

  /** How much heights are stretched: 1 if not. */
  double stretch() {
    return stretch;
  }

  void write(Markup m) {
    Svg.open(
        m,
        axes,
        "Side view",
        Numbers.counted(panel.cameras().size(), "camera") + " seen from the side, heights upward");
    Svg.picture(m, "side-" + panel.id(), axes, PointPicture.side(panel.points(), axes));
    if (panel.georeferenced()) {
      axes.draw(m, "metres east", "metres up");
    } else {
      axes.draw(m, "x, chunk units", "z, chunk units");
    }
    m.open("g", "class", panel.cameras().size() > 1_500 ? "cameras dense" : "cameras");
    for (Chunk chunk : panel.chunks()) {
      List<Camera> cameras = panel.camerasOf(chunk.id());
      String dots = cameras.stream().map(this::dot).collect(Collectors.joining());
      m.leaf("path", "class", "glow", "d", dots, "data-chunk", chunk.id());
      m.leaf("path", "class", colors.classOf(chunk.id()), "d", dots, "data-chunk", chunk.id());
    }
    m.close();
    m.end();
  }

  private String dot(Camera camera) {
    return "M%s %sm-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0"
        .formatted(
            Numbers.coordinate(axes.x(camera.east())), Numbers.coordinate(axes.y(camera.up())));
  }
}
