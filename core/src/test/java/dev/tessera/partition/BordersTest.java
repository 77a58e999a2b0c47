package dev.tessera.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkPlanner.Config;
import dev.tessera.partition.PlannedChunk.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BordersTest {
  private static final double CELL_METERS = 10;

  @ParameterizedTest
  @ValueSource(ints = {12, 20, 45, 80})
  void chunksThatOwnCellsSideBySideAreNeighbours(int maxViews) {
    for (int seed = 0; seed < 20; seed++) {
      Map<Long, ViewSite> siteOfCell = jitteredGrid(seed, 25, 18);
      ChunkPlan plan = plan(List.copyOf(siteOfCell.values()), maxViews);
      List<Border> sideBySide = new ArrayList<>();
      siteOfCell.forEach(
          (cell, site) -> {
            for (long next :
                new long[] {
                  Grid.cell(Grid.x(cell) + 1, Grid.y(cell)),
                  Grid.cell(Grid.x(cell), Grid.y(cell) + 1)
                }) {
              ViewSite other = siteOfCell.get(next);
              if (other != null && !plan.ownerOf(other).equals(plan.ownerOf(site))) {
                sideBySide.add(Border.between(plan.ownerOf(site), plan.ownerOf(other)));
              }
            }
          });

      assertThat(sideBySide).isNotEmpty();
      assertThat(plan.borders()).containsAll(sideBySide);
    }
  }

  @Test
  void whoIsGivenAHaloIsANeighbourWithOrWithoutPositions() {
    for (int seed = 0; seed < 20; seed++) {
      for (List<ViewSite> sites :
          List.of(
              SeededSites.city(seed, 900),
              SeededSites.mixed(seed, 600, 0.4),
              SeededSites.truncated(seed, 500))) {
        ChunkPlan plan = plan(sites, 20 + seed);

        assertThat(plan.borders())
            .containsAll(plan.adjacencies().stream().map(l -> new Border(l.a(), l.b())).toList())
            .isSorted()
            .doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void windowsOfTheSequenceBorderTheNext() {
    ChunkPlan plan = plan(SeededSites.nowhere(300), 40);

    assertThat(plan.borders())
        .isEqualTo(
            IntStream.range(1, plan.chunks().size()).mapToObj(i -> border(i - 1, i)).toList());
  }

  @Test
  void farIslandsAreJoinedOnceAndNotAllAlongTheirShores() {
    List<ViewSite> sites = SeededSites.islands(1, 600, 50_000);
    ChunkPlan plan = plan(sites, 40);

    long across =
        plan.borders().stream()
            .filter(border -> isEast(plan, border.a()) != isEast(plan, border.b()))
            .count();

    assertThat(across).isEqualTo(1);
  }

  /** Chunk 0 is a street from west to east; 1 lies along it, 2 behind its east end. */
  @Test
  void eachHalfHasTheNeighboursOnItsSide() {
    Map<ChunkId, PlannedChunk> plan = new TreeMap<>();
    put(plan, placed(0, 0, 100, 0, 10));
    put(plan, placed(1, 0, 100, 20, 30));
    put(plan, placed(2, 110, 200, 0, 10));
    put(plan, placed(3, 0, 48, 0, 10));
    put(plan, placed(4, 52, 100, 0, 9));

    List<Border> borders =
        Borders.afterHalving(
            List.of(border(0, 1), border(0, 2), border(1, 2)),
            plan,
            Map.of(id(0), List.of(id(3), id(4))));

    assertThat(borders)
        .containsExactly(border(1, 2), border(1, 3), border(1, 4), border(2, 4), border(3, 4));
  }

  @Test
  void withoutPositionsTheSequenceSaysWhichSide() {
    Map<ChunkId, PlannedChunk> plan = new TreeMap<>();
    put(plan, inSequence(0, 0, 39));
    put(plan, inSequence(1, 40, 79));
    put(plan, inSequence(2, 80, 119));
    put(plan, inSequence(3, 40, 59));
    put(plan, inSequence(4, 60, 79));

    List<Border> borders =
        Borders.afterHalving(
            List.of(border(0, 1), border(1, 2)), plan, Map.of(id(1), List.of(id(3), id(4))));

    assertThat(borders).containsExactly(border(0, 3), border(2, 4), border(3, 4));
  }

  @Test
  void noNeighbourIsLostByHalvingOverAndOver() {
    for (int seed = 0; seed < 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Map<ChunkId, PlannedChunk> plan = new TreeMap<>();
      Map<ChunkId, List<ChunkId>> halves = new TreeMap<>();
      put(plan, placed(0, 0, 80, 0, 60));
      double east = 200 * random.nextDouble() - 60;
      double north = 200 * random.nextDouble() - 60;
      put(plan, placed(1, east, east + 40, north, north + 40));
      List<ChunkId> open = new ArrayList<>(List.of(id(0), id(1)));
      for (int cut = 0; cut < 6; cut++) {
        ChunkId whole = open.remove(random.nextInt(open.size()));
        PlannedChunk c = plan.get(whole);
        double middle = (c.minEastMeters() + c.maxEastMeters()) / 2;
        int next = plan.size();
        put(plan, placed(next, c.minEastMeters(), middle, c.minNorthMeters(), c.maxNorthMeters()));
        put(
            plan,
            placed(next + 1, middle, c.maxEastMeters(), c.minNorthMeters(), c.maxNorthMeters()));
        halves.put(whole, List.of(id(next), id(next + 1)));
        open.addAll(halves.get(whole));
      }

      List<Border> borders = Borders.afterHalving(List.of(border(0, 1)), plan, halves);

      assertThat(borders)
          .allSatisfy(b -> assertThat(halves).doesNotContainKeys(b.a(), b.b()))
          .anyMatch(b -> isPartOf(b.a(), id(0), halves) != isPartOf(b.b(), id(0), halves));
      assertThat(borders.stream().flatMap(b -> List.of(b.a(), b.b()).stream())).containsAll(open);
    }
  }

  @Test
  void aBorderHasTwoSides() {
    assertThatThrownBy(() -> border(3, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A border is between two chunks in order, was 3 - 3");
  }

  private static boolean isPartOf(
      ChunkId chunk, ChunkId whole, Map<ChunkId, List<ChunkId>> halves) {
    return chunk.equals(whole)
        || halves.getOrDefault(whole, List.of()).stream()
            .anyMatch(half -> isPartOf(chunk, half, halves));
  }

  /** One view in each of two cells of three, somewhere in it. */
  private static Map<Long, ViewSite> jitteredGrid(int seed, int columns, int rows) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Long, ViewSite> sites = new TreeMap<>();
    for (int x = 0; x < columns; x++) {
      for (int y = 0; y < rows; y++) {
        double east = (x + random.nextDouble()) * CELL_METERS;
        double north = (y + random.nextDouble()) * CELL_METERS;
        if (random.nextInt(3) > 0) {
          ViewId view = new ViewId(random.nextLong() >>> 1);
          sites.put(Grid.cell(x, y), new ViewSite(view, east, north, sites.size()));
        }
      }
    }
    return sites;
  }

  private static ChunkPlan plan(List<ViewSite> sites, int maxViews) {
    Config config = new Config(maxViews, 5, 0.3, CELL_METERS, Config.MOST_CELLS);
    SiteHistogram cells = new SiteHistogram(config);
    sites.forEach(cells::add);
    SequenceHistogram crowds = cells.crowds(config);
    sites.forEach(crowds::add);
    return ChunkPlan.of(cells, crowds, config);
  }

  private static boolean isEast(ChunkPlan plan, ChunkId chunk) {
    return plan.chunks().get(chunk.value()).minEastMeters() > 25_000;
  }

  private static PlannedChunk placed(
      int id, double minEast, double maxEast, double minNorth, double maxNorth) {
    return new PlannedChunk(
        id(id), Kind.SPATIAL, 20, 5, minEast, minNorth, maxEast, maxNorth, 0, 100);
  }

  private static PlannedChunk inSequence(int id, long first, long last) {
    double none = Double.NaN;
    return new PlannedChunk(id(id), Kind.SEQUENCE, 20, 5, none, none, none, none, first, last);
  }

  private static void put(Map<ChunkId, PlannedChunk> plan, PlannedChunk chunk) {
    plan.put(chunk.id(), chunk);
  }

  private static Border border(int a, int b) {
    return new Border(id(a), id(b));
  }

  private static ChunkId id(int value) {
    return new ChunkId(value);
  }
}
