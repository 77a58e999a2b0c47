package dev.tessera.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class LevelOfDetailTest {
  private static int trial;
  private final Random random = new Random(trial++);
  private final LevelOfDetail detail = new LevelOfDetail(4, 12);

  /** Keys in a cube of 2^14 cells, many of them close together. */
  private final long[] keys =
      IntStream.range(0, 5000)
          .mapToLong(i -> random.nextLong() >>> 22 + 3 * random.nextInt(6))
          .sorted()
          .toArray();

  @RepeatedTest(5)
  void levelsUpToKHoldOnePointOfEachOccupiedCube() {
    int[] levels = detail.levelsOf(keys);

    for (int level = 0; level < 3; level++) {
      int k = level;
      long[] cubes =
          IntStream.range(0, keys.length)
              .filter(i -> levels[i] <= k)
              .mapToLong(i -> Morton.prefix(keys[i], 12 - k))
              .toArray();
      long[] occupied =
          Arrays.stream(keys).map(key -> Morton.prefix(key, 12 - k)).distinct().toArray();
      assertThat(cubes).containsExactly(occupied);
    }
  }

  @RepeatedTest(5)
  void everyPointHasALevel() {
    int[] levels = detail.levelsOf(keys);

    assertThat(levels).hasSize(keys.length);
    assertThat(Arrays.stream(levels)).allMatch(level -> level >= 0 && level < 4);
  }

  @RepeatedTest(5)
  void tilesCanBeDealtOneByOne() {
    int[] whole = detail.levelsOf(keys);
    int at = 0;
    while (at < keys.length) { // tiles of 2^13 cells, larger than cubes of level 0
      int end = at;
      while (end < keys.length && Morton.prefix(keys[end], 13) == Morton.prefix(keys[at], 13)) {
        end++;
      }
      assertThat(detail.levelsOf(Arrays.copyOfRange(keys, at, end)))
          .containsExactly(Arrays.copyOfRange(whole, at, end));
      at = end;
    }
  }

  @Test
  void pointsOfOneCellAreOfTheLastLevel() {
    assertThat(detail.levelsOf(new long[] {77, 77, 77})).containsExactly(0, 3, 3);
  }

  @Test
  void refusesKeysOutOfOrder() {
    assertThatThrownBy(() -> detail.levelAfter(9, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot deal levels: key 8 comes after 9");
  }
}
