package dev.tessera.synthetic;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The cameras of a flight over the town and of passes through its streets, in order of capture.
 *
 * <p>Of N photos, 64 % look straight down on a lawn-mower path, 16 % look obliquely on lines across
 * it, and 20 % are taken in street passes. So that a pipeline which matches local features can join
 * the two, a street pass comes down from the flight's height by a constant ratio of heights per
 * photo while it tilts up towards the horizon, follows the street at the height of a mast, and
 * climbs out the same way. The area grows with N at constant overlap.
 */
public record Flight(List<TownCamera> cameras) implements Serializable {
  /** 2026-05-01 10:00:00. */
  private static final long FIRST_CAPTURE_MILLIS = 1_777_629_600_000L;

  private static final double SPEED_METERS_PER_SECOND = 8;
  private static final double OBLIQUE_SHARE_OF_FLIGHT = 0.2;

  /**
   * @param width pixels
   * @param height pixels
   * @param focalPixels true focal length
   * @param flightHeightMeters above ground
   * @param forwardOverlap share of a photo that the next one on the line sees again, on the ground
   * @param sideOverlap the same of the neighbouring line
   * @param obliqueTiltDegrees from straight down, on the crossing lines
   * @param streetShare share of the photos taken in street passes
   * @param streetHeightMeters lowest height of a street pass
   * @param streetTiltDegrees from straight down, at the lowest height
   * @param streetStepMeters way between photos of a street pass
   * @param heightRatioPerPhoto most that the height changes from photo to photo of a descent
   * @param attitudeSigmaDegrees jitter about each axis
   * @param positionSigmaMeters jitter of the place, horizontal and vertical
   */
  public record Config(
      int width,
      int height,
      double focalPixels,
      double flightHeightMeters,
      double forwardOverlap,
      double sideOverlap,
      double obliqueTiltDegrees,
      double streetShare,
      double streetHeightMeters,
      double streetTiltDegrees,
      double streetStepMeters,
      double heightRatioPerPhoto,
      double attitudeSigmaDegrees,
      double positionSigmaMeters)
      implements Serializable {
    public Config {
      if (!(forwardOverlap < 1) || !(sideOverlap < 1)) {
        throw new IllegalArgumentException(
            "Overlaps must be below 1, were %s and %s".formatted(forwardOverlap, sideOverlap));
      }
      if (!(streetShare >= 0 && streetShare <= 1)) {
        throw new IllegalArgumentException("Street share must be in [0, 1], was " + streetShare);
      }
      if (!(flightHeightMeters > TownPlan.HIGHEST_METERS)) {
        throw new IllegalArgumentException(
            "Flight must stay above the roofs at %s m, was at %s m"
                .formatted(TownPlan.HIGHEST_METERS, flightHeightMeters));
      }
    }

    /** Photos of 800 x 600 from 60 m, 11 cm per pixel. */
    public static Config defaults() {
      return ofSize(800, 600);
    }

    /** As {@link #defaults} with the same angle of view at another size. */
    public static Config ofSize(int width, int height) {
      return new Config(
          width, height, 0.6875 * width, 60, 0.75, 0.65, 25, 0.2, 12, 55, 5, 1.25, 1.2, 0.8);
    }
  }

  public Flight {
    cameras = List.copyOf(cameras);
  }

  /** As {@link #of(SyntheticTown, int, long, Config)} with the defaults. */
  public static Flight of(SyntheticTown town, int photos, long seed) {
    return of(town, photos, seed, Config.defaults());
  }

  /**
   * A flight of exactly {@code photos} photos around the town's origin.
   *
   * @throws IllegalArgumentException for no photos, or more than the town is large
   */
  public static Flight of(SyntheticTown town, int photos, long seed, Config config) {
    if (photos < 1) {
      throw new IllegalArgumentException("Cannot plan a flight: " + photos + " photos, need 1");
    }
    FlightPath path = FlightPath.of(photos, config);
    if (path.halfExtentMeters() > SyntheticTown.HALF_EXTENT_METERS) {
      throw new IllegalArgumentException(
          "Cannot plan a flight: %d photos need %.0f m to each side, the town has %.0f m"
              .formatted(photos, path.halfExtentMeters(), SyntheticTown.HALF_EXTENT_METERS));
    }
    return new Flight(cameras(path, new SplittableRandom(seed), config));
  }

  static int obliqueCount(int flightPhotos) {
    return (int) Math.round(flightPhotos * OBLIQUE_SHARE_OF_FLIGHT);
  }

  private static List<TownCamera> cameras(FlightPath path, SplittableRandom random, Config config) {
    Intrinsics intrinsics = Intrinsics.centered(config.width, config.height, config.focalPixels);
    List<TownCamera> cameras = new ArrayList<>();
    long millis = FIRST_CAPTURE_MILLIS;
    Vec3 before = null;
    for (FlightPath.Stop stop : path.stops()) {
      Vec3 center = stop.position().plus(jitter(random, config.positionSigmaMeters));
      Vec3 turn = jitter(random, Math.toRadians(config.attitudeSigmaDegrees));
      Quaternion rotation =
          Quaternion.ofRotationVector(turn)
              .times(lookingAt(stop.headingRadians(), stop.tiltRadians()));
      if (before != null) {
        millis +=
            Math.round(1000 * Math.max(1, center.distanceTo(before) / SPEED_METERS_PER_SECOND));
      }
      before = center;
      cameras.add(
          new TownCamera(
              stop.name(), intrinsics, Rigid3.cameraFromWorld(rotation, center), millis));
    }
    return cameras;
  }

  /**
   * Rotation of a camera whose view is tilted from straight down towards a heading, with the
   * heading up in the picture and no roll.
   *
   * @param headingRadians from east towards north
   */
  static Quaternion lookingAt(double headingRadians, double tiltRadians) {
    Vec3 heading = new Vec3(Math.cos(headingRadians), Math.sin(headingRadians), 0);
    Vec3 z = heading.times(Math.sin(tiltRadians)).plus(new Vec3(0, 0, -Math.cos(tiltRadians)));
    Vec3 x = new Vec3(heading.y(), -heading.x(), 0);
    Vec3 y = z.cross(x);
    return Quaternion.ofMatrix(
        new double[] {x.x(), x.y(), x.z(), y.x(), y.y(), y.z(), z.x(), z.y(), z.z()});
  }

  private static Vec3 jitter(SplittableRandom random, double sigma) {
    return new Vec3(
        random.nextGaussian() * sigma,
        random.nextGaussian() * sigma,
        random.nextGaussian() * sigma);
  }
}
