package dev.tessera.localize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geometry.Vec3;
import dev.tessera.map.Bounds;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkIndexTest {
  private static final double SIDE_METERS = 1000;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 9, 64, 1000})
  void theNearestAreThoseThatLookingAtAllFinds(int count) {
    List<PlacedChunk> chunks = SeededChunks.scattered(count, count, SIDE_METERS);
    ChunkIndex index = new ChunkIndex(chunks);
    SplittableRandom random = new SplittableRandom(17);

    for (int trial = 0; trial < 300; trial++) {
      Vec3 x = SeededChunks.position(random, SIDE_METERS);
      int most = 1 + random.nextInt(8);
      double reach = random.nextDouble(200);

      assertThat(index.nearest(x, most, reach)).isEqualTo(lookingAtAll(chunks, x, most, reach));
    }
  }

  @Test
  void insideSeveralChunksTheOneWhoseMiddleIsNearestComesFirst() {
    PlacedChunk wide = SeededChunks.chunk(0, true, SeededChunks.at(Vec3.ZERO, 100, 100));
    PlacedChunk small = SeededChunks.chunk(1, true, SeededChunks.at(Vec3.ZERO, 20, 20));
    ChunkIndex index = new ChunkIndex(List.of(wide, small));

    assertThat(index.nearest(new Vec3(12, 12, 0), 2, 0)).containsExactly(small, wide);
    assertThat(index.nearest(new Vec3(19, 45, 0), 2, 30)).containsExactly(wide, small);
  }

  @Test
  void heightIsOfNoMatter() {
    PlacedChunk chunk = SeededChunks.chunk(0, true, SeededChunks.at(Vec3.ZERO, 10, 10));

    assertThat(new ChunkIndex(List.of(chunk)).nearest(new Vec3(5, 5, 9000), 1, 0))
        .containsExactly(chunk);
  }

  /**
   * A hundred thousand chunks are 2^15 leaves, so 15 boxes lie above one; a search for three looks
   * into the boxes around its position as well, of which a plane has few.
   */
  @Test
  void ofAHundredThousandChunksOnlySomeDozenBoxesAreOpened() {
    int columns = 400;
    int rows = 250;
    ChunkIndex index = new ChunkIndex(SeededChunks.grid(columns, rows));
    SplittableRandom random = new SplittableRandom(5);

    for (int trial = 0; trial < 1000; trial++) {
      Vec3 x = new Vec3(random.nextDouble(50.0 * columns), random.nextDouble(50.0 * rows), 2);
      ChunkIndex.Search search = index.search(x, 3, 500);

      assertThat(search.found).hasSize(3);
      assertThat(search.opened).isLessThan(4 * 15);
    }
  }

  @Test
  void aChunkWithoutCamerasCannotBePlaced() {
    assertThatThrownBy(() -> SeededChunks.chunk(7, true, Bounds.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Chunk 7 has no camera in the map");
  }

  private static List<PlacedChunk> lookingAtAll(
      List<PlacedChunk> chunks, Vec3 x, int most, double reach) {
    return chunks.stream()
        .filter(c -> c.metersTo(x) <= reach)
        .sorted(
            Comparator.comparingDouble((PlacedChunk c) -> c.metersTo(x))
                .thenComparingDouble(c -> c.metersToMiddle(x))
                .thenComparing(c -> c.frame().chunk()))
        .limit(most)
        .toList();
  }
}
