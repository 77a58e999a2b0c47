package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairSelectionTest {
  private static final PairSelection.Config CONFIG = PairSelection.Config.defaults();

  @Test
  void smallSetWithoutPositionsIsMatchedInFull() {
    List<ViewPair> pairs = PairSelection.select(Collections.nCopies(11, null), CONFIG);

    assertThat(pairs).hasSize(55);
  }

  @Test
  void pairsGrowLinearlyWithTheViewsThatHavePositions() {
    int perView = CONFIG.nearest() + CONFIG.sequenceNeighbors();
    for (int count : new int[] {50, 100, 200, 400}) {
      assertThat(PairSelection.select(scattered(count), CONFIG))
          .hasSizeLessThanOrEqualTo(perView * count);
    }
  }

  @Test
  void pairsGrowNearlyLinearlyWithTheViewsThatHaveNone() {
    for (int count : new int[] {50, 100, 200, 400}) {
      int doublings = 32 - Integer.numberOfLeadingZeros(count / CONFIG.blindSequenceNeighbors());
      assertThat(PairSelection.select(Collections.nCopies(count, null), CONFIG))
          .hasSizeLessThanOrEqualTo((CONFIG.blindSequenceNeighbors() + doublings) * count);
    }
  }

  @Test
  void eachViewIsPairedWithItsNearest() {
    List<Vec3> positions = scattered(60);

    List<ViewPair> pairs = PairSelection.select(positions, CONFIG);

    for (int i = 0; i < 60; i++) {
      int nearest = -1;
      for (int j = 0; j < 60; j++) {
        boolean nearer =
            j != i
                && (nearest < 0
                    || positions.get(i).distanceTo(positions.get(j))
                        < positions.get(i).distanceTo(positions.get(nearest)));
        nearest = nearer ? j : nearest;
      }
      assertThat(pairs).contains(ViewPair.of(i, nearest));
    }
  }

  @Test
  void viewWithoutPositionIsPairedAlongTheSequence() {
    List<Vec3> positions = scattered(100);
    positions.set(50, null);

    List<ViewPair> pairs = PairSelection.select(positions, CONFIG);

    assertThat(pairs).contains(new ViewPair(49, 50), new ViewPair(50, 51), new ViewPair(42, 50));
  }

  @Test
  void pairsAreSortedAndUnique() {
    assertThat(PairSelection.select(scattered(80), CONFIG)).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void pairOfAViewWithItselfIsRefused() {
    assertThatThrownBy(() -> new ViewPair(3, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Pair must be ordered, was (3, 3)");
  }

  private static List<Vec3> scattered(int count) {
    Random random = new Random(count);
    List<Vec3> positions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      positions.add(new Vec3(random.nextDouble() * 100, random.nextDouble() * 100, 0));
    }
    return positions;
  }
}
