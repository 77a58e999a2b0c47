package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Moves groups of nodes to where their GPS puts them, if that is cheaper. Edges that are wrong
 * alike, as where one street is taken for the next, carry off several chunks together: the GPS of
 * all of them then disagrees with the map in the same way, and none can go back alone.
 */
final class GroupLeaps {
  /** Members of a group whose own GPS proposes where all of it belongs. */
  private static final int MAX_PROPOSERS = 16;

  private final Component component;
  private final GraphProblem problem;
  private final PoseGraph.Config config;
  private final Sim3[] x;

  GroupLeaps(Component component, GraphProblem problem, PoseGraph.Config config, Sim3[] x) {
    this.component = component;
    this.problem = problem;
    this.config = config;
    this.x = x;
  }

  /** True if a group was moved, in the array of frames given. */
  boolean leap() {
    boolean moved = false;
    for (List<Integer> group : groups()) {
      moved |= leap(group);
    }
    return moved;
  }

  /** Two and more nodes whose GPS disagrees, joined by links that agree. */
  private List<List<Integer>> groups() {
    boolean[] strayed = new boolean[x.length];
    for (int i = 0; i < x.length; i++) {
      strayed[i] =
          FirstFrames.isSeed(component.nodes().get(i))
              && problem.gpsWeight(i, x) < config.minGpsWeight();
    }
    int[] root = new int[x.length];
    Arrays.setAll(root, i -> i);
    for (int k = 0; k < component.links().size(); k++) {
      Link link = component.links().get(k);
      if (strayed[link.a()]
          && strayed[link.b()]
          && problem.linkWeight(k, x) >= config.minEdgeWeight()) {
        Component.join(root, link.a(), link.b());
      }
    }
    List<List<Integer>> ofRoot = new ArrayList<>();
    for (int i = 0; i < x.length; i++) {
      ofRoot.add(new ArrayList<>());
      if (strayed[i]) {
        ofRoot.get(Component.find(root, i)).add(i); // the root is the lowest of its group
      }
    }
    return ofRoot.stream().filter(group -> group.size() > 1).toList();
  }

  private boolean leap(List<Integer> group) {
    Sim3[] before = group.stream().map(i -> x[i]).toArray(Sim3[]::new);
    Sim3[] best = before;
    double lowest = problem.costAt(group, x) * (1 - ComponentSolver.LEAST_GAIN);
    for (Sim3 change : proposals(group)) {
      Sim3[] after = new Sim3[before.length];
      for (int k = 0; k < before.length; k++) {
        after[k] = change.after(before[k]);
        x[group.get(k)] = after[k];
      }
      double cost = problem.costAt(group, x);
      if (cost < lowest) {
        lowest = cost;
        best = after;
      }
    }
    for (int k = 0; k < before.length; k++) {
      x[group.get(k)] = best[k];
    }
    return best != before;
  }

  /** The shift that the GPS of most asks for, and the whole changes that single ones ask for. */
  private List<Sim3> proposals(List<Integer> group) {
    double[][] shifts = new double[3][group.size()];
    List<Sim3> proposals = new ArrayList<>();
    int step = Math.max(1, group.size() / MAX_PROPOSERS);
    for (int k = 0; k < group.size(); k++) {
      ChunkNode node = component.nodes().get(group.get(k));
      Sim3 byGps = node.gps().worldFromChunk().after(node.chunkFromAnchor());
      Vec3 shift = byGps.translation().minus(x[group.get(k)].translation());
      shifts[0][k] = shift.x();
      shifts[1][k] = shift.y();
      shifts[2][k] = shift.z();
      if (k % step == 0) {
        proposals.add(byGps.after(x[group.get(k)].inverse()));
      }
    }
    Vec3 median =
        new Vec3(
            RobustScale.median(shifts[0]),
            RobustScale.median(shifts[1]),
            RobustScale.median(shifts[2]));
    proposals.add(new Sim3(1, Quaternion.IDENTITY, median));
    return proposals;
  }
}
