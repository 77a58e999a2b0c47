package dev.tessera.landmarks;

import dev.tessera.geometry.Vec3;
import dev.tessera.sfm.PointLooks;
import java.util.Arrays;

/**
 * M landmarks of a chunk, each a key and a value: how it looks, and where it is. Reading is
 * attention at zero temperature: the value of the nearest key. In closed form, so that writing is
 * one pass; of fixed size, whatever the chunk holds.
 *
 * <pre>key_i = round(P mean(RootSIFT of track i) / {@value #KEY_STEP}), 32 signed bytes
 * value_i = round((X_i - low) / (high - low) 65535), 3 unsigned 16-bit numbers</pre>
 *
 * <p>P is a {@link KeyProjection}. The step is the same for all dimensions and all chunks, so that
 * keys of two chunks can be compared as they stand; what it rounds away is a fiftieth of the
 * distance between two looks of one landmark. A chunk of 400 m has values in steps of 6 mm.
 *
 * <p>The landmarks are in the order of {@link LandmarkSelection}: the first n are the best n.
 */
public final class LandmarkMemory {
  /** Changes whenever the same scene may give another memory. */
  public static final int VERSION = 1;

  /** Unit of a key's components. */
  public static final double KEY_STEP = 1 / 256.0;

  static final int VALUE_STEPS = 65535;

  private static final int SMALL = 4096;
  private static final int LARGE = 8192;
  private static final int PHOTOS_FOR_SMALL = 50;

  private final long seed;
  private final byte[] keys; // (M, 32)
  private final short[] values; // (M, 3) unsigned
  private final Vec3 low;
  private final Vec3 high;

  /**
   * Takes the arrays over.
   *
   * @param seed of the projection
   * @param keys (M, 32)
   * @param values (M, 3), unsigned
   * @param low corner of the box, chunk units
   * @param high the other corner
   */
  public LandmarkMemory(long seed, byte[] keys, short[] values, Vec3 low, Vec3 high) {
    if (keys.length % KeyProjection.KEY_LENGTH != 0
        || values.length != keys.length / KeyProjection.KEY_LENGTH * 3) {
      throw new IllegalArgumentException(
          "Cannot make a memory of %d key bytes and %d coordinates"
              .formatted(keys.length, values.length));
    }
    this.seed = seed;
    this.keys = keys;
    this.values = values;
    this.low = low;
    this.high = high;
  }

  /** Most landmarks of a chunk with so many photos. */
  public static int size(int photos) {
    return photos <= PHOTOS_FOR_SMALL ? SMALL : LARGE;
  }

  /**
   * Remembers a scene.
   *
   * @param looks mean descriptors of the scene's points
   */
  public static LandmarkMemory write(SeenPoints scene, PointLooks looks) {
    int[] selection = selection(scene);
    KeyProjection projection = KeyProjection.seeded(KeyProjection.SEED);
    byte[] keys = new byte[selection.length * KeyProjection.KEY_LENGTH];
    for (int slot = 0; slot < selection.length; slot++) {
      byte[] key = rounded(projection.keys(looks.meanDescriptor(selection[slot])));
      System.arraycopy(key, 0, keys, slot * KeyProjection.KEY_LENGTH, key.length);
    }
    return placed(keys, scene, selection);
  }

  /**
   * The same landmarks where they are now.
   *
   * @param scene the one that this memory was written of, with other coordinates
   * @throws IllegalArgumentException if it is another one
   */
  public LandmarkMemory moved(SeenPoints scene) {
    int[] selection = selection(scene);
    if (selection.length != count()) {
      throw new IllegalArgumentException(
          "Cannot move %d landmarks: the scene has %d".formatted(count(), selection.length));
    }
    return placed(keys, scene, selection);
  }

  private static int[] selection(SeenPoints scene) {
    return LandmarkSelection.select(scene, size(scene.cameras()));
  }

  private static LandmarkMemory placed(byte[] keys, SeenPoints scene, int[] selection) {
    double[] low = new double[3];
    double[] high = new double[3];
    for (int axis = 0; axis < 3; axis++) {
      int a = axis;
      double[] x = Arrays.stream(selection).mapToDouble(p -> scene.coordinate(p, a)).toArray();
      low[axis] = Arrays.stream(x).min().orElse(0);
      high[axis] = Arrays.stream(x).max().orElse(0);
    }
    short[] values = new short[3 * selection.length];
    for (int i = 0; i < values.length; i++) {
      int axis = i % 3;
      double width = high[axis] - low[axis];
      double part = width > 0 ? (scene.coordinate(selection[i / 3], axis) - low[axis]) / width : 0;
      values[i] = (short) Math.round(part * VALUE_STEPS);
    }
    return new LandmarkMemory(
        KeyProjection.SEED,
        keys,
        values,
        new Vec3(low[0], low[1], low[2]),
        new Vec3(high[0], high[1], high[2]));
  }

  /** Keys as a memory keeps them, in units of {@link #KEY_STEP}. */
  public static byte[] rounded(float[] keys) {
    byte[] rounded = new byte[keys.length];
    for (int i = 0; i < keys.length; i++) {
      long step = Math.round(keys[i] / KEY_STEP);
      rounded[i] = (byte) Math.max(Byte.MIN_VALUE, Math.min(Byte.MAX_VALUE, step));
    }
    return rounded;
  }

  /** Landmarks, M. */
  public int count() {
    return values.length / 3;
  }

  public long seed() {
    return seed;
  }

  /** (M, 32), in units of {@link #KEY_STEP}: not to be changed. */
  public byte[] keys() {
    return keys;
  }

  /** (M, 3), unsigned: not to be changed. */
  public short[] values() {
    return values;
  }

  public Vec3 low() {
    return low;
  }

  public Vec3 high() {
    return high;
  }

  /** Where a landmark is, chunk units. */
  public Vec3 position(int slot) {
    Vec3 size = high.minus(low);
    return low.plus(
        new Vec3(
            size.x() * part(3 * slot),
            size.y() * part(3 * slot + 1),
            size.z() * part(3 * slot + 2)));
  }

  private double part(int i) {
    return Short.toUnsignedInt(values[i]) / (double) VALUE_STEPS;
  }
}
