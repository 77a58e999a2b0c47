package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Chunk;
import dev.tessera.jobs.report.MapReport.Edge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One of eight colours per chunk, as a CSS class {@code c0} to {@code c7}; chunks joined by an edge
 * differ as far as eight colours allow. Greedy, in the order of the ids.
 */
final class ChunkColors {
  private static final int COLORS = 8;

  private final Map<Integer, Integer> colorOf = new TreeMap<>();

  ChunkColors(MapReport report) {
    Map<Integer, Set<Integer>> neighbours = new HashMap<>();
    for (Edge edge : report.edges()) {
      neighbours.computeIfAbsent(edge.chunkA(), id -> new TreeSet<>()).add(edge.chunkB());
      neighbours.computeIfAbsent(edge.chunkB(), id -> new TreeSet<>()).add(edge.chunkA());
    }
    int[] used = new int[COLORS];
    List<Integer> ids = report.chunks().stream().map(Chunk::id).sorted().toList();
    for (int id : ids) {
      int color = leastUsed(used, neighbours.getOrDefault(id, Set.of()));
      colorOf.put(id, color);
      used[color]++;
    }
  }

  String classOf(int chunk) {
    return "c" + colorOf.getOrDefault(chunk, Math.floorMod(chunk, COLORS));
  }

  private int leastUsed(int[] used, Set<Integer> neighbours) {
    boolean[] taken = new boolean[COLORS];
    for (int neighbour : neighbours) {
      if (colorOf.containsKey(neighbour)) {
        taken[colorOf.get(neighbour)] = true;
      }
    }
    int best = -1;
    for (int color = 0; color < COLORS; color++) {
      if (!taken[color] && (best < 0 || used[color] < used[best])) {
        best = color;
      }
    }
    return best < 0 ? 0 : best;
  }
}
