package dev.tessera.tensor;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;

/**
 * The numbers of a tensor, from its bytes (little endian, from position 0) to a Java type that
 * holds every one of them.
 */
record StoredNumbers(TensorInfo tensor, ByteBuffer bytes) {
  /** Copies F16, BF16 and F32, exact. */
  void floats(FloatBuffer into) {
    requireRoom(into.remaining());
    switch (tensor.dtype()) {
      case F32 -> into.put(bytes.asFloatBuffer());
      case BF16 -> {
        for (int at = 0; at < bytes.limit(); at += Short.BYTES) {
          into.put(HalfPrecision.ofBFloat16(bytes.getShort(at)));
        }
      }
      case F16 -> {
        for (int at = 0; at < bytes.limit(); at += Short.BYTES) {
          into.put(HalfPrecision.ofFloat16(bytes.getShort(at)));
        }
      }
      case F64 -> throw unreadable("float32", ": round it, or read float64");
      default -> throw unreadable("float32", "");
    }
  }

  /** Copies F16, BF16 and F32, exact, and F64 rounded to the nearest. */
  void roundedFloats(FloatBuffer into) {
    if (tensor.dtype() != DType.F64) {
      floats(into);
      return;
    }
    requireRoom(into.remaining());
    for (int at = 0; at < bytes.limit(); at += Double.BYTES) {
      into.put((float) bytes.getDouble(at));
    }
  }

  /** F16, BF16, F32 and F64, exact. */
  double[] doubles() {
    double[] values = new double[count()];
    IntToDoubleFunction element = doubleAt().orElseThrow(() -> unreadable("float64", ""));
    for (int i = 0; i < values.length; i++) {
      values[i] = element.applyAsDouble(i * tensor.dtype().bytes());
    }
    return values;
  }

  private Optional<IntToDoubleFunction> doubleAt() {
    return Optional.ofNullable(
        switch (tensor.dtype()) {
          case F64 -> bytes::getDouble;
          case F32 -> at -> bytes.getFloat(at);
          case BF16 -> at -> HalfPrecision.ofBFloat16(bytes.getShort(at));
          case F16 -> at -> HalfPrecision.ofFloat16(bytes.getShort(at));
          default -> null;
        });
  }

  /** All whole numbers but U64; of BOOL, 0 is false. */
  long[] longs() {
    long[] values = new long[count()];
    IntToLongFunction element = longAt().orElseThrow(() -> unreadable("int64", ""));
    for (int i = 0; i < values.length; i++) {
      values[i] = element.applyAsLong(i * tensor.dtype().bytes());
    }
    return values;
  }

  private Optional<IntToLongFunction> longAt() {
    return Optional.ofNullable(
        switch (tensor.dtype()) {
          case I64 -> bytes::getLong;
          case I32 -> at -> bytes.getInt(at);
          case U32 -> at -> Integer.toUnsignedLong(bytes.getInt(at));
          case I16 -> at -> bytes.getShort(at);
          case U16 -> at -> Short.toUnsignedLong(bytes.getShort(at));
          case I8 -> at -> bytes.get(at);
          case U8, BOOL -> at -> Byte.toUnsignedLong(bytes.get(at));
          default -> null;
        });
  }

  private int count() {
    return bytes.limit() / tensor.dtype().bytes();
  }

  private void requireRoom(int room) {
    if (room < count()) {
      throw new IllegalArgumentException(
          "Cannot read tensor %s: it has %d elements, the buffer has room for %d"
              .formatted(Excerpt.of(tensor.name()), count(), room));
    }
  }

  private IllegalArgumentException unreadable(String as, String advice) {
    return new IllegalArgumentException(
        "Cannot read tensor %s as %s: its dtype is %s%s"
            .formatted(Excerpt.of(tensor.name()), as, tensor.dtype(), advice));
  }
}
