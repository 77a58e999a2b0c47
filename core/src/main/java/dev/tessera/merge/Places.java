package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;

/** Where nodes roughly lie, for the order of elimination. */
final class Places {
  private Places() {}

  /**
   * Each node at the median of itself and its neighbours, coordinate by coordinate, so that a node
   * thrown far off by a wrong position of its own does not spoil a cut.
   */
  static double[][] smoothed(Sim3[] worldFromNode, int[] pairA, int[] pairB) {
    int[] starts = new int[worldFromNode.length + 1];
    int[] neighbours = Adjacency.neighbours(starts, pairA, pairB);
    double[][] places = new double[worldFromNode.length][3];
    for (int i = 0; i < places.length; i++) {
      double[][] around = new double[3][starts[i + 1] - starts[i] + 1];
      put(around, 0, worldFromNode[i].translation());
      for (int k = starts[i]; k < starts[i + 1]; k++) {
        put(around, k - starts[i] + 1, worldFromNode[neighbours[k]].translation());
      }
      for (int axis = 0; axis < 3; axis++) {
        places[i][axis] = RobustScale.median(around[axis]);
      }
    }
    return places;
  }

  private static void put(double[][] around, int at, Vec3 x) {
    around[0][at] = x.x();
    around[1][at] = x.y();
    around[2][at] = x.z();
  }
}
