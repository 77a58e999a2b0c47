package dev.tessera.partition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares out what the hard maximum leaves each chunk for its halo.
 *
 * <p>The links of a spanning tree get the least number of shared views first, from the leaves of
 * the tree inwards: a leaf borrows all it can, for it has no other use for its room, so that this
 * fails only if no sharing-out exists. Then the other links get theirs, strongest first, as long as
 * both ends have room; the rest are dropped. What remains is spread evenly over the links of each
 * chunk up to the wanted halo.
 */
final class HaloBudget {
  /** A kept link; borrowed[0] is what a borrows from b, borrowed[1] the reverse. */
  record Grant(Link link, int[] borrowed) {
    int borrowedBy(int chunk) {
      return borrowed[chunk == link.a() ? 0 : 1];
    }

    private void add(int chunk, int views) {
      borrowed[chunk == link.a() ? 0 : 1] += views;
    }
  }

  private final int[] owned;
  private final int[] room;
  private final int[] borrowed;
  private final int minShared;
  private final double haloShare;
  private final List<Grant> grants = new ArrayList<>();

  private HaloBudget(int[] owned, ChunkPlanner.Config config) {
    this.owned = owned;
    minShared = config.minSharedViews();
    haloShare = config.haloShare();
    room = new int[owned.length];
    borrowed = new int[owned.length];
    for (int i = 0; i < owned.length; i++) {
      room[i] = config.maxViews() - owned[i];
    }
  }

  /** The granted links, or null if the tree's links cannot all share enough views. */
  static List<Grant> share(
      int[] owned, List<Link> tree, List<Link> others, ChunkPlanner.Config config) {
    HaloBudget budget = new HaloBudget(owned, config);
    if (!budget.grantTree(tree)) {
      return null;
    }
    others.forEach(budget::grantIfRoom);
    budget.fill();
    return budget.grants;
  }

  private boolean grantTree(List<Link> tree) {
    Map<Integer, List<Link>> open = new HashMap<>();
    for (Link link : tree) {
      open.computeIfAbsent(link.a(), k -> new ArrayList<>()).add(link);
      open.computeIfAbsent(link.b(), k -> new ArrayList<>()).add(link);
    }
    Deque<Integer> tips = new ArrayDeque<>();
    for (int i = 0; i < owned.length; i++) {
      if (open.getOrDefault(i, List.of()).size() == 1) {
        tips.add(i);
      }
    }
    while (!tips.isEmpty()) {
      int tip = tips.remove();
      List<Link> last = open.get(tip);
      if (last.isEmpty()) {
        continue;
      }
      Link link = last.remove(0);
      int inner = link.other(tip);
      if (!grant(link, tip, Math.min(minShared, most(tip, inner)))) {
        return false;
      }
      open.get(inner).remove(link);
      if (open.get(inner).size() == 1) {
        tips.add(inner);
      }
    }
    return true;
  }

  private void grantIfRoom(Link link) {
    int a = link.a();
    int b = link.b();
    int total = room[a] + room[b];
    if (total >= minShared) {
      int even = (int) Math.round((double) minShared * room[a] / total);
      int atLeast = minShared - most(b, a);
      grant(link, a, Math.min(Math.max(even, atLeast), most(a, b)));
    }
  }

  /** Lets the chunk borrow that many and its neighbour the rest, if the neighbour can. */
  private boolean grant(Link link, int chunk, int views) {
    int rest = minShared - views;
    int neighbour = link.other(chunk);
    if (rest > most(neighbour, chunk)) {
      return false;
    }
    Grant grant = new Grant(link, new int[2]);
    grants.add(grant);
    borrow(grant, chunk, views);
    borrow(grant, neighbour, rest);
    return true;
  }

  private void fill() {
    Map<Integer, List<Grant>> byChunk = new HashMap<>();
    for (Grant grant : grants) {
      byChunk.computeIfAbsent(grant.link().a(), k -> new ArrayList<>()).add(grant);
      byChunk.computeIfAbsent(grant.link().b(), k -> new ArrayList<>()).add(grant);
    }
    for (int chunk = 0; chunk < owned.length; chunk++) {
      int wanted = (int) Math.ceil(owned[chunk] * haloShare / (1 - haloShare));
      List<Grant> links = byChunk.getOrDefault(chunk, List.of());
      while (borrowed[chunk] < wanted && room[chunk] > 0) {
        Grant poorest = poorest(links, chunk);
        if (poorest == null) {
          break;
        }
        borrow(poorest, chunk, 1);
      }
    }
  }

  private Grant poorest(List<Grant> links, int chunk) {
    Grant poorest = null;
    for (Grant grant : links) {
      int has = grant.borrowedBy(chunk);
      if (has < owned[grant.link().other(chunk)]
          && (poorest == null || has < poorest.borrowedBy(chunk))) {
        poorest = grant;
      }
    }
    return poorest;
  }

  private void borrow(Grant grant, int chunk, int views) {
    grant.add(chunk, views);
    room[chunk] -= views;
    borrowed[chunk] += views;
  }

  private int most(int borrower, int lender) {
    return Math.min(room[borrower], owned[lender]);
  }
}
