package dev.tessera.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.Halving.Half;
import dev.tessera.partition.Halving.Member;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HalvingTest {
  private static final int SEEDS = 200;

  /**
   * What an edge needs, and the least number of shared views that leaves it to one of the halves.
   */
  private static final int COMMON_OF_AN_EDGE = 3;

  private static final int SHARED_WITH_A_NEIGHBOUR = 2 * COMMON_OF_AN_EDGE - 1;

  @Test
  void everyViewIsInAHalfAndEveryOwnedOneIsOwnedOnce() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      List<Member> chunk = chunk(random, 16 + random.nextInt(60));

      List<Half> halves = Halving.of(chunk, 1 + random.nextInt(9));

      assertThat(views(halves.get(0), halves.get(1))).isEqualTo(ids(chunk));
      List<ViewId> owned = new ArrayList<>(owned(halves.get(0)));
      owned.addAll(owned(halves.get(1)));
      assertThat(owned)
          .doesNotHaveDuplicates()
          .containsExactlyInAnyOrderElementsOf(
              chunk.stream().filter(Member::owned).map(m -> m.site().view()).toList());
    }
  }

  @ParameterizedTest
  @CsvSource({
    // views, wanted, shared, first, second
    "100, 6, 20, 60, 60",
    "80, 6, 16, 48, 48",
    "40, 6, 8, 24, 24",
    "21, 6, 6, 14, 13",
    "16, 5, 5, 11, 10",
    "12, 6, 6, 9, 9",
    "12, 40, 6, 9, 9",
  })
  void halvesShareAThirdOfThemselvesOrWhatIsWanted(
      int views, int wanted, int shared, int first, int second) {
    List<Half> halves = Halving.of(chunk(new Random(views), views), wanted);

    assertThat(halves.get(0).members()).hasSize(first);
    assertThat(halves.get(1).members()).hasSize(second);
    assertThat(common(ids(halves.get(0).members()), ids(halves.get(1).members())))
        .isEqualTo(shared);
  }

  @Test
  void aNeighbourKeepsAnEdgeToOneOfTheHalves() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      List<Member> chunk = chunk(random, 16 + random.nextInt(60));
      Set<ViewId> lent = new HashSet<>();
      while (lent.size() < SHARED_WITH_A_NEIGHBOUR) {
        lent.add(chunk.get(random.nextInt(chunk.size())).site().view());
      }

      List<Half> halves = Halving.of(chunk, 6);

      assertThat(halves).anyMatch(h -> common(ids(h.members()), lent) >= COMMON_OF_AN_EDGE);
    }
  }

  @Test
  void theOrderOfTheViewsDoesNotMatter() {
    List<Member> chunk = chunk(new Random(4), 33);
    List<Half> halves = Halving.of(chunk, 6);
    List<Member> shuffled = new ArrayList<>(chunk);
    Collections.shuffle(shuffled, new Random(5));

    assertThat(Halving.of(shuffled, 6)).isEqualTo(halves);
  }

  @Test
  void theLongerSideIsCut() {
    List<Member> street =
        IntStream.range(0, 20).mapToObj(i -> at(i, i % 2, 10.0 * (i * 7 % 20))).toList();

    List<Half> halves = Halving.of(street, 4);

    PlannedChunk south = halves.get(0).planned(new ChunkId(7));
    PlannedChunk north = halves.get(1).planned(new ChunkId(8));
    assertThat(south)
        .isEqualTo(
            new PlannedChunk(new ChunkId(7), PlannedChunk.Kind.SPATIAL, 10, 2, 0, 0, 1, 90, 0, 18));
    assertThat(north.minNorthMeters()).isEqualTo(100);
    assertThat(north.maxNorthMeters()).isEqualTo(190);
  }

  @Test
  void withoutPositionsTheSequenceIsCut() {
    List<Member> blind =
        IntStream.range(0, 20)
            .mapToObj(i -> new Member(ViewSite.unpositioned(new ViewId(99 - i), 50 + i), true))
            .toList();

    List<Half> halves = Halving.of(blind, 4);

    assertThat(halves.get(0).members()).isEqualTo(marked(blind.subList(0, 12), 0, 10));
    assertThat(halves.get(1).members()).isEqualTo(marked(blind.subList(8, 20), 2, 12));
    PlannedChunk planned = halves.get(1).planned(new ChunkId(3));
    assertThat(planned.kind()).isEqualTo(PlannedChunk.Kind.SEQUENCE);
    assertThat(planned.minEastMeters()).isNaN();
    assertThat(planned.firstOrder()).isEqualTo(60);
    assertThat(planned.lastOrder()).isEqualTo(69);
  }

  @Test
  void aViewWithoutPositionGoesWithItsNeighbourInTheSequence() {
    List<Member> chunk = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      chunk.add(
          i % 5 == 2
              ? new Member(ViewSite.unpositioned(new ViewId(i), i), true)
              : at(i, 100 - i, 0));
    }

    List<Half> halves = Halving.of(chunk, 4);

    assertThat(ids(halves.get(0).members())).contains(new ViewId(17));
    assertThat(ids(halves.get(1).members())).contains(new ViewId(2));
  }

  @Test
  void aChunkWhoseHalvesWouldBeTooSmallIsNotHalved() {
    assertThat(Halving.possible(14, 1)).isTrue();
    assertThat(Halving.possible(12, 1)).isFalse();
    assertThat(Halving.possible(11, 5)).isTrue();
    assertThatThrownBy(() -> Halving.of(chunk(new Random(1), 12), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot halve a chunk of 12 views: a half needs at least 8");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 15, 60})
  void halvingComesToAnEnd(int shared) {
    for (int views = 1; views < 500; views++) {
      if (Halving.possible(views, shared)) {
        int most = (3 * views + 2) / 4; // half the chunk, and half of the most they may share
        assertThat(Halving.of(chunk(new Random(views), views), shared))
            .allMatch(half -> half.members().size() >= Halving.LEAST_VIEWS)
            .allMatch(half -> half.members().size() <= most);
        assertThat(most).isLessThan(views);
      }
    }
  }

  private static List<Member> chunk(Random random, int views) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < views; i++) {
      ViewId id = new ViewId(random.nextLong() >>> 1);
      ViewSite site =
          random.nextInt(5) == 0
              ? ViewSite.unpositioned(id, 3L * i)
              : new ViewSite(id, 90 * random.nextDouble(), 50 * random.nextDouble(), 3L * i);
      members.add(new Member(site, random.nextInt(4) > 0));
    }
    return members;
  }

  private static Member at(int id, double east, double north) {
    return new Member(new ViewSite(new ViewId(id), east, north, id), true);
  }

  /** The same views, owned from one place to another only. */
  private static List<Member> marked(List<Member> members, int from, int to) {
    return IntStream.range(0, members.size())
        .mapToObj(i -> new Member(members.get(i).site(), from <= i && i < to))
        .toList();
  }

  private static Set<ViewId> views(Half a, Half b) {
    Set<ViewId> all = ids(a.members());
    all.addAll(ids(b.members()));
    return all;
  }

  private static Set<ViewId> ids(List<Member> members) {
    Set<ViewId> ids = new HashSet<>();
    members.forEach(member -> ids.add(member.site().view()));
    return ids;
  }

  private static List<ViewId> owned(Half half) {
    return half.members().stream().filter(Member::owned).map(m -> m.site().view()).toList();
  }

  private static long common(Set<ViewId> a, Set<ViewId> b) {
    return a.stream().filter(b::contains).count();
  }
}
