package dev.tessera.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.PlannedChunk.Kind;
import dev.tessera.partition.Seam.Config;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeamTest {
  private static final int SEEDS = 100;

  @Test
  void noViewLeftOutIsNearerToTheOtherSideThanOneThatIsTaken() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      List<ViewSite> west = side(random, 0, 10 + random.nextInt(50));
      List<ViewSite> east = side(random, 1, 10 + random.nextInt(50));

      Set<ViewSite> seam = taken(west, east, new Config(8 + random.nextInt(60), 4));

      assertThat(farthest(west, east, seam)).isLessThanOrEqualTo(nearestLeft(west, east, seam));
      assertThat(farthest(east, west, seam)).isLessThanOrEqualTo(nearestLeft(east, west, seam));
    }
  }

  @Test
  void eachSideGivesHalfOrAllItHas() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      int most = 8 + random.nextInt(60);
      List<ViewSite> west = side(random, 0, 5 + random.nextInt(50));
      List<ViewSite> east = side(random, 1, 5 + random.nextInt(50));

      Set<ViewSite> seam = taken(west, east, new Config(most, 4));

      assertThat(seam.stream().filter(west::contains)).hasSize(Math.min(most / 2, west.size()));
      assertThat(seam.stream().filter(east::contains)).hasSize(Math.min(most / 2, east.size()));
      assertThat(seam.size()).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void theOrderOfTheViewsDoesNotMatter() {
    Random random = new Random(7);
    List<ViewSite> west = side(random, 0, 40);
    List<ViewSite> east = side(random, 1, 30);
    Seam seam = Seam.between(west, east, new Config(24, 5)).orElseThrow();
    List<ViewSite> shuffled = new ArrayList<>(west);
    Collections.shuffle(shuffled, random);
    Collections.reverse(east);

    assertThat(Seam.between(shuffled, east, new Config(24, 5))).contains(seam);
  }

  @Test
  void withoutPositionsTheEndsThatFollowEachOtherAreTaken() {
    List<ViewSite> before = IntStream.range(0, 30).mapToObj(SeamTest::blind).toList();
    List<ViewSite> after = IntStream.range(30, 60).mapToObj(SeamTest::blind).toList();

    assertThat(taken(before, after, new Config(12, 4)).stream().map(ViewSite::order))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(24, 36).mapToObj(i -> (long) i).toList());
  }

  /** Two columns of views two metres apart; every third has lost its position. */
  @Test
  void aViewWithoutPositionStandsWhereItsNeighbourInTheSequenceDoes() {
    List<ViewSite> west = new ArrayList<>();
    List<ViewSite> east = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      west.add(i % 3 == 1 ? blind(i) : new ViewSite(new ViewId(i), i - 40, 0, i));
      east.add(new ViewSite(new ViewId(100 + i), 10 + i, 0, 100 + i));
    }

    assertThat(taken(west, east, new Config(18, 4)).stream().map(site -> site.view().value()))
        .contains(29L, 28L, 27L, 26L, 25L, 24L, 23L)
        .doesNotContain(0L, 1L, 15L);
  }

  @Test
  void aSideWithTooFewViewsHasNoSeam() {
    Random random = new Random(3);
    List<ViewSite> many = side(random, 0, 40);

    assertThat(Seam.between(many, side(random, 1, 4), new Config(40, 5))).isEmpty();
    assertThat(Seam.between(side(random, 1, 5), many, new Config(40, 5))).isPresent();
    assertThat(Seam.between(many, many, new Config(9, 5))).isEmpty();
    assertThat(Seam.between(side(random, 0, 3), side(random, 1, 3), new Config(40, 3)))
        .as("six views are no chunk")
        .isEmpty();
    assertThatThrownBy(() -> new Config(40, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Shared views must be at least 1, was 0");
  }

  @Test
  void inThePlanItBorrowsAllItsViews() {
    Random random = new Random(5);
    Seam seam =
        Seam.between(side(random, 0, 30), side(random, 1, 30), new Config(20, 5)).orElseThrow();

    PlannedChunk planned = seam.planned(new ChunkId(9));

    assertThat(planned.kind()).isEqualTo(Kind.SEAM);
    assertThat(planned.owned()).isZero();
    assertThat(planned.borrowed()).isEqualTo(20);
    assertThat(seam.views().stream().mapToDouble(ViewSite::eastMeters).max())
        .hasValue(planned.maxEastMeters());
  }

  private static Set<ViewSite> taken(List<ViewSite> one, List<ViewSite> other, Config config) {
    Seam seam = Seam.between(one, other, config).orElseThrow();
    assertThat(seam.views()).doesNotHaveDuplicates();
    return new HashSet<>(seam.views());
  }

  private static double farthest(List<ViewSite> side, List<ViewSite> other, Set<ViewSite> seam) {
    return side.stream()
        .filter(seam::contains)
        .mapToDouble(site -> meters(site, other))
        .max()
        .orElseThrow();
  }

  private static double nearestLeft(List<ViewSite> side, List<ViewSite> other, Set<ViewSite> seam) {
    return side.stream()
        .filter(site -> !seam.contains(site))
        .mapToDouble(site -> meters(site, other))
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private static double meters(ViewSite site, List<ViewSite> other) {
    return other.stream()
        .mapToDouble(
            o ->
                Math.hypot(
                    site.eastMeters() - o.eastMeters(), site.northMeters() - o.northMeters()))
        .min()
        .orElseThrow();
  }

  /** Views of a field of 100 m, the second one east of the first. */
  private static List<ViewSite> side(Random random, int field, int views) {
    List<ViewSite> sites = new ArrayList<>();
    for (int i = 0; i < views; i++) {
      sites.add(
          new ViewSite(
              new ViewId(random.nextLong() >>> 1),
              100 * (field + random.nextDouble()),
              100 * random.nextDouble(),
              1000L * field + i));
    }
    return sites;
  }

  private static ViewSite blind(int order) {
    return ViewSite.unpositioned(new ViewId(order), order);
  }
}
