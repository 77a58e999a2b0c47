package dev.tessera.synthetic;

import java.util.Arrays;
import java.util.List;

/** The buildings by square cells; cells outside are empty. */
final class BuildingGrid {
  static final double CELL_METERS = 12;
  private static final int[] EMPTY = {};

  private final Building[] buildings;
  private final int half;
  private final int[][] cells;
  private final double[] highest;

  BuildingGrid(List<Building> all, double halfExtentMeters) {
    buildings = all.toArray(new Building[0]);
    half = (int) Math.ceil(halfExtentMeters / CELL_METERS) + 1;
    cells = new int[4 * half * half][];
    highest = new double[4 * half * half];
    Arrays.fill(cells, EMPTY);
    for (int index = 0; index < buildings.length; index++) {
      insert(index);
    }
  }

  Building building(int index) {
    return buildings[index];
  }

  int[] at(int i, int j) {
    return isInside(i, j) ? cells[(j + half) * 2 * half + i + half] : EMPTY;
  }

  double highest(int i, int j) {
    return isInside(i, j) ? highest[(j + half) * 2 * half + i + half] : 0;
  }

  private boolean isInside(int i, int j) {
    return i >= -half && i < half && j >= -half && j < half;
  }

  private void insert(int index) {
    Building b = buildings[index];
    for (int j = cell(b.minNorth()); j <= cell(b.maxNorth()); j++) {
      for (int i = cell(b.minEast()); i <= cell(b.maxEast()); i++) {
        int at = (j + half) * 2 * half + i + half;
        int[] longer = Arrays.copyOf(cells[at], cells[at].length + 1);
        longer[longer.length - 1] = index;
        cells[at] = longer;
        highest[at] = Math.max(highest[at], b.height());
      }
    }
  }

  private static int cell(double meters) {
    return (int) Math.floor(meters / CELL_METERS);
  }
}
