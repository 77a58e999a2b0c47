package dev.tessera.synthetic;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A town that is a function of its seed: flat textured ground, streets, and box houses, roof units
 * and parked cars on a square of {@link #HALF_EXTENT_METERS} to each side of the origin. World is
 * east-north-up metres, ground at zero. Immutable; safe for use by several threads.
 */
public final class SyntheticTown {
  private static final int HALF_EXTENT_BLOCKS = 20;

  /** Half the side of the built square, metres. */
  public static final double HALF_EXTENT_METERS = HALF_EXTENT_BLOCKS * TownPlan.BLOCK_METERS;

  private static final GeoPoint ORIGIN = new GeoPoint(48.1372, 11.5755, 520);

  /** A sight line may stop this far before its point, as points lie exactly on surfaces. */
  private static final double SURFACE_SLACK = 1e-6;

  private final int salt;
  private final TownPlan plan;
  private final BuildingGrid grid;

  private SyntheticTown(long seed) {
    salt = new SplittableRandom(seed).nextInt();
    plan = new TownPlan(salt);
    grid = new BuildingGrid(plan.buildings(HALF_EXTENT_BLOCKS), HALF_EXTENT_METERS);
  }

  /** The town of a seed. */
  public static SyntheticTown seeded(long seed) {
    return new SyntheticTown(seed);
  }

  /** Where the town lies on the earth: its world is the east-north-up frame here. */
  public LocalFrame frame() {
    return new LocalFrame(ORIGIN);
  }

  /**
   * Random points of the ground, roofs and walls around the origin, uniform over the plan.
   *
   * @param halfExtentMeters half the side of the square they are drawn from
   */
  public List<SurfacePoint> scenePoints(long seed, int count, double halfExtentMeters) {
    SplittableRandom random = new SplittableRandom(seed);
    RayCaster rays = new RayCaster(grid);
    List<SurfacePoint> points = new ArrayList<>(count);
    double above = TownPlan.HIGHEST_METERS + 10;
    while (points.size() < count) {
      double east = (2 * random.nextDouble() - 1) * halfExtentMeters;
      double north = (2 * random.nextDouble() - 1) * halfExtentMeters;
      double dx = 2 * random.nextDouble() - 1;
      double dy = 2 * random.nextDouble() - 1;
      rays.cast(east - dx * above, north - dy * above, above, dx, dy, -1);
      if (rays.building != RayCaster.SKY) {
        Vec3 from = new Vec3(east - dx * above, north - dy * above, above);
        Vec3 position = from.plus(new Vec3(dx, dy, -1).times(rays.t));
        points.add(new SurfacePoint(position, normal(rays.face)));
      }
    }
    return points;
  }

  /** Whether a point of a surface is seen from a place: faces it, with nothing in between. */
  public boolean isVisible(SurfacePoint point, Vec3 fromEnu) {
    Vec3 ray = point.position().minus(fromEnu);
    if (ray.dot(point.normal()) >= 0) {
      return false;
    }
    RayCaster rays = new RayCaster(grid);
    rays.cast(fromEnu.x(), fromEnu.y(), fromEnu.z(), ray.x(), ray.y(), ray.z());
    return rays.t > 1 - SURFACE_SLACK;
  }

  BuildingGrid grid() {
    return grid;
  }

  TownPaint paint() {
    return new TownPaint(salt, plan);
  }

  static Vec3 normal(int face) {
    return switch (face) {
      case RayCaster.WEST -> new Vec3(-1, 0, 0);
      case RayCaster.EAST -> new Vec3(1, 0, 0);
      case RayCaster.SOUTH -> new Vec3(0, -1, 0);
      case RayCaster.NORTH -> new Vec3(0, 1, 0);
      default -> new Vec3(0, 0, 1);
    };
  }
}
