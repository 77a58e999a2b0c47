package dev.tessera.localize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.partition.ChunkId;
import dev.tessera.synthetic.SyntheticMemories;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PlaceIndexTest {
  private static final int KEY = 32;

  @Test
  void aPhotoIsFoundAmongChunksThatItDoesNotShow() {
    SyntheticMemories memories = memories(300, 256);
    PlaceIndex index = PlaceIndex.of(memories.keysOfChunks(), Long.MAX_VALUE);

    for (int shown : new int[] {0, 151, 299}) {
      byte[] photo = memories.photo(shown, 40, 460);

      assertThat(index.search(photo, 5).get(0).chunk()).isEqualTo(new ChunkId(shown));
    }
  }

  /**
   * What lies in a cell that is not looked into is missed: a few keys of a photo, not the chunk.
   */
  @Test
  void theIndexAgreesWithComparingAll() {
    SyntheticMemories memories = memories(200, 256);
    Map<ChunkId, byte[]> chunks = memories.keysOfChunks();
    byte[] photo = memories.photo(77, 60, 200);

    PlaceIndex.Candidate found = PlaceIndex.of(chunks, Long.MAX_VALUE).search(photo, 1).get(0);
    PlaceIndex.Candidate all =
        PlaceIndex.exhaustive(chunks, Long.MAX_VALUE).search(photo, 1).get(0);

    assertThat(found.chunk()).isEqualTo(all.chunk()).isEqualTo(new ChunkId(77));
    assertThat(found.votes()).isGreaterThan(0.5 * all.votes());
  }

  @Test
  void candidatesAreBoundedAndInOrder() {
    SyntheticMemories memories = memories(50, 100);

    List<PlaceIndex.Candidate> found =
        PlaceIndex.of(memories.keysOfChunks(), Long.MAX_VALUE).search(memories.photo(7, 50, 50), 4);

    assertThat(found).hasSize(4);
    assertThat(found).isSortedAccordingTo((a, b) -> Double.compare(b.votes(), a.votes()));
  }

  @Test
  void theBoundOnMemoryLeavesTheBestLandmarksOfEachChunk() {
    SyntheticMemories memories = memories(100, 200);
    Map<ChunkId, byte[]> chunks = memories.keysOfChunks();
    PlaceIndex whole = PlaceIndex.of(chunks, Long.MAX_VALUE);
    PlaceIndex bounded = PlaceIndex.of(chunks, 100 * 20 * 36);

    byte[] ofTheBest = memories.photo(3, 20, 0);

    assertThat(PlaceIndex.landmarksPerChunk(100, 100 * 20 * 36)).isEqualTo(20);
    assertThat(bounded.search(ofTheBest, 1).get(0).chunk()).isEqualTo(new ChunkId(3));
    assertThat(whole.search(ofTheBest, 1).get(0).chunk()).isEqualTo(new ChunkId(3));
  }

  @Test
  void theOrderInWhichChunksComeDoesNotMatter() {
    SyntheticMemories memories = memories(60, 100);
    Map<ChunkId, byte[]> chunks = memories.keysOfChunks();
    Map<ChunkId, byte[]> reversed = new LinkedHashMap<>();
    for (int i = 59; i >= 0; i--) {
      reversed.put(new ChunkId(i), chunks.get(new ChunkId(i)));
    }
    byte[] photo = memories.photo(11, 30, 100);

    assertThat(PlaceIndex.of(reversed, Long.MAX_VALUE).search(photo, 10))
        .isEqualTo(PlaceIndex.of(chunks, Long.MAX_VALUE).search(photo, 10));
  }

  @Test
  void ofNoChunkThereIsNoCandidate() {
    assertThat(PlaceIndex.of(Map.of(), 1000).search(new byte[KEY], 5)).isEmpty();
  }

  /** Ten thousand memories of full size; prints how long it takes to make the index and to ask. */
  @Test
  @Tag("slow")
  void aPhotoIsFoundAmongTenThousandChunks() {
    SyntheticMemories memories = memories(10_000, 1024);
    Map<ChunkId, byte[]> chunks = memories.keysOfChunks();
    long start = System.nanoTime();
    PlaceIndex index = PlaceIndex.of(chunks, 1_000_000_000L);
    double made = seconds(start);
    for (int shown : new int[] {0, 1234, 9999}) {
      byte[] photo = memories.photo(shown, 120, 3880);
      start = System.nanoTime();
      List<PlaceIndex.Candidate> found = index.search(photo, 20);
      System.out.printf(
          "10,000 chunks: index %.1f s, search %.2f s, votes %.1f, next %.1f%n",
          made, seconds(start), found.get(0).votes(), found.get(1).votes());

      assertThat(found.get(0).chunk()).isEqualTo(new ChunkId(shown));
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static SyntheticMemories memories(int chunks, int landmarks) {
    return new SyntheticMemories(chunks, landmarks, 1);
  }
}
