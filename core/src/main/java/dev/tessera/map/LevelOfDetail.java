package dev.tessera.map;

import java.io.Serializable;

/**
 * Deals points to additive levels in one pass over their sorted keys. Each point lives in one
 * level, and the levels up to k together hold exactly one point of every occupied cube of level k's
 * grid: a thinned cloud. The last level takes all the rest.
 *
 * <p>A point that follows another in Morton order is the first of its cube exactly if their keys
 * differ above the cube's bits, so a level needs only the key before.
 *
 * @param levels how many, at least 1
 * @param coarsestShift cubes of level 0 have {@code 2^coarsestShift} cells per edge; each next
 *     level halves the edge
 */
public record LevelOfDetail(int levels, int coarsestShift) implements Serializable {
  public LevelOfDetail {
    if (levels < 1 || coarsestShift < 0 || coarsestShift > Morton.BITS) {
      throw new IllegalArgumentException(
          "Cannot make %d levels from a shift of %d: need 1 level and a shift in 0..21"
              .formatted(levels, coarsestShift));
    }
  }

  /**
   * Levels for a tile: level 0 has at most {@code 2^(3 * bitsOfLevel0)} points in it. Where the map
   * is smaller than a tile, the map's extent counts.
   */
  public static LevelOfDetail within(Tiling tiling, Bounds bounds, int bitsOfLevel0, int levels) {
    int extentLevels = 0;
    double extent =
        bounds.isEmpty()
            ? 0
            : Math.max(
                bounds.maxX() - bounds.minX(),
                Math.max(bounds.maxY() - bounds.minY(), bounds.maxZ() - bounds.minZ()));
    while (extentLevels < tiling.levels()
        && (1L << extentLevels) * tiling.morton().cellMeters() < extent) {
      extentLevels++;
    }
    return new LevelOfDetail(levels, Math.max(0, extentLevels - bitsOfLevel0));
  }

  /** Level of the first point of a sorted run that begins on a border of level 0's cubes. */
  public int first() {
    return 0;
  }

  /** Level of the point with {@code key}, which follows {@code previousKey} in ascending order. */
  public int levelAfter(long previousKey, long key) {
    if (Long.compareUnsigned(previousKey, key) > 0) {
      throw new IllegalArgumentException(
          "Cannot deal levels: key %d comes after %d".formatted(key, previousKey));
    }
    if (previousKey == key) {
      return levels - 1;
    }
    int highestDifference = (63 - Long.numberOfLeadingZeros(previousKey ^ key)) / 3;
    int level = coarsestShift - highestDifference;
    return Math.max(0, Math.min(levels - 1, level));
  }

  /** Levels of a whole sorted run. */
  public int[] levelsOf(long[] sortedKeys) {
    int[] result = new int[sortedKeys.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = i == 0 ? first() : levelAfter(sortedKeys[i - 1], sortedKeys[i]);
    }
    return result;
  }
}
