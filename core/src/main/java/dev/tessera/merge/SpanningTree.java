package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The most trusted links that join all nodes of a component: most good cycles, then least sigma.
 */
final class SpanningTree {
  private final boolean[] inTree;
  private final List<List<Link>> ofNode = new ArrayList<>();

  SpanningTree(int nodes, List<Link> links, double[] goodShares) {
    inTree = new boolean[links.size()];
    List<Integer> order = new ArrayList<>();
    for (int k = 0; k < links.size(); k++) {
      order.add(k);
    }
    order.sort(
        Comparator.comparingDouble((Integer k) -> -goodShares[k])
            .thenComparingDouble(k -> links.get(k).sigma())
            .thenComparingInt(k -> links.get(k).a())
            .thenComparingInt(k -> links.get(k).b()));
    int[] root = new int[nodes];
    Arrays.setAll(root, i -> i);
    for (int i = 0; i < nodes; i++) {
      ofNode.add(new ArrayList<>());
    }
    for (int k : order) {
      Link link = links.get(k);
      if (Component.join(root, link.a(), link.b())) {
        inTree[k] = true;
        ofNode.get(link.a()).add(link);
        ofNode.get(link.b()).add(link);
      }
    }
  }

  boolean contains(int link) {
    return inTree[link];
  }

  /** Nodes laid out along the tree, in the frame of node 0. */
  Sim3[] frameFromNode() {
    Sim3[] seeds = new Sim3[ofNode.size()];
    seeds[0] = Sim3.IDENTITY;
    return grown(seeds);
  }

  /**
   * Nodes laid out along the tree from those that have a frame, each from the nearest.
   *
   * @param seeds null where a node has none; at least one has
   */
  Sim3[] grown(Sim3[] seeds) {
    Sim3[] frameFromNode = seeds.clone();
    ArrayDeque<Integer> open = new ArrayDeque<>();
    for (int node = 0; node < seeds.length; node++) {
      if (seeds[node] != null) {
        open.add(node);
      }
    }
    while (!open.isEmpty()) {
      int node = open.poll();
      for (Link link : ofNode.get(node)) {
        int next = link.other(node);
        if (frameFromNode[next] == null) {
          frameFromNode[next] = frameFromNode[node].after(link.seenFrom(node));
          open.add(next);
        }
      }
    }
    return frameFromNode;
  }
}
