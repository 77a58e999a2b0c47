package dev.tessera.synthetic;

import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The places where photos are to be taken, before wind and hand move the camera. */
final class FlightPath {
  /** Most photos of a street pass, and how many of them come down and climb out. */
  private static final int PASS_PHOTOS = 40;

  private static final int DESCENT_PHOTOS = 8;

  /** How far a street camera looks aside from its way. */
  private static final double ASIDE_RADIANS = Math.toRadians(30);

  private final Flight.Config config;
  private final List<Stop> stops = new ArrayList<>();
  private double halfLength;
  private double halfWidth;

  /**
   * @param headingRadians what is up in the picture, from east towards north
   * @param tiltRadians of the view from straight down towards the heading
   */
  record Stop(String name, Vec3 position, double headingRadians, double tiltRadians) {}

  private FlightPath(Flight.Config config) {
    this.config = config;
  }

  static FlightPath of(int photos, Flight.Config config) {
    FlightPath path = new FlightPath(config);
    int street = (int) Math.round(photos * config.streetShare());
    int oblique = Flight.obliqueCount(photos - street);
    path.addNadir(photos - street - oblique);
    path.addOblique(oblique);
    path.addStreet(street);
    return path;
  }

  List<Stop> stops() {
    return stops;
  }

  double halfExtentMeters() {
    return Math.max(halfLength, halfWidth);
  }

  private double photoSpacing() {
    double footprint = config.flightHeightMeters() * config.height() / config.focalPixels();
    return footprint * (1 - config.forwardOverlap());
  }

  private double lineSpacing() {
    double footprint = config.flightHeightMeters() * config.width() / config.focalPixels();
    return footprint * (1 - config.sideOverlap());
  }

  private void addNadir(int count) {
    int lines = (int) Math.max(1, Math.round(Math.sqrt(count * photoSpacing() / lineSpacing())));
    int longest = (count + lines - 1) / lines;
    halfLength = (longest - 1) * photoSpacing() / 2;
    halfWidth = (lines - 1) * lineSpacing() / 2;
    for (int line = 0; line < lines; line++) {
      int first = (int) ((long) count * line / lines);
      int photos = (int) ((long) count * (line + 1) / lines) - first;
      double north = -halfWidth + line * lineSpacing();
      boolean eastward = line % 2 == 0;
      for (int i = 0; i < photos; i++) {
        double along = photos == 1 ? 0 : -halfLength + 2 * halfLength * i / (photos - 1);
        addFlight(eastward ? along : -along, north, eastward ? 0 : Math.PI, 0);
      }
    }
  }

  private void addOblique(int count) {
    double reach = Math.max(halfWidth, photoSpacing());
    int lines = (int) Math.max(1, Math.round(count * photoSpacing() / (2 * reach)));
    double tilt = Math.toRadians(config.obliqueTiltDegrees());
    for (int line = 0; line < lines; line++) {
      int first = (int) ((long) count * line / lines);
      int photos = (int) ((long) count * (line + 1) / lines) - first;
      double east = -halfLength + 2 * halfLength * (line + 0.5) / lines;
      boolean northward = line % 2 == 0;
      // Set back by half of what the tilt moves the view, so that both ends see the area.
      double back = config.flightHeightMeters() * Math.tan(tilt) / 2;
      for (int i = 0; i < photos; i++) {
        double along = (photos == 1 ? 0 : -reach + 2 * reach * i / (photos - 1)) - back;
        addFlight(east, northward ? along : -along, northward ? Math.PI / 2 : -Math.PI / 2, tilt);
      }
    }
  }

  private void addFlight(double east, double north, double heading, double tilt) {
    String name = String.format(Locale.ROOT, "flight/%04d.jpg", stops.size() + 1);
    stops.add(new Stop(name, new Vec3(east, north, config.flightHeightMeters()), heading, tilt));
  }

  private void addStreet(int count) {
    int passes = (count + PASS_PHOTOS - 1) / PASS_PHOTOS;
    int taken = 0;
    for (int pass = 0; pass < passes; pass++) {
      int photos = (int) ((long) count * (pass + 1) / passes) - taken;
      // Middle street first, then its neighbours on both sides in turn.
      int street = pass % 2 == 0 ? pass / 2 : -(pass + 1) / 2;
      addPass(photos, street * TownPlan.BLOCK_METERS, pass % 2 == 0, taken);
      taken += photos;
    }
  }

  private void addPass(int photos, double north, boolean eastward, int taken) {
    double high = config.flightHeightMeters();
    double lowTilt = Math.toRadians(config.streetTiltDegrees());
    double startTilt = Math.toRadians(config.obliqueTiltDegrees());
    double floor = Math.min(1, config.streetHeightMeters() / high);
    double fullDrop = Math.log(floor);
    int descent = Math.min(DESCENT_PHOTOS, (photos + 1) / 2);
    double ratio =
        Math.min(Math.pow(1 / floor, 1.0 / DESCENT_PHOTOS), config.heightRatioPerPhoto());
    for (int i = 0; i < photos; i++) {
      int fromEnd = Math.min(i + 1, photos - i);
      double height = Math.max(floor, Math.pow(ratio, -Math.min(fromEnd, descent))) * high;
      double share = fullDrop == 0 ? 1 : Math.log(height / high) / fullDrop;
      double along = (i - (photos - 1) / 2.0) * config.streetStepMeters();
      double heading = (eastward ? 0 : Math.PI) + ASIDE_RADIANS * share;
      String name = String.format(Locale.ROOT, "street/%04d.jpg", taken + i + 1);
      Vec3 position = new Vec3(eastward ? along : -along, north, height);
      stops.add(new Stop(name, position, heading, startTilt + (lowTilt - startTilt) * share));
    }
  }
}
