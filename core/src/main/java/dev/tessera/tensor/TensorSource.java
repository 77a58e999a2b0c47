package dev.tessera.tensor;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Set;

/**
 * Tensors by name, read only. A name that is not there is refused with an {@link
 * IllegalArgumentException}, and so is a number type that does not hold the stored values. Safe for
 * many threads.
 */
public sealed interface TensorSource permits Safetensors {
  /** The names, in a fixed order. */
  Set<String> names();

  TensorInfo info(String name);

  /**
   * The stored bytes: direct, little endian, from position 0, without a copy. They stay valid as
   * long as the buffer, or one made from it, can be reached, even after {@code close()}. Native
   * code that is handed their address must keep the buffer reachable and not write to it.
   *
   * <p>A tensor of 2^31 bytes and more does not fit a buffer and is refused.
   */
  ByteBuffer bytes(String name);

  /** All elements of an F16, BF16 or F32 tensor, row-major; exact. */
  default float[] floats(String name) {
    FloatBuffer values = room(name);
    floats(name, values);
    return values.array();
  }

  /** Puts all elements of an F16, BF16 or F32 tensor into {@code into}; exact. */
  default void floats(String name, FloatBuffer into) {
    numbers(name).floats(into);
  }

  /** As {@link #floats(String)}, and an F64 tensor is rounded to the nearest float32. */
  default float[] roundedFloats(String name) {
    FloatBuffer values = room(name);
    numbers(name).roundedFloats(values);
    return values.array();
  }

  /** All elements of an F16, BF16, F32 or F64 tensor, row-major; exact. */
  default double[] doubles(String name) {
    return numbers(name).doubles();
  }

  /** All elements of a tensor of whole numbers (not U64) or of BOOL as 0 and 1; row-major. */
  default long[] longs(String name) {
    return numbers(name).longs();
  }

  /** A copy of the stored bytes: the elements of a U8, I8 or BOOL tensor. */
  default byte[] byteArray(String name) {
    ByteBuffer bytes = bytes(name);
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  private StoredNumbers numbers(String name) {
    return new StoredNumbers(info(name), bytes(name));
  }

  private FloatBuffer room(String name) {
    return FloatBuffer.allocate(bytes(name).limit() / info(name).dtype().bytes());
  }
}
