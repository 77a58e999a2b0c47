package dev.tessera.synthetic;

import dev.tessera.landmarks.KeyProjection;
import dev.tessera.partition.ChunkId;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Keys of made-up chunks' landmarks, and of photos that see some of them. They are spread as those
 * of real ones (Herz-Jesus-P25, castle, seneca), but independent: real places have looks in common.
 *
 * @param landmarks of each chunk
 */
public record SyntheticMemories(int chunks, int landmarks, long seed) {
  private static final int KEY = KeyProjection.KEY_LENGTH;
  private static final double MEAN = 5;

  /** Spread of keys over looks, in steps. */
  private static final double SPREAD = 14;

  /** Spread between two looks at one landmark. */
  private static final double NOISE = 7;

  public SyntheticMemories {
    if (chunks < 1 || landmarks < 1) {
      throw new IllegalArgumentException(
          "Cannot make %d chunks of %d landmarks up".formatted(chunks, landmarks));
    }
  }

  /** (M, 32) of each chunk. */
  public Map<ChunkId, byte[]> keysOfChunks() {
    return IntStream.range(0, chunks)
        .parallel()
        .boxed()
        .collect(
            Collectors.toMap(
                ChunkId::new, this::keysOf, (a, b) -> a, TreeMap<ChunkId, byte[]>::new));
  }

  private byte[] keysOf(int chunk) {
    Random random = new Random(31 * seed + chunk);
    byte[] keys = new byte[landmarks * KEY];
    for (int k = 0; k < keys.length; k++) {
      keys[k] = step(MEAN + SPREAD * random.nextGaussian());
    }
    return keys;
  }

  /**
   * Keys of a photo: the chunk's first landmarks as another look has them, then other things.
   *
   * @param known landmarks of the chunk that it sees
   * @param others keys of what no chunk has
   */
  public byte[] photo(int chunk, int known, int others) {
    byte[] shown = keysOf(chunk);
    Random random = new Random(-1 - 31 * seed - chunk);
    byte[] photo = new byte[(known + others) * KEY];
    for (int k = 0; k < photo.length; k++) {
      boolean seen = k < known * KEY;
      photo[k] = step((seen ? shown[k] : MEAN) + (seen ? NOISE : SPREAD) * random.nextGaussian());
    }
    return photo;
  }

  private static byte step(double value) {
    return (byte) Math.max(Byte.MIN_VALUE, Math.min(Byte.MAX_VALUE, Math.round(value)));
  }
}
