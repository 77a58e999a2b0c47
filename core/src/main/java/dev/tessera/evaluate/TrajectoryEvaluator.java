package dev.tessera.evaluate;

import dev.tessera.evaluate.TrajectoryErrors.PhotoError;
import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Compares estimated cameras with the truth.
 *
 * <p>The photos that count are those of the collection that have a true camera; truth of other
 * images is ignored. Position and rotation errors are over the registered ones among them, after a
 * similarity fit of the centres (Umeyama 1991) or as they stand. The areas under the recall curve
 * are over all pairs of photos that count: a pair with a photo that was not registered has failed,
 * so leaving photos out never raises them.
 */
public final class TrajectoryEvaluator {
  private static final double NARROW_DEGREES = 5;
  private static final double WIDE_DEGREES = 30;

  /**
   * @param maxPairs beyond this many pairs, as many are drawn at random with replacement
   * @param seed of that draw
   */
  public record Config(long maxPairs, long seed) implements Serializable {
    public Config {
      if (maxPairs < 1 || maxPairs > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("Pairs must be in [1, 2^31), were " + maxPairs);
      }
    }

    /** All pairs of up to 1000 photos, 500,000 pairs of more. */
    public static Config defaults() {
      return new Config(500_000, 1);
    }
  }

  /** A photo that counts; the estimate is null if it was not registered. */
  private record Match(String name, Rigid3 truth, Rigid3 estimate) {}

  private final Config config;

  public TrajectoryEvaluator(Config config) {
    this.config = config;
  }

  /**
   * Errors after the similarity that brings the estimated centres closest to the true ones. With
   * fewer than three cameras, or all on a line, position and rotation errors are NaN and the reason
   * is given; the pair errors need no alignment.
   *
   * @param photos names of all photos of the collection, registered or not
   * @param cameraFromMap the registered ones, by name
   */
  public TrajectoryErrors aligned(
      Truth truth, Collection<String> photos, Map<String, Rigid3> cameraFromMap) {
    List<Match> matches = matches(truth, photos, cameraFromMap);
    List<Vec3> estimated = new ArrayList<>();
    List<Vec3> actual = new ArrayList<>();
    for (Match m : matches) {
      if (m.estimate != null) {
        estimated.add(m.estimate.center());
        actual.add(m.truth.center());
      }
    }
    try {
      return errors(matches, Umeyama.fit(estimated, actual), null);
    } catch (DegenerateGeometryException e) {
      return errors(matches, null, e.getMessage());
    }
  }

  /** Errors without any fit: the truth must be in the map's own east-north-up frame. */
  public TrajectoryErrors georeferenced(
      Truth truth, Collection<String> photos, Map<String, Rigid3> cameraFromWorld) {
    List<Match> matches = matches(truth, photos, cameraFromWorld);
    boolean any = matches.stream().anyMatch(m -> m.estimate != null);
    return any
        ? errors(matches, Sim3.IDENTITY, null)
        : errors(matches, null, "Cannot compare cameras: none with a true one is registered");
  }

  private static List<Match> matches(
      Truth truth, Collection<String> photos, Map<String, Rigid3> estimates) {
    Map<String, Rigid3> reference = truth.cameraFromWorld();
    NameMatch names = new NameMatch(reference.keySet(), photos);
    Map<String, Match> byName = new TreeMap<>();
    for (String photo : photos) {
      Optional<String> image = names.find(photo);
      image.ifPresent(
          i -> byName.put(photo, new Match(photo, reference.get(i), estimates.get(photo))));
    }
    return List.copyOf(byName.values());
  }

  private TrajectoryErrors errors(List<Match> matches, Sim3 truthFromEstimate, String reason) {
    List<PhotoError> perPhoto = new ArrayList<>();
    if (truthFromEstimate != null) {
      for (Match m : matches) {
        if (m.estimate != null) {
          perPhoto.add(photoError(m, truthFromEstimate));
        }
      }
    }
    double[] distances = perPhoto.stream().mapToDouble(PhotoError::positionMeters).toArray();
    boolean none = distances.length == 0;
    List<Rigid3> truth = matches.stream().map(Match::truth).toList();
    List<Rigid3> estimate = new ArrayList<>();
    matches.forEach(m -> estimate.add(m.estimate));
    double[] pairs = PairErrors.degrees(truth, estimate, config.maxPairs, config.seed);
    return new TrajectoryErrors(
        matches.size(),
        (int) estimate.stream().filter(e -> e != null).count(),
        none ? Double.NaN : rootMeanSquare(distances),
        none ? Double.NaN : RobustScale.median(distances),
        perPhoto.stream().mapToDouble(PhotoError::rotationDegrees).average().orElse(Double.NaN),
        RecallCurve.area(pairs, NARROW_DEGREES),
        RecallCurve.area(pairs, WIDE_DEGREES),
        pairs.length,
        pairs.length < PairErrors.count(matches.size()),
        truthFromEstimate,
        perPhoto,
        reason);
  }

  private static PhotoError photoError(Match m, Sim3 truthFromEstimate) {
    Rigid3 moved = truthFromEstimate.moveCamera(m.estimate);
    Vec3 error = moved.center().minus(m.truth.center());
    double angle = moved.rotation().angleRadiansTo(m.truth.rotation());
    return new PhotoError(m.name, error.x(), error.y(), error.z(), Math.toDegrees(angle));
  }

  private static double rootMeanSquare(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v * v;
    }
    return Math.sqrt(sum / values.length);
  }
}
