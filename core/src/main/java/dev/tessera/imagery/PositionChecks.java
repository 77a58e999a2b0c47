package dev.tessera.imagery;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.PositionPrior.Suspicion;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds positions that cannot be right and inflates their sigmas; no view and no position is
 * dropped.
 *
 * <p>A speed jump is a position that is reached from neither of its neighbours in time, same
 * camera, at a possible speed; the first and last positions are compared with the nearest two,
 * which must agree with each other. Two wrong positions in a row that agree are not found. Distance
 * is horizontal; views without a capture time take no part.
 */
public final class PositionChecks implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Config config;

  /**
   * @param fastestMetersPerSecond highest speed believed
   * @param clockMillis resolution of capture times: most cameras count whole seconds
   * @param inflatedSigmaMeters sigma of a position that is not believed, in all directions
   */
  public record Config(double fastestMetersPerSecond, long clockMillis, double inflatedSigmaMeters)
      implements Serializable {
    public Config {
      if (!(fastestMetersPerSecond > 0) || clockMillis < 0 || !(inflatedSigmaMeters > 0)) {
        throw new IllegalArgumentException(
            "Position checks need a positive speed, clock and sigma, were %s m/s, %d ms, %s m"
                .formatted(fastestMetersPerSecond, clockMillis, inflatedSigmaMeters));
      }
    }

    public static Config defaults() {
      return new Config(60, 1000, 1000);
    }
  }

  public PositionChecks(Config config) {
    this.config = config;
  }

  /** The views of one sequence, in the order given, suspicious positions inflated. */
  public List<View> check(List<View> sequence) {
    PositionSummary summary =
        sequence.stream()
            .map(PositionSummary::of)
            .reduce(PositionSummary.EMPTY, PositionSummary::merge);
    if (summary.identicalForAll()) {
      return check(sequence, summary);
    }
    Set<View> jumps = new HashSet<>();
    byCamera(sequence).forEach(camera -> addJumps(camera, jumps));
    return sequence.stream()
        .map(view -> jumps.contains(view) ? suspect(view, Suspicion.SPEED_JUMP) : view)
        .toList();
  }

  /** The views as given, or all inflated if the collection they belong to has one position. */
  public List<View> check(List<View> views, PositionSummary collection) {
    return collection.identicalForAll()
        ? views.stream().map(view -> suspect(view, Suspicion.IDENTICAL_FOR_ALL)).toList()
        : List.copyOf(views);
  }

  /** The view with its position's sigmas inflated; itself if it has no position. */
  public View suspect(View view, Suspicion suspicion) {
    if (!view.hasPosition()) {
      return view;
    }
    PositionPrior prior = view.position();
    double sigma = config.inflatedSigmaMeters();
    return view.withPosition(
        new PositionPrior(
            prior.point(),
            Math.max(prior.horizontalSigmaMeters(), sigma),
            Math.max(prior.verticalSigmaMeters(), sigma),
            suspicion));
  }

  private static List<List<View>> byCamera(List<View> sequence) {
    Map<String, List<View>> cameras = new LinkedHashMap<>();
    for (View view : sequence) {
      if (view.hasPosition() && view.captureMillis() != null) {
        cameras.computeIfAbsent(view.cameraModel(), key -> new ArrayList<>()).add(view);
      }
    }
    cameras.values().forEach(camera -> camera.sort(SequenceOrder.BY_TIME));
    return List.copyOf(cameras.values());
  }

  private void addJumps(List<View> camera, Set<View> jumps) {
    int last = camera.size() - 1;
    if (last < 2) {
      return;
    }
    for (int i = 1; i < last; i++) {
      if (tooFast(camera, i, i - 1) && tooFast(camera, i, i + 1)) {
        jumps.add(camera.get(i));
      }
    }
    if (tooFast(camera, 0, 1) && tooFast(camera, 0, 2) && !tooFast(camera, 1, 2)) {
      jumps.add(camera.get(0));
    }
    if (tooFast(camera, last, last - 1)
        && tooFast(camera, last, last - 2)
        && !tooFast(camera, last - 1, last - 2)) {
      jumps.add(camera.get(last));
    }
  }

  private boolean tooFast(List<View> camera, int i, int j) {
    View a = camera.get(i);
    View b = camera.get(j);
    Vec3 enuMeters = new LocalFrame(a.position().point()).toEnu(b.position().point());
    double millis = Math.abs(a.captureMillis() - b.captureMillis()) + config.clockMillis();
    double meters = Math.hypot(enuMeters.x(), enuMeters.y());
    return meters > config.fastestMetersPerSecond() * millis / 1000;
  }
}
