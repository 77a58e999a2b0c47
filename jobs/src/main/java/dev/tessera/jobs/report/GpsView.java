package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Camera;
import java.util.List;
import java.util.Locale;

/** GPS residuals as vectors from each camera, drawn longer than they are by a stated factor. */
final class GpsView {
  private static final double WIDTH = 620;
  private static final double TYPICAL_LENGTH = 26;
  private static final int MOST_VECTORS = 600;
  private static final double LARGE_SHARE = 0.9;

  private final Panel panel;
  private final PlanView plan;
  private final List<Camera> measured;
  private final Axes axes;
  private final double exaggeration;

  GpsView(Panel panel, PlanView plan) {
    this.panel = panel;
    this.plan = plan;
    this.measured =
        Panel.sampled(
            panel.cameras().stream().filter(c -> c.gpsResidual() != null).toList(), MOST_VECTORS);
    this.axes = plan.axes().resized(WIDTH);
    double typical = quantile(LARGE_SHARE) * axes.xScale();
    this.exaggeration = typical > 0 ? Numbers.roundDown(TYPICAL_LENGTH / typical) : 1;
  }

  boolean isEmpty() {
    return measured.isEmpty();
  }

  int count() {
    return measured.size();
  }

  /** Such as "20 times"; vectors may also be drawn shorter than they are. */
  String exaggeration() {
    return exaggeration >= 1
        ? Numbers.count(Math.round(exaggeration)) + " times"
        : "%s times".formatted(Numbers.significant(exaggeration));
  }

  double medianUpMeters() {
    double[] up = measured.stream().mapToDouble(c -> c.gpsResidual().upMeters()).sorted().toArray();
    return up.length == 0 ? Double.NaN : (up[(up.length - 1) / 2] + up[up.length / 2]) / 2;
  }

  void write(Markup m) {
    Svg.open(
        m,
        axes,
        "GPS residuals",
        "a vector per camera from its place in the map to its GPS position, drawn "
            + exaggeration()
            + " as long");
    String scale = String.format(Locale.ROOT, "scale(%.6f)", WIDTH / PlanView.WIDTH);
    m.leaf("use", "class", "faint", "href", "#" + plan.pictureId(), "transform", scale);
    Svg.planAxes(m, axes, panel);
    m.open("g", "class", "vectors");
    StringBuilder lines = new StringBuilder();
    StringBuilder dots = new StringBuilder();
    for (Camera camera : measured) {
      append(camera, lines, dots);
    }
    m.leaf("path", "class", "under", "d", lines);
    m.leaf("path", "d", lines);
    m.leaf("path", "class", "dots", "d", dots);
    m.close();
    Svg.scaleBar(m, axes, panel.unit());
    m.end();
  }

  private void append(Camera camera, StringBuilder lines, StringBuilder dots) {
    double x = axes.x(camera.east());
    double y = axes.y(camera.north());
    String at = "M" + Numbers.coordinate(x) + " " + Numbers.coordinate(y);
    double dx = camera.gpsResidual().eastMeters() * exaggeration * axes.xScale();
    double dy = -camera.gpsResidual().northMeters() * exaggeration * axes.yScale();
    lines.append(at).append('l').append(Numbers.coordinate(dx)).append(' ');
    lines.append(Numbers.coordinate(dy));
    dots.append(at).append("h0");
  }

  private double quantile(double share) {
    double[] sorted =
        measured.stream().mapToDouble(c -> c.gpsResidual().horizontalMeters()).sorted().toArray();
    return sorted.length == 0 ? 0 : sorted[(int) (share * (sorted.length - 1))];
  }
}
