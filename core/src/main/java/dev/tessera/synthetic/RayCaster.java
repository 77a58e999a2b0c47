package dev.tessera.synthetic;

/**
 * First surface along a ray, by walking a uniform grid over the buildings (Amanatides and Woo, "A
 * fast voxel traversal algorithm", 1987). One instance per thread: the last hit is kept in fields.
 */
final class RayCaster {
  static final int SKY = -2;
  static final int GROUND = -1;

  /** Faces of a box, and {@link #GROUND_FACE}. */
  static final int ROOF = 0;

  static final int WEST = 1;
  static final int EAST = 2;
  static final int SOUTH = 3;
  static final int NORTH = 4;
  static final int GROUND_FACE = 5;

  /** Rays end here, metres: beyond it is haze. */
  private static final double FARTHEST = 2000;

  /** Stands for a zero in a direction, so that the slab test never divides by one. */
  private static final double NEARLY_ZERO = 1e-12;

  private final BuildingGrid grid;

  /** Of the last {@link #cast}: multiple of the direction at which the surface is met. */
  double t;

  /** Of the last {@link #cast}: index of the building, {@link #GROUND} or {@link #SKY}. */
  int building;

  /** Of the last {@link #cast}: which face. */
  int face;

  private double boxT;
  private int boxFace;

  RayCaster(BuildingGrid grid) {
    this.grid = grid;
  }

  /** Finds the first surface met; the direction need not have length one. */
  void cast(double ox, double oy, double oz, double east, double north, double dz) {
    double dx = east == 0 ? NEARLY_ZERO : east;
    double dy = north == 0 ? NEARLY_ZERO : north;
    double length = Math.sqrt(dx * dx + dy * dy + dz * dz);
    t = FARTHEST / length;
    building = SKY;
    if (dz < 0 && -oz / dz < t) {
      t = -oz / dz;
      building = GROUND;
      face = GROUND_FACE;
    }
    double enter = 0;
    double leave = t;
    if (oz > TownPlan.HIGHEST_METERS) {
      if (dz >= 0) {
        return;
      }
      enter = (TownPlan.HIGHEST_METERS - oz) / dz;
    } else if (dz > 0) {
      leave = Math.min(leave, (TownPlan.HIGHEST_METERS - oz) / dz);
    }
    walk(ox, oy, oz, dx, dy, dz, enter, leave);
  }

  /** Whether anything stands between a point and the sky in this direction. */
  boolean isBlocked(double ox, double oy, double oz, double dx, double dy, double dz) {
    cast(ox, oy, oz, dx, dy, dz);
    return building >= 0;
  }

  private void walk(
      double ox,
      double oy,
      double oz,
      double dx,
      double dy,
      double dz,
      double enter,
      double leave) {
    double cell = BuildingGrid.CELL_METERS;
    int i = (int) Math.floor((ox + enter * dx) / cell);
    int j = (int) Math.floor((oy + enter * dy) / cell);
    int stepI = dx > 0 ? 1 : -1;
    int stepJ = dy > 0 ? 1 : -1;
    double nextI = dx == 0 ? Double.MAX_VALUE : ((dx > 0 ? i + 1 : i) * cell - ox) / dx;
    double nextJ = dy == 0 ? Double.MAX_VALUE : ((dy > 0 ? j + 1 : j) * cell - oy) / dy;
    double acrossI = Math.abs(cell / dx);
    double acrossJ = Math.abs(cell / dy);
    double at = enter;
    while (at < leave) {
      double out = Math.min(nextI, nextJ);
      double lowest = Math.min(oz + at * dz, oz + Math.min(out, leave) * dz);
      if (lowest < grid.highest(i, j)) {
        nearest(grid.at(i, j), ox, oy, oz, dx, dy, dz);
        if (building >= 0 && t <= out) {
          return;
        }
      }
      at = out;
      if (nextI < nextJ) {
        i += stepI;
        nextI += acrossI;
      } else {
        j += stepJ;
        nextJ += acrossJ;
      }
    }
  }

  private void nearest(
      int[] candidates, double ox, double oy, double oz, double dx, double dy, double dz) {
    for (int index : candidates) {
      if (enters(grid.building(index), ox, oy, oz, dx, dy, dz) && boxT < t) {
        t = boxT;
        building = index;
        face = boxFace;
      }
    }
  }

  /** Slab test from outside; a ray that starts inside the box does not meet it. */
  private boolean enters(
      Building b, double ox, double oy, double oz, double dx, double dy, double dz) {
    double x = ((dx > 0 ? b.minEast() : b.maxEast()) - ox) / dx;
    double xOut = ((dx > 0 ? b.maxEast() : b.minEast()) - ox) / dx;
    double y = ((dy > 0 ? b.minNorth() : b.maxNorth()) - oy) / dy;
    double yOut = ((dy > 0 ? b.maxNorth() : b.minNorth()) - oy) / dy;
    double z = ((dz > 0 ? 0 : b.height()) - oz) / dz;
    double zOut = ((dz > 0 ? b.height() : 0) - oz) / dz;
    double in = x;
    int side = dx > 0 ? WEST : EAST;
    if (y > in) {
      in = y;
      side = dy > 0 ? SOUTH : NORTH;
    }
    if (z > in) {
      in = z;
      side = ROOF;
    }
    boxT = in;
    boxFace = side;
    return in > 0 && in <= Math.min(xOut, Math.min(yOut, zOut));
  }
}
