package dev.tessera.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.Extension.Place;
import dev.tessera.partition.Extension.Tie;
import dev.tessera.partition.PlannedChunk.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ExtensionTest {
  private static final int SEEDS = 200;

  private static final ChunkPlanner.Config CONFIG = new ChunkPlanner.Config(60, 6, 0.3, 0.5, 1024);

  @Test
  void aChunkTakesAllThatWereFoundInItOrNone() {
    Map<ChunkId, PlannedChunk> plan =
        Map.of(id(0), chunk(0, 50, 5), id(1), chunk(1, 50, 5), id(2), chunk(2, 60, 0));

    assertThat(Extension.withRoom(plan, Map.of(id(0), 5L, id(1), 6L, id(2), 1L), 60))
        .containsExactly(id(0));
  }

  @Test
  void newChunksAreNeverTooLargeAndShareEnoughWithWhomTheyBorrowFrom() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      int views = 1 + random.nextInt(Extension.leavingRoom(CONFIG).maxViews());
      Map<ChunkId, Long> near = new TreeMap<>();
      for (int i = 0; i < 1 + random.nextInt(12); i++) {
        near.put(id(random.nextInt(40)), 1L + random.nextInt(views));
      }

      List<Tie> ties = Extension.ties(id(99), views, near, CONFIG);

      assertThat(ties).isNotEmpty().hasSizeLessThanOrEqualTo(near.size());
      assertThat(ties).allMatch(tie -> tie.views() >= CONFIG.minSharedViews());
      int borrowed = ties.stream().mapToInt(Tie::views).sum();
      assertThat(views + borrowed).isLessThanOrEqualTo(CONFIG.maxViews());
      assertThat(borrowed).isGreaterThan(CONFIG.minSharedViews());
    }
  }

  @Test
  void theyBorrowFirstFromWhereMostOfTheirViewsAre() {
    Map<ChunkId, Long> near = Map.of(id(7), 1L, id(3), 9L, id(5), 1L);

    assertThat(Extension.ties(id(9), 48, near, CONFIG))
        .containsExactly(new Tie(id(9), id(3), 6), new Tie(id(9), id(5), 6));
    assertThat(Extension.ties(id(9), 48, Map.of(), CONFIG)).isEmpty();
  }

  /** Chunks of eight, the fewest there may be, have no room beside eight views of their own. */
  @Test
  void aFullChunkIsANeighbourThatBorrowsNothing() {
    ChunkPlanner.Config least = new ChunkPlanner.Config(8, 4, 0.3, 0.5, 1024);

    assertThat(Extension.leavingRoom(least).maxViews()).isEqualTo(8);
    assertThat(Extension.ties(id(9), 8, Map.of(id(2), 8L), least))
        .containsExactly(new Tie(id(9), id(2), 0));
  }

  @Test
  void nearestIsInSpaceOrOnTheGroundAndWithinOneComponent() {
    Map<ViewId, Place> candidates = new HashMap<>();
    candidates.put(new ViewId(1), new Place(0, new Vec3(1, 0, 100)));
    candidates.put(new ViewId(2), new Place(0, new Vec3(5, 0, 0)));
    candidates.put(new ViewId(3), new Place(1, new Vec3(0, 0, 0)));
    Place inSpace = new Place(0, new Vec3(0, 0, 0));
    Place onTheGround = new Place(0, new Vec3(0, 0, Double.NaN));

    assertThat(Extension.nearest(candidates, List.of(inSpace), 3))
        .containsExactly(new ViewId(2), new ViewId(1));
    assertThat(Extension.nearest(candidates, List.of(onTheGround), 1))
        .containsExactly(new ViewId(1));
  }

  @Test
  void equallyNearViewsAreTakenByTheirIds() {
    Map<ViewId, Place> candidates = new HashMap<>();
    for (int i = 9; i > 0; i--) {
      candidates.put(new ViewId(i), new Place(0, new Vec3(i % 2, 0, 0)));
    }

    assertThat(Extension.nearest(candidates, List.of(new Place(0, Vec3.ZERO)), 6))
        .containsExactly(
            new ViewId(2),
            new ViewId(4),
            new ViewId(6),
            new ViewId(8),
            new ViewId(1),
            new ViewId(3));
  }

  @Test
  void anOldChunkKeepsItsKindAndIsCountedAnew() {
    List<ViewSite> owned =
        List.of(new ViewSite(new ViewId(1), 3, 4, 17), ViewSite.unpositioned(new ViewId(2), 11));
    PlannedChunk window =
        new PlannedChunk(
            id(4), Kind.SEQUENCE, 1, 0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 5, 5);

    PlannedChunk counted = Extension.planned(id(4), window, owned, 6);
    PlannedChunk fresh = Extension.planned(id(4), null, owned, 6);

    assertThat(counted.kind()).isEqualTo(Kind.SEQUENCE);
    assertThat(counted.placed()).isFalse();
    assertThat(List.of(counted.firstOrder(), counted.lastOrder())).containsExactly(11L, 17L);
    assertThat(List.of(counted.owned(), counted.borrowed())).containsExactly(2, 6);
    assertThat(fresh.kind()).isEqualTo(Kind.SPATIAL);
    assertThat(fresh.minEastMeters()).isEqualTo(3);
  }

  private static ChunkId id(int value) {
    return new ChunkId(value);
  }

  private static PlannedChunk chunk(int id, int owned, int borrowed) {
    return new PlannedChunk(id(id), Kind.SPATIAL, owned, borrowed, 0, 0, 1, 1, 0, owned);
  }
}
