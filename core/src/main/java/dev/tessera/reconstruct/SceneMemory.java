package dev.tessera.reconstruct;

import java.io.Serializable;
import java.util.List;

/**
 * What a scene keeps, in fixed size, to answer about photos it has not seen: named tensors that the
 * engine which wrote them can read back. Their sum over a city is a table of its own, {@code
 * memory} in docs/format.md.
 *
 * @param kind what the tensors are; empty for an engine that keeps nothing
 */
public record SceneMemory(String kind, List<Tensor> tensors) implements Serializable {
  /** A scene that answers nothing. */
  public static final SceneMemory NONE = new SceneMemory("", List.of());

  /** State of a network trained at test time, and the camera tokens of the views it saw. */
  public static final String FAST_WEIGHTS = "fast-weights";

  /** Points of the scene with keys made of how they look, and the lenses of its photos. */
  public static final String LANDMARKS = "landmarks";

  /** The tensor of the keys of {@link #LANDMARKS}, I8, (M, 32), the best landmarks first. */
  public static final String KEYS = "keys";

  public SceneMemory {
    tensors = List.copyOf(tensors);
    if (kind.isEmpty() != tensors.isEmpty()) {
      throw new IllegalArgumentException(
          "A memory has a kind and tensors, or neither: '%s' with %d"
              .formatted(kind, tensors.size()));
    }
  }

  public boolean isEmpty() {
    return tensors.isEmpty();
  }

  /** Bytes of all tensors. */
  public long bytes() {
    return tensors.stream().mapToLong(t -> t.bytes().length).sum();
  }

  /**
   * The tensor of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Tensor tensor(String name) {
    return tensors.stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("A %s memory has no '%s'".formatted(kind, name)));
  }

  /** One array of numbers: little-endian bytes, row-major, which this object owns. */
  public static final class Tensor implements Serializable {
    private final String name;
    private final String dtype;
    private final List<Integer> shape;
    private final byte[] bytes;

    /**
     * @param dtype as safetensors spells it: F32, U8, ...
     * @param shape empty for a scalar
     * @param bytes little endian; not copied
     * @throws IllegalArgumentException if there are more or fewer bytes than dtype and shape need
     */
    public Tensor(String name, String dtype, List<Integer> shape, byte[] bytes) {
      long needed = byteCount(dtype, shape);
      if (bytes.length != needed) {
        throw new IllegalArgumentException(
            "Cannot make tensor '%s': %s %s needs %d bytes, was given %d"
                .formatted(name, dtype, shape, needed, bytes.length));
      }
      this.name = name;
      this.dtype = dtype;
      this.shape = List.copyOf(shape);
      this.bytes = bytes;
    }

    /**
     * Bytes of an array of that type and shape.
     *
     * @throws IllegalArgumentException if safetensors has no such type
     */
    public static long byteCount(String dtype, List<Integer> shape) {
      return shape.stream().mapToLong(i -> i).reduce(width(dtype), Math::multiplyExact);
    }

    private static long width(String dtype) {
      return switch (dtype) {
        case "BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2" -> 1;
        case "U16", "I16", "F16", "BF16" -> 2;
        case "U32", "I32", "F32" -> 4;
        case "U64", "I64", "F64" -> 8;
        default -> throw new IllegalArgumentException("There is no tensor type '" + dtype + "'");
      };
    }

    public String name() {
      return name;
    }

    public String dtype() {
      return dtype;
    }

    public List<Integer> shape() {
      return shape;
    }

    /** The array itself: not to be changed. */
    public byte[] bytes() {
      return bytes;
    }
  }
}
