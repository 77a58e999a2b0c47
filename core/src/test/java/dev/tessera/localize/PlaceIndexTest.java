package dev.tessera.localize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.partition.ChunkId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PlaceIndexTest {
  private static final int KEY = 32;

  /** Spread of keys over looks, and between two looks at one landmark, in steps. */
  private static final double SPREAD = 14;

  private static final double NOISE = 7;

  @Test
  void aPhotoIsFoundAmongChunksThatItDoesNotShow() {
    Map<ChunkId, byte[]> chunks = chunks(300, 256);
    PlaceIndex index = PlaceIndex.of(chunks, Long.MAX_VALUE);

    for (int shown : new int[] {0, 151, 299}) {
      byte[] photo = photo(chunks.get(new ChunkId(shown)), 40, 460, shown);

      assertThat(index.search(photo, 5).get(0).chunk()).isEqualTo(new ChunkId(shown));
    }
  }

  @Test
  void candidatesAreBoundedAndInOrder() {
    Map<ChunkId, byte[]> chunks = chunks(50, 100);

    List<PlaceIndex.Candidate> found =
        PlaceIndex.of(chunks, Long.MAX_VALUE)
            .search(photo(chunks.get(new ChunkId(7)), 50, 50, 1), 4);

    assertThat(found).hasSize(4);
    assertThat(found).isSortedAccordingTo((a, b) -> Double.compare(b.votes(), a.votes()));
  }

  @Test
  void theBoundOnMemoryLeavesTheBestLandmarksOfEachChunk() {
    Map<ChunkId, byte[]> chunks = chunks(100, 200);
    PlaceIndex whole = PlaceIndex.of(chunks, Long.MAX_VALUE);
    PlaceIndex bounded = PlaceIndex.of(chunks, 100 * 20 * 36);

    byte[] ofTheBest = photo(chunks.get(new ChunkId(3)), 20, 0, 2);

    assertThat(PlaceIndex.landmarksPerChunk(100, 100 * 20 * 36)).isEqualTo(20);
    assertThat(bounded.search(ofTheBest, 1).get(0).chunk()).isEqualTo(new ChunkId(3));
    assertThat(whole.search(ofTheBest, 1).get(0).chunk()).isEqualTo(new ChunkId(3));
  }

  @Test
  void theOrderInWhichChunksComeDoesNotMatter() {
    Map<ChunkId, byte[]> chunks = chunks(60, 100);
    Map<ChunkId, byte[]> reversed = new LinkedHashMap<>();
    for (int i = 59; i >= 0; i--) {
      reversed.put(new ChunkId(i), chunks.get(new ChunkId(i)));
    }
    byte[] photo = photo(chunks.get(new ChunkId(11)), 30, 100, 3);

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
    Map<ChunkId, byte[]> chunks = chunks(10_000, 1024);
    long start = System.nanoTime();
    PlaceIndex index = PlaceIndex.of(chunks, 1_000_000_000L);
    double made = seconds(start);
    for (int shown : new int[] {0, 1234, 9999}) {
      byte[] photo = photo(chunks.get(new ChunkId(shown)), 120, 3880, shown);
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

  private static Map<ChunkId, byte[]> chunks(int count, int landmarks) {
    Map<ChunkId, byte[]> chunks = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      Random random = new Random(i);
      byte[] keys = new byte[landmarks * KEY];
      for (int k = 0; k < keys.length; k++) {
        keys[k] = (byte) Math.round(5 + SPREAD * random.nextGaussian());
      }
      chunks.put(new ChunkId(i), keys);
    }
    return chunks;
  }

  /** Keys of the chunk's first landmarks as another photo sees them, among keys of other things. */
  private static byte[] photo(byte[] chunk, int landmarks, int others, long seed) {
    Random random = new Random(-1 - seed);
    byte[] photo = new byte[(landmarks + others) * KEY];
    for (int i = 0; i < photo.length; i++) {
      boolean known = i < landmarks * KEY;
      double mean = known ? chunk[i] : 5;
      photo[i] = (byte) Math.round(mean + (known ? NOISE : SPREAD) * random.nextGaussian());
    }
    return photo;
  }
}
