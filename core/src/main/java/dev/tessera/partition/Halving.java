package dev.tessera.partition;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Two overlapping halves of a chunk that proved too large for the memory there is, or wrong as it
 * was made.
 *
 * <p>The views are put in a row: along the longer side of their extent if at least half of them
 * have a position (the others stand where the nearest in the sequence stands), else in the order of
 * the sequence. The first half is the head of the row, the second its tail. They share a fifth of
 * the chunk, which is a third of a half, or {@code minSharedViews} if that is more, but never more
 * than half the chunk. What the chunk owned is owned by the half on whose side of the row's middle
 * it stands.
 *
 * <p>So every view that was owned is owned once, and of the views shared with a neighbour one half
 * has at least half: with five or more shared views the neighbour still has three in common with
 * one of the halves, as an edge needs.
 */
public final class Halving {
  /** A half has no fewer views than this, as a planned chunk has not: a smaller one is no scene. */
  public static final int LEAST_VIEWS = 8;

  /** Shared by the halves, of the chunk: a third of a half. */
  private static final int SHARED_PART = 5;

  private Halving() {}

  /** A view of the chunk; borrowed if it is not owned. */
  public record Member(ViewSite site, boolean owned) implements Serializable {}

  /** One half: its views along the row, and what holds them together. */
  public record Half(PlannedChunk.Kind kind, List<Member> members) {
    public Half {
      members = List.copyOf(members);
    }

    /** As a plan would have it; its bounds are those of the views it owns, or of all if of none. */
    public PlannedChunk planned(ChunkId id) {
      List<Member> owned = members.stream().filter(Member::owned).toList();
      List<ViewSite> extent =
          (owned.isEmpty() ? members : owned).stream().map(Member::site).toList();
      return PlannedChunk.of(id, kind, owned.size(), members.size() - owned.size(), extent);
    }
  }

  /** Whether a chunk of so many views has halves of at least {@link #LEAST_VIEWS}. */
  public static boolean possible(int views, int minSharedViews) {
    return smaller(views, minSharedViews) >= LEAST_VIEWS;
  }

  /**
   * The two halves. The same for any order of the members.
   *
   * @throws IllegalArgumentException if there are too few views
   */
  public static List<Half> of(List<Member> members, int minSharedViews) {
    int n = members.size();
    if (!possible(n, minSharedViews)) {
      throw new IllegalArgumentException(
          "Cannot halve a chunk of %d views: a half needs at least %d".formatted(n, LEAST_VIEWS));
    }
    List<ViewSite> positioned =
        members.stream().map(Member::site).filter(ViewSite::hasPosition).toList();
    boolean spatial = 2 * positioned.size() >= n;
    List<Member> row = new ArrayList<>(members);
    row.sort(Comparator.comparingLong(member -> member.site().order()));
    if (spatial) {
      ToDoubleFunction<ViewSite> along = longerSide(positioned);
      row.sort(
          Comparator.comparingDouble(
              member -> along.applyAsDouble(standIn(member.site(), positioned))));
    }
    int tail = n - smaller(n, minSharedViews);
    int head = smaller(n, minSharedViews) + (n + shared(n, minSharedViews)) % 2;
    int middle = (tail + head) / 2;
    PlannedChunk.Kind kind = spatial ? PlannedChunk.Kind.SPATIAL : PlannedChunk.Kind.SEQUENCE;
    return List.of(half(kind, row, 0, head, 0, middle), half(kind, row, tail, n, middle, n));
  }

  /** Views {@code from} to {@code to} of the row; those of its side keep their owner. */
  private static Half half(
      PlannedChunk.Kind kind, List<Member> row, int from, int to, int sideFrom, int sideTo) {
    List<Member> members = new ArrayList<>();
    for (int i = from; i < to; i++) {
      boolean ownSide = sideFrom <= i && i < sideTo;
      members.add(new Member(row.get(i).site(), row.get(i).owned() && ownSide));
    }
    return new Half(kind, members);
  }

  private static int shared(int views, int minSharedViews) {
    int third = (views + SHARED_PART - 1) / SHARED_PART;
    return Math.min(Math.max(third, minSharedViews), views / 2);
  }

  /** Views of the smaller half; the other one has at most one more. */
  private static int smaller(int views, int minSharedViews) {
    return (views + shared(views, minSharedViews)) / 2;
  }

  private static ToDoubleFunction<ViewSite> longerSide(List<ViewSite> sites) {
    double east =
        PlannedChunk.most(sites, ViewSite::eastMeters)
            - PlannedChunk.least(sites, ViewSite::eastMeters);
    double north =
        PlannedChunk.most(sites, ViewSite::northMeters)
            - PlannedChunk.least(sites, ViewSite::northMeters);
    return east >= north ? ViewSite::eastMeters : ViewSite::northMeters;
  }

  /** The view itself, or the one with a position that is nearest in the sequence. */
  static ViewSite standIn(ViewSite site, List<ViewSite> positioned) {
    return site.hasPosition()
        ? site
        : positioned.stream()
            .min(
                Comparator.comparingLong((ViewSite o) -> Math.abs(o.order() - site.order()))
                    .thenComparingLong(ViewSite::order))
            .orElseThrow();
  }
}
