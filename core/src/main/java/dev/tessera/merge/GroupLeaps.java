package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Moves groups of nodes to where their GPS puts them, if that is cheaper, or if independent
 * witnesses want it. Edges that are wrong alike, as where one street is taken for the next, carry
 * off several chunks together: the GPS of all of them then disagrees with the map in the same way,
 * and none can go back alone.
 *
 * <p>Cost alone does not see through that, since edges that are wrong alike have as many votes as
 * there are of them. But they are wrong for one reason, while the fixes of several chunks that miss
 * by the same shift, and an edge out of the group that was refuted and fits after that shift, know
 * nothing of each other: such a leap is made whatever it costs. Fixes that are wrong alike, as
 * under one street's reflections, find no such edge.
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
      strayed[i] = FirstFrames.isSeed(component.nodes().get(i)) && !gpsAgrees(i);
    }
    int[] root = new int[x.length];
    Arrays.setAll(root, i -> i);
    for (int k = 0; k < component.links().size(); k++) {
      Link link = component.links().get(k);
      if (strayed[link.a()] && strayed[link.b()] && agrees(k)) {
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
    List<Sim3> proposals = proposals(group);
    return leapAsWitnessed(group, proposals) || leapIfCheaper(group, proposals);
  }

  /** Moves most of those members that independent witnesses want elsewhere. */
  private boolean leapAsWitnessed(List<Integer> group, List<Sim3> proposals) {
    List<Integer> most = List.of();
    Sim3 wanted = null;
    for (Sim3 change : proposals) {
      List<Integer> agreeing =
          ifMoved(group, change, () -> group.stream().filter(this::gpsAgrees).toList());
      if (agreeing.size() > Math.max(1, most.size()) && isWitnessed(agreeing, change)) {
        most = agreeing;
        wanted = change;
      }
    }
    move(most, wanted);
    return wanted != null;
  }

  private boolean leapIfCheaper(List<Integer> group, List<Sim3> proposals) {
    Sim3 best = null;
    double lowest = problem.costAt(group, x) * (1 - ComponentSolver.LEAST_GAIN);
    for (Sim3 change : proposals) {
      double cost = ifMoved(group, change, () -> problem.costAt(group, x));
      if (cost < lowest) {
        lowest = cost;
        best = change;
      }
    }
    move(best == null ? List.of() : group, best);
    return best != null;
  }

  /** Whether a link out of the group disagrees with where it is, and agrees after the change. */
  private boolean isWitnessed(List<Integer> group, Sim3 change) {
    Set<Integer> members = new HashSet<>(group);
    List<Integer> refuted = new ArrayList<>();
    for (int node : group) {
      for (int k : problem.linksOf(node)) {
        if (!members.contains(component.links().get(k).other(node)) && !agrees(k)) {
          refuted.add(k);
        }
      }
    }
    return ifMoved(group, change, () -> refuted.stream().anyMatch(this::agrees));
  }

  /** What would hold of a group after a change. */
  private <T> T ifMoved(List<Integer> group, Sim3 change, Supplier<T> asked) {
    Sim3[] before = group.stream().map(i -> x[i]).toArray(Sim3[]::new);
    move(group, change);
    T answer = asked.get();
    for (int k = 0; k < before.length; k++) {
      x[group.get(k)] = before[k];
    }
    return answer;
  }

  private void move(List<Integer> group, Sim3 change) {
    for (int node : group) {
      x[node] = change.after(x[node]);
    }
  }

  private boolean gpsAgrees(int node) {
    return problem.gpsWeight(node, x) >= config.minGpsWeight();
  }

  private boolean agrees(int link) {
    return problem.linkWeight(link, x) >= config.minEdgeWeight();
  }

  /** The shift that the GPS of most asks for, and the whole changes that single ones ask for. */
  private List<Sim3> proposals(List<Integer> group) {
    double[][] shifts = new double[3][group.size()];
    List<Sim3> proposals = new ArrayList<>();
    int step = Math.max(1, group.size() / MAX_PROPOSERS);
    for (int k = 0; k < group.size(); k++) {
      Sim3 byGps = problem.frameByGps(group.get(k));
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
