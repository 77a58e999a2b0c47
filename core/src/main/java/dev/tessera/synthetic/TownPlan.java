package dev.tessera.synthetic;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the town's streets and lots are and what stands on them. Blocks of {@link #BLOCK_METERS}
 * have a street along each edge, its middle line at multiples of the block's width, and two by two
 * lots inside.
 */
final class TownPlan {
  static final double BLOCK_METERS = 48;
  static final double HALF_STREET_METERS = 5;
  static final double PAVEMENT_METERS = 2;

  /** No roof is higher, metres. */
  static final double HIGHEST_METERS = 20;

  private static final double LOT_METERS = BLOCK_METERS / 2 - HALF_STREET_METERS - PAVEMENT_METERS;
  private static final double BUILT_SHARE = 0.78;
  private static final int CAR_PLACES = 5;

  private final int salt;

  TownPlan(int salt) {
    this.salt = salt;
  }

  /** All boxes of the blocks {@code -blocks <= i, j < blocks}, in a fixed order. */
  List<Building> buildings(int blocks) {
    List<Building> all = new ArrayList<>();
    for (int j = -blocks; j < blocks; j++) {
      for (int i = -blocks; i < blocks; i++) {
        for (int lot = 0; lot < 4; lot++) {
          addHouse(2 * i + lot % 2, 2 * j + lot / 2, all);
        }
        addCars(i, j, all);
      }
    }
    return all;
  }

  /** Whether a lot has a house; the others are gardens and squares. */
  boolean isBuilt(int lotEast, int lotNorth) {
    return Hashes.unit(lotEast, lotNorth, salt + 1) < BUILT_SHARE;
  }

  private void addHouse(int lotEast, int lotNorth, List<Building> all) {
    if (!isBuilt(lotEast, lotNorth)) {
      return;
    }
    double centerEast = lotCenter(lotEast) + Hashes.between(-1, 1, lotEast, lotNorth, salt + 2);
    double centerNorth = lotCenter(lotNorth) + Hashes.between(-1, 1, lotEast, lotNorth, salt + 3);
    double halfEast = Hashes.between(4, LOT_METERS / 2 - 1, lotEast, lotNorth, salt + 4);
    double halfNorth = Hashes.between(4, LOT_METERS / 2 - 1, lotEast, lotNorth, salt + 5);
    double height = Hashes.between(4, HIGHEST_METERS - 2, lotEast, lotNorth, salt + 6);
    all.add(box(centerEast, centerNorth, halfEast, halfNorth, height, Building.Kind.HOUSE));
    int units = 1 + (int) (3 * Hashes.unit(lotEast, lotNorth, salt + 7));
    for (int k = 0; k < units; k++) {
      int s = salt + 100 + 10 * k;
      double east = centerEast + Hashes.between(-0.7, 0.7, lotEast, lotNorth, s) * halfEast;
      double north = centerNorth + Hashes.between(-0.7, 0.7, lotEast, lotNorth, s + 1) * halfNorth;
      double half = Hashes.between(0.4, 1.2, lotEast, lotNorth, s + 2);
      double above = Hashes.between(0.6, 2, lotEast, lotNorth, s + 3);
      all.add(box(east, north, half, half * 0.8, height + above, Building.Kind.ROOF_UNIT));
    }
  }

  private void addCars(int blockEast, int blockNorth, List<Building> all) {
    for (int k = 0; k < 2 * CAR_PLACES; k++) {
      int s = salt + 1000 + 10 * k;
      if (Hashes.unit(blockEast, blockNorth, s) > 0.5) {
        continue;
      }
      double step = (BLOCK_METERS - 4 * HALF_STREET_METERS) / CAR_PLACES;
      double along = 2 * HALF_STREET_METERS + (k / 2 + 0.5) * step;
      double side =
          (HALF_STREET_METERS - 1.3) * (Hashes.of(blockEast, blockNorth, s + 1) < 0 ? -1 : 1);
      double length = Hashes.between(1.9, 2.5, blockEast, blockNorth, s + 2);
      double height = Hashes.between(1.3, 2.2, blockEast, blockNorth, s + 3);
      double east = blockEast * BLOCK_METERS + (k % 2 == 0 ? along : side);
      double north = blockNorth * BLOCK_METERS + (k % 2 == 0 ? side : along);
      double halfEast = k % 2 == 0 ? length : 0.9;
      double halfNorth = k % 2 == 0 ? 0.9 : length;
      all.add(box(east, north, halfEast, halfNorth, height, Building.Kind.CAR));
    }
  }

  private static double lotCenter(int lot) {
    double block = Math.floorDiv(lot, 2) * BLOCK_METERS;
    double half = BLOCK_METERS / 2;
    return Math.floorMod(lot, 2) == 0
        ? block + half - LOT_METERS / 2
        : block + half + LOT_METERS / 2;
  }

  private static Building box(
      double east, double north, double halfEast, double halfNorth, double h, Building.Kind kind) {
    return new Building(
        east - halfEast, north - halfNorth, east + halfEast, north + halfNorth, h, kind);
  }
}
