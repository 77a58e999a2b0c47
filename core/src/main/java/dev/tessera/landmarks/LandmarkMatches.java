package dev.tessera.landmarks;

import dev.tessera.landmarks.LandmarkReader.Reading;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Landmarks that two memories have in common, by how they look: each is the nearest of the other,
 * and nearer than the second nearest by {@link LandmarkReader#MAX_RATIO}, seen from either side.
 *
 * @param inA (K) landmark of the one memory, each once
 * @param inB (K) landmark of the other, each once, ascending
 * @param confidence (K) the lower of the two readings', in [0.575, 1]
 */
@SuppressWarnings("ArrayRecordComponent")
public record LandmarkMatches(int[] inA, int[] inB, float[] confidence) {

  /**
   * Cost: twice that of reading M keys.
   *
   * @throws IllegalArgumentException if the keys were not made by the same projection
   */
  public static LandmarkMatches between(LandmarkMemory a, LandmarkMemory b) {
    if (a.seed() != b.seed()) {
      throw new IllegalArgumentException(
          "Cannot compare keys of projections %d and %d".formatted(a.seed(), b.seed()));
    }
    Reading bInA = LandmarkReader.read(a, keys(b));
    Reading aInB = LandmarkReader.read(b, keys(a));
    int[] backTo = new int[a.count()]; // by landmark of a: the one of b that it is read as
    float[] backConfidence = new float[a.count()];
    Arrays.fill(backTo, -1);
    for (int i = 0; i < aInB.count(); i++) {
      backTo[aInB.query()[i]] = aInB.slot()[i];
      backConfidence[aInB.query()[i]] = aInB.confidence()[i];
    }
    int[] mutual =
        IntStream.range(0, bInA.count())
            .filter(i -> backTo[bInA.slot()[i]] == bInA.query()[i])
            .toArray();
    int[] inA = Arrays.stream(mutual).map(i -> bInA.slot()[i]).toArray();
    int[] inB = Arrays.stream(mutual).map(i -> bInA.query()[i]).toArray();
    float[] confidence = new float[mutual.length];
    for (int k = 0; k < mutual.length; k++) {
      confidence[k] = Math.min(bInA.confidence()[mutual[k]], backConfidence[inA[k]]);
    }
    return new LandmarkMatches(inA, inB, confidence);
  }

  public int count() {
    return inA.length;
  }

  private static float[] keys(LandmarkMemory memory) {
    byte[] rounded = memory.keys();
    float[] keys = new float[rounded.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = (float) (rounded[i] * LandmarkMemory.KEY_STEP);
    }
    return keys;
  }
}
