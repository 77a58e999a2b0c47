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
  private final Sim3[] frameFromNode;

  SpanningTree(int nodes, List<Link> links, double[] goodShares) {
    inTree = new boolean[links.size()];
    frameFromNode = new Sim3[nodes];
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
    List<List<Link>> ofNode = new ArrayList<>();
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
    walk(ofNode);
  }

  boolean contains(int link) {
    return inTree[link];
  }

  /** Nodes laid out along the tree, in the frame of node 0. */
  Sim3[] frameFromNode() {
    return frameFromNode.clone();
  }

  private void walk(List<List<Link>> ofNode) {
    ArrayDeque<Integer> open = new ArrayDeque<>(List.of(0));
    frameFromNode[0] = Sim3.IDENTITY;
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
  }
}
