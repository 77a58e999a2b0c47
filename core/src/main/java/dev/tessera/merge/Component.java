package dev.tessera.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Chunks joined by links.
 *
 * @param nodes in the order of their chunks
 * @param indices of the nodes among all
 * @param links with indices into {@code nodes}
 */
record Component(List<ChunkNode> nodes, List<Integer> indices, List<Link> links) {

  /**
   * Components, the one with most cameras first, equal ones by their lowest chunk.
   *
   * @param leftOut nodes that are in no component and have no links
   * @param links null where not used
   */
  static List<Component> of(List<ChunkNode> nodes, boolean[] leftOut, Link[] links) {
    int[] root = new int[nodes.size()];
    Arrays.setAll(root, i -> i);
    for (Link link : links) {
      if (link != null) {
        join(root, link.a(), link.b());
      }
    }
    int[] local = new int[nodes.size()];
    TreeMap<Integer, Component> byRoot = new TreeMap<>();
    for (int i = 0; i < root.length; i++) {
      if (leftOut[i]) {
        continue;
      }
      Component component =
          byRoot.computeIfAbsent(
              find(root, i),
              key -> new Component(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
      local[i] = component.nodes.size();
      component.nodes.add(nodes.get(i));
      component.indices.add(i);
    }
    for (Link l : links) {
      if (l != null) {
        Link inside =
            new Link(
                l.edge(), local[l.a()], local[l.b()], l.aFromB(), l.covariance(), l.information());
        byRoot.get(find(root, l.a())).links.add(inside);
      }
    }
    List<Component> components = new ArrayList<>(byRoot.values());
    components.sort(
        Comparator.comparingInt((Component c) -> -c.cameras())
            .thenComparing(c -> c.nodes.get(0).chunk()));
    return components;
  }

  /** Root of i, halving the path on the way (Tarjan and van Leeuwen 1984). */
  static int find(int[] root, int i) {
    int at = i;
    while (root[at] != at) {
      root[at] = root[root[at]];
      at = root[at];
    }
    return at;
  }

  /** Joins two sets under the lower root; false if they were one already. */
  static boolean join(int[] root, int i, int j) {
    int a = find(root, i);
    int b = find(root, j);
    root[Math.max(a, b)] = Math.min(a, b);
    return a != b;
  }

  /** Whether an earlier component with the same first node has lost nothing. */
  boolean isSameAs(Component earlier) {
    return nodes.size() == earlier.nodes.size() && links.size() == earlier.links.size();
  }

  private int cameras() {
    return nodes.stream().mapToInt(ChunkNode::cameras).sum();
  }
}
