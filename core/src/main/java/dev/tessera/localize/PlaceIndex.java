package dev.tessera.localize;

import dev.tessera.landmarks.KeyProjection;
import dev.tessera.partition.ChunkId;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Finds the chunks that a photo may show, among any number, by how it looks: an inverted file over
 * the keys of their landmarks. Each key of the photo votes for the chunks of its nearest landmarks
 * anywhere, the more the nearer they are than the next ones (the local distance ratio of McCann and
 * Lowe, CVPR 2012), so that what is found everywhere counts for nothing.
 *
 * <p>A key's cell is the signs of its first components about their medians: b bits for n landmarks,
 * so that a cell has about {@value #LANDMARKS_PER_CELL}. A photo's key looks into its own cell and
 * into those that differ in the {@value #FREE_BITS} components nearest to their medians.
 *
 * <p>Of each chunk the first landmarks are taken, which are its best, as many as the bound on
 * memory leaves: 36 bytes each. Searching costs {@code 2^FREE_BITS LANDMARKS_PER_CELL} distances
 * per key of the photo, whatever the number of chunks.
 */
public final class PlaceIndex implements Serializable {
  private static final int KEY = KeyProjection.KEY_LENGTH;

  private static final int BYTES_PER_LANDMARK = KEY + Integer.BYTES;
  private static final int LANDMARKS_PER_CELL = 512;
  private static final int FREE_BITS = 5;

  /** Landmarks that a key votes for, and the one after them that they are compared with. */
  private static final int NEIGHBORS = 8;

  /** Keys of a photo that are looked up, at most, evenly taken from all. */
  private static final int MOST_KEYS = 2000;

  private final List<ChunkId> chunks;
  private final byte[] medians; // (32)
  private final int bits;
  private final int[] cellStart; // (2^bits + 1)
  private final byte[] keys; // (n, 32), cell by cell
  private final int[] chunkOf; // (n) index into chunks

  private PlaceIndex(List<ChunkId> chunks, byte[] medians, int bits, int landmarks) {
    this.chunks = chunks;
    this.medians = medians;
    this.bits = bits;
    this.cellStart = new int[(1 << bits) + 1];
    this.keys = new byte[landmarks * KEY];
    this.chunkOf = new int[landmarks];
  }

  /** A chunk, and how alike the photo is to it: larger is more. */
  public record Candidate(ChunkId chunk, double votes) {}

  /**
   * Landmarks of each of so many chunks that fit.
   *
   * @param maxBytes of the index
   */
  public static int landmarksPerChunk(int chunks, long maxBytes) {
    return (int)
        Math.max(1, Math.min(Integer.MAX_VALUE / KEY, maxBytes / BYTES_PER_LANDMARK) / chunks);
  }

  /** Bytes of the keys of so many landmarks, without what the index adds. */
  public static int bytesOfKeys(int landmarks) {
    return landmarks * KEY;
  }

  /**
   * @param keysOfChunks (M, 32) of each chunk, the best first
   * @param maxBytes of the index
   */
  public static PlaceIndex of(Map<ChunkId, byte[]> keysOfChunks, long maxBytes) {
    return of(keysOfChunks, maxBytes, LANDMARKS_PER_CELL);
  }

  /** The same with a single cell: every landmark is compared with every key of a photo. */
  public static PlaceIndex exhaustive(Map<ChunkId, byte[]> keysOfChunks, long maxBytes) {
    return of(keysOfChunks, maxBytes, Integer.MAX_VALUE);
  }

  private static PlaceIndex of(
      Map<ChunkId, byte[]> keysOfChunks, long maxBytes, int landmarksPerCell) {
    Map<ChunkId, byte[]> sorted = new TreeMap<>(keysOfChunks);
    int most = KEY * landmarksPerChunk(Math.max(1, sorted.size()), maxBytes);
    int landmarks = 0;
    for (byte[] keys : sorted.values()) {
      landmarks += Math.min(most, keys.length) / KEY;
    }
    int bits = 0;
    while (bits < KEY && landmarks >> bits > landmarksPerCell) {
      bits++;
    }
    List<byte[]> kept = List.copyOf(sorted.values());
    PlaceIndex index =
        new PlaceIndex(List.copyOf(sorted.keySet()), medians(kept, most), bits, landmarks);
    index.fill(kept, most);
    return index;
  }

  private static byte[] medians(List<byte[]> keysOfChunks, int most) {
    byte[] medians = new byte[KEY];
    for (int c = 0; c < KEY; c++) {
      long[] counts = new long[256];
      long total = 0;
      for (byte[] keys : keysOfChunks) {
        for (int i = c; i < Math.min(most, keys.length); i += KEY) {
          counts[keys[i] - Byte.MIN_VALUE]++;
          total++;
        }
      }
      int value = 0;
      for (long seen = counts[0]; 2 * seen < total; seen += counts[value]) {
        value++;
      }
      medians[c] = (byte) (value + Byte.MIN_VALUE);
    }
    return medians;
  }

  private void fill(List<byte[]> keysOfChunks, int most) {
    for (byte[] from : keysOfChunks) {
      for (int at = 0; at < Math.min(most, from.length); at += KEY) {
        cellStart[cell(from, at) + 1]++;
      }
    }
    for (int cell = 0; cell < 1 << bits; cell++) {
      cellStart[cell + 1] += cellStart[cell];
    }
    int[] next = Arrays.copyOf(cellStart, 1 << bits);
    for (int chunk = 0; chunk < keysOfChunks.size(); chunk++) {
      byte[] from = keysOfChunks.get(chunk);
      for (int at = 0; at < Math.min(most, from.length); at += KEY) {
        int slot = next[cell(from, at)]++;
        System.arraycopy(from, at, keys, slot * KEY, KEY);
        chunkOf[slot] = chunk;
      }
    }
  }

  private int cell(byte[] from, int at) {
    int cell = 0;
    for (int c = 0; c < bits; c++) {
      cell |= (from[at + c] > medians[c] ? 1 : 0) << c;
    }
    return cell;
  }

  /**
   * The chunks that a photo may show, the likeliest first.
   *
   * @param photo (N, 32) its keys
   * @param most how many at most
   */
  public List<Candidate> search(byte[] photo, int most) {
    return search(photo, most, chunk -> true);
  }

  /**
   * As {@link #search(byte[], int)}, of some of the chunks: the others have no votes and take none.
   *
   * @param among the chunks that count
   */
  public List<Candidate> search(byte[] photo, int most, Predicate<ChunkId> among) {
    boolean[] counts = new boolean[chunks.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = among.test(chunks.get(i));
    }
    int count = photo.length / KEY;
    int asked = Math.min(count, MOST_KEYS);
    Map<Integer, Double> votes = new HashMap<>();
    List<Votes> perKey =
        IntStream.range(0, asked)
            .parallel()
            .mapToObj(i -> votes(photo, (int) ((long) i * count / asked) * KEY, counts))
            .toList();
    perKey.forEach(v -> v.addTo(votes));
    return votes.entrySet().stream()
        .map(e -> new Candidate(chunks.get(e.getKey()), e.getValue()))
        .sorted(
            Comparator.comparingDouble((Candidate c) -> -c.votes()).thenComparing(Candidate::chunk))
        .limit(most)
        .toList();
  }

  /** The nearest landmarks of one key, nearest first, and a chunk for each. */
  private static final class Votes {
    final int[] squared = new int[NEIGHBORS + 1];
    final int[] chunk = new int[NEIGHBORS + 1];
    int count;

    void offer(int d, int of) {
      if (count == squared.length && d >= squared[count - 1]) {
        return;
      }
      int at = count < squared.length ? count++ : count - 1;
      while (at > 0 && squared[at - 1] > d) {
        squared[at] = squared[at - 1];
        chunk[at] = chunk[at - 1];
        at--;
      }
      squared[at] = d;
      chunk[at] = of;
    }

    /** A chunk has the vote of its nearest landmark. */
    void addTo(Map<Integer, Double> votes) {
      double farthest = count == 0 ? 0 : squared[count - 1];
      List<Integer> seen = new ArrayList<>();
      for (int i = 0; i + 1 < count; i++) {
        if (!seen.contains(chunk[i]) && farthest > 0) {
          seen.add(chunk[i]);
          votes.merge(chunk[i], 1 - squared[i] / farthest, Double::sum);
        }
      }
    }
  }

  private Votes votes(byte[] photo, int at, boolean[] counts) {
    Votes votes = new Votes();
    int own = cell(photo, at);
    int[] free = leastCertainBits(photo, at);
    for (int flips = 0; flips < 1 << free.length; flips++) {
      int cell = own;
      for (int f = 0; f < free.length; f++) {
        cell ^= (flips >> f & 1) << free[f];
      }
      for (int slot = cellStart[cell]; slot < cellStart[cell + 1]; slot++) {
        if (counts[chunkOf[slot]]) {
          votes.offer(squaredDistance(photo, at, slot * KEY), chunkOf[slot]);
        }
      }
    }
    return votes;
  }

  private int[] leastCertainBits(byte[] photo, int at) {
    return IntStream.range(0, bits)
        .boxed()
        .sorted(Comparator.comparingInt(c -> Math.abs(2 * (photo[at + c] - medians[c]) - 1)))
        .limit(FREE_BITS)
        .mapToInt(c -> c)
        .toArray();
  }

  private int squaredDistance(byte[] photo, int at, int slot) {
    int sum = 0;
    for (int c = 0; c < KEY; c++) {
      int d = photo[at + c] - keys[slot + c];
      sum += d * d;
    }
    return sum;
  }
}
