package dev.tessera.synthetic;

import static dev.tessera.synthetic.Noise.octave;
import static dev.tessera.synthetic.Noise.octaves;

/**
 * What the town's surfaces look like: a base colour by kind, brightness noise of several octaves
 * that never repeats, stains, road marks, windows of irregular place and size. A function of the
 * place and the width of a pixel there. One instance per thread: the last result is in fields.
 */
final class TownPaint {
  private static final double STAIN_METERS = 1.7;
  private static final double COLOR_METERS = 9;
  private static final double COARSEST_METERS = 3.1;
  private static final double OCTAVE_SHADES = 27;
  private static final int WINDOW = 64;
  private static final int KINDS_OF_GROUND = 8;

  private static final int[] ROOFS = {0xa4573f, 0x8f8a82, 0x6b5a52, 0xb98c6a, 0x77808a, 0x9c4a3a};
  private static final int[] WALLS = {0xcdbf9f, 0xb9a58c, 0xa9b3b5, 0xc79f86, 0xd2cdc0, 0x9d8f86};
  private static final int[] CARS = {0xb03030, 0x30509a, 0xd0d0d0, 0x404448, 0x3d7a50, 0xd8b040};
  private static final int[] LOTS = {0x6f8f4e, 0x86994f, 0x9a8a63, 0x8c8c86};

  private final int salt;
  private final TownPlan plan;

  /** Of the last call: colour, 0 to 255, before light falls on it. */
  double red;

  double green;
  double blue;

  /** Of the last call: differs where two surfaces or paints meet, so that edges can be found. */
  int key;

  TownPaint(int salt, TownPlan plan) {
    this.salt = salt;
    this.plan = plan;
  }

  /** Paints the ground at a place. */
  void ground(double east, double north, double pixelMeters) {
    double block = TownPlan.BLOCK_METERS;
    double fromStreetEast = east - block * Math.rint(east / block);
    double fromStreetNorth = north - block * Math.rint(north / block);
    double nearest = Math.min(Math.abs(fromStreetEast), Math.abs(fromStreetNorth));
    if (nearest < TownPlan.HALF_STREET_METERS) {
      street(east, north, fromStreetEast, fromStreetNorth);
    } else if (nearest < TownPlan.HALF_STREET_METERS + TownPlan.PAVEMENT_METERS) {
      base(0xa8a29a, 2);
    } else {
      int lotEast = (int) Math.floor(2 * east / block);
      int lotNorth = (int) Math.floor(2 * north / block);
      int kind = plan.isBuilt(lotEast, lotNorth) ? 3 : Hashes.of(lotEast, lotNorth, salt + 1) & 3;
      base(LOTS[kind], 3 + kind);
    }
    weather(east, north, pixelMeters, salt, 1);
  }

  /** Paints a face of a building; {@code along} and {@code up} are metres on that face. */
  void face(Building b, int index, int face, double along, double up, double pixelMeters) {
    int s = salt + 31 * (index * 6 + face + 1);
    int id = KINDS_OF_GROUND + (index * 6 + face) * 2 * WINDOW;
    boolean isWall = face != RayCaster.ROOF && b.kind() != Building.Kind.CAR;
    int choice = (Hashes.of(index, isWall ? 1 : 0, salt + 2) >>> 4) % 6;
    double strength = 1;
    if (b.kind() == Building.Kind.CAR) {
      base(CARS[choice], id);
      strength = 0.5;
    } else if (face == RayCaster.ROOF) {
      base(ROOFS[choice], id);
    } else {
      base(WALLS[choice], id);
      if (b.kind() == Building.Kind.HOUSE) {
        strength = window(along, up, s);
      }
    }
    weather(along, up, pixelMeters, s, strength);
  }

  /** Paints the sky: plain, so that nothing is found in it. */
  void sky() {
    base(0xb8cde0, 1);
  }

  private void street(double east, double north, double fromEast, double fromNorth) {
    base(0x6e6c6b, 0);
    boolean crossing =
        Math.abs(fromEast) < TownPlan.HALF_STREET_METERS
            && Math.abs(fromNorth) < TownPlan.HALF_STREET_METERS;
    double across = Math.abs(fromEast) < Math.abs(fromNorth) ? fromEast : fromNorth;
    double along = Math.abs(fromEast) < Math.abs(fromNorth) ? north : east;
    int dash = (int) Math.floor(along / 3.7);
    int row = (int) Math.rint((Math.abs(fromEast) < Math.abs(fromNorth) ? east : north));
    if (!crossing && Math.abs(across) < 0.12 && Hashes.unit(dash, row, salt + 3) < 0.55) {
      base(0xe6e4d8, 7);
    }
  }

  /** Paints a window if there is one here; tells how strong the noise is on it. */
  private double window(double along, double up, int s) {
    double width = Hashes.between(2.3, 4.1, 1, 2, s);
    int column = (int) Math.floor(along / width);
    int floor = (int) Math.floor(up / 3);
    if (Hashes.unit(column, floor, s + 1) > 0.72) {
      return 1;
    }
    double left = Hashes.between(0.1, 0.9, column, floor, s + 2);
    double bottom = Hashes.between(0.5, 1.2, column, floor, s + 3);
    double right = left + Hashes.between(0.7, width - 1, column, floor, s + 4);
    double top = bottom + Hashes.between(0.8, 1.7, column, floor, s + 5);
    double x = along - column * width;
    double y = up - floor * 3;
    if (x < left || x > right || y < bottom || y > top) {
      return 1;
    }
    double shade = Hashes.between(25, 110, column, floor, s + 6);
    red = shade;
    green = shade * 1.05;
    blue = shade * 1.2;
    key += 1 + (Hashes.of(column, floor, s) & (WINDOW - 1));
    return 0.6;
  }

  private void weather(double x, double y, double pixelMeters, int s, double strength) {
    double light = OCTAVE_SHADES * octaves(x, y, COARSEST_METERS, pixelMeters, s);
    double stain = octave(x / STAIN_METERS, y / STAIN_METERS, s + 11);
    double edge = Math.max(0.04, pixelMeters / STAIN_METERS * 2);
    light -= 38 * Math.min(1, Math.max(0, (stain - 0.3) / edge));
    light += 30 * Math.min(1, Math.max(0, (-0.45 - stain) / edge));
    double warm = 16 * octave(x / COLOR_METERS, y / COLOR_METERS, s + 13);
    red += strength * (light + warm);
    green += strength * light;
    blue += strength * (light - warm);
  }

  private void base(int rgb, int id) {
    red = rgb >> 16 & 255;
    green = rgb >> 8 & 255;
    blue = rgb & 255;
    key = id;
  }
}
