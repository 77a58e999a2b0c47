package dev.tessera.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers that have left their device: what networks hand to the rest of the program. Row-major,
 * little endian, {@link DType#F32} or {@link DType#F64}.
 */
public final class HostTensor {
  private final DType dtype;
  private final List<Integer> shape;
  private final ByteBuffer bytes;

  /**
   * @param bytes from position 0 to the limit; not copied
   */
  public HostTensor(DType dtype, List<Integer> shape, ByteBuffer bytes) {
    if (dtype != DType.F32 && dtype != DType.F64) {
      throw new IllegalArgumentException("Cannot hold " + dtype + ": only F32 and F64");
    }
    this.dtype = dtype;
    this.shape = List.copyOf(shape);
    this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (elements() * dtype.bytes() != bytes.limit()) {
      throw new IllegalArgumentException(
          "A tensor of %s %s cannot have %d bytes".formatted(shape, dtype, bytes.limit()));
    }
  }

  public static HostTensor of(float[] values, Integer... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new HostTensor(DType.F32, List.of(shape), bytes);
  }

  /** A copy of what a device holds. */
  public static HostTensor copyOf(NDArray tensor) {
    DType dtype = tensor.getDataType() == DataType.FLOAT64 ? DType.F64 : DType.F32;
    List<Integer> shape =
        Arrays.stream(tensor.getShape().getShape()).mapToObj(Math::toIntExact).toList();
    NDArray onHost = tensor.toDevice(Device.cpu(), false);
    try {
      return new HostTensor(dtype, shape, onHost.toByteBuffer(false));
    } finally {
      if (!tensor.getDevice().equals(Device.cpu())) {
        onHost.close();
      }
    }
  }

  /** A tensor with these numbers; on a CPU it may share them, and is not to be written to. */
  public NDArray toDevice(NDManager scope) {
    long[] extents = shape.stream().mapToLong(Integer::longValue).toArray();
    DataType type = dtype == DType.F64 ? DataType.FLOAT64 : DataType.FLOAT32;
    return scope.create(bytes(), new Shape(extents), type);
  }

  public DType dtype() {
    return dtype;
  }

  public List<Integer> shape() {
    return shape;
  }

  public int elements() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  /** The bytes, from position 0; not to be changed. */
  public ByteBuffer bytes() {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  public double[] doubles() {
    double[] values = new double[elements()];
    if (dtype == DType.F64) {
      bytes().asDoubleBuffer().get(values);
    } else {
      float[] singles = floats();
      Arrays.setAll(values, i -> singles[i]);
    }
    return values;
  }

  /** The numbers, rounded to float32 where they are more precise. */
  public float[] floats() {
    float[] values = new float[elements()];
    if (dtype == DType.F32) {
      bytes().asFloatBuffer().get(values);
    } else {
      double[] all = doubles();
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) all[i];
      }
    }
    return values;
  }
}
