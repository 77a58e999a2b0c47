package dev.tessera.partition;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * Who is whose neighbour once chunks have been halved: the halves border each other, and of the
 * borders of the whole each half has those on its side.
 */
public final class Borders {
  /**
   * A half is on the side of a neighbour if it is no farther from it than the other half, but for
   * this part of the whole's length: halves are cut across it, so one that lies behind the other is
   * farther by about a half.
   */
  private static final double SAME_SIDE = 0.25;

  private final Map<ChunkId, PlannedChunk> plan;
  private final Map<ChunkId, List<ChunkId>> halves;
  private final SortedSet<Border> found = new TreeSet<>();

  private Borders(Map<ChunkId, PlannedChunk> plan, Map<ChunkId, List<ChunkId>> halves) {
    this.plan = plan;
    this.halves = halves;
  }

  /**
   * The borders of chunks that were not halved, in order.
   *
   * @param planned those of {@link ChunkPlan#borders}
   * @param plan all chunks, halved ones with the bounds they had
   * @param halves of each halved chunk
   */
  public static List<Border> afterHalving(
      Collection<Border> planned,
      Map<ChunkId, PlannedChunk> plan,
      Map<ChunkId, List<ChunkId>> halves) {
    Borders borders = new Borders(plan, halves);
    planned.forEach(border -> borders.add(border.a(), border.b()));
    halves.values().forEach(pair -> borders.add(pair.get(0), pair.get(1)));
    return List.copyOf(borders.found);
  }

  private void add(ChunkId x, ChunkId y) {
    if (halves.containsKey(x)) {
      onTheSideOf(y, x).forEach(half -> add(half, y));
    } else if (halves.containsKey(y)) {
      onTheSideOf(x, y).forEach(half -> add(x, half));
    } else {
      found.add(Border.between(x, y));
    }
  }

  private List<ChunkId> onTheSideOf(ChunkId neighbour, ChunkId whole) {
    PlannedChunk from = plan.get(neighbour);
    boolean inSpace =
        from.placed() && halves.get(whole).stream().allMatch(half -> plan.get(half).placed());
    ToDoubleFunction<PlannedChunk> gap =
        inSpace ? half -> gapMeters(half, from) : half -> gapInOrder(half, from);
    double length = inSpace ? lengthMeters(plan.get(whole)) : lengthInOrder(plan.get(whole));
    double nearest = halves.get(whole).stream().map(plan::get).mapToDouble(gap).min().orElseThrow();
    List<ChunkId> near = new ArrayList<>();
    for (ChunkId half : halves.get(whole)) {
      if (gap.applyAsDouble(plan.get(half)) <= nearest + SAME_SIDE * length) {
        near.add(half);
      }
    }
    return near;
  }

  private static double gapMeters(PlannedChunk a, PlannedChunk b) {
    return Math.hypot(
        gap(a.minEastMeters(), a.maxEastMeters(), b.minEastMeters(), b.maxEastMeters()),
        gap(a.minNorthMeters(), a.maxNorthMeters(), b.minNorthMeters(), b.maxNorthMeters()));
  }

  private static double gapInOrder(PlannedChunk a, PlannedChunk b) {
    return gap(a.firstOrder(), a.lastOrder(), b.firstOrder(), b.lastOrder());
  }

  private static double gap(double minA, double maxA, double minB, double maxB) {
    return Math.max(0, Math.max(minA - maxB, minB - maxA));
  }

  private static double lengthMeters(PlannedChunk c) {
    return c.placed()
        ? Math.max(c.maxEastMeters() - c.minEastMeters(), c.maxNorthMeters() - c.minNorthMeters())
        : 0;
  }

  private static double lengthInOrder(PlannedChunk c) {
    return (double) c.lastOrder() - c.firstOrder();
  }
}
