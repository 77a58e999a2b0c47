package dev.tessera.tensor;

import java.util.Arrays;
import java.util.List;

/**
 * What a file says about one tensor.
 *
 * @param name the tensor's key
 * @param dtype type of its elements
 * @param shape its dimensions, outermost first; none for a scalar, and any of them may be 0
 */
public record TensorInfo(String name, DType dtype, List<Long> shape) {
  public TensorInfo {
    shape = List.copyOf(shape);
    if (shape.stream().anyMatch(dimension -> dimension < 0)) {
      throw new IllegalArgumentException(
          "Shape of tensor %s must not be negative, was %s"
              .formatted(Excerpt.of(name), Excerpt.list(shape)));
    }
    try {
      Math.multiplyExact(product(shape), dtype.bytes());
    } catch (ArithmeticException tooLarge) {
      throw new IllegalArgumentException(
          "Shape of tensor %s must be below 2^63 bytes, was %s of %s"
              .formatted(Excerpt.of(name), Excerpt.list(shape), dtype),
          tooLarge);
    }
  }

  public static TensorInfo of(String name, DType dtype, long... shape) {
    return new TensorInfo(name, dtype, Arrays.stream(shape).boxed().toList());
  }

  private static long product(List<Long> shape) {
    return shape.contains(0L) ? 0 : shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** The number of elements; 1 for a scalar. */
  public long elements() {
    return product(shape);
  }

  /** The number of bytes in a file. */
  public long bytes() {
    return elements() * dtype.bytes();
  }

  /** The shape as a new array. */
  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
