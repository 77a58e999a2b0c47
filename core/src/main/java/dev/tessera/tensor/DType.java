package dev.tessera.tensor;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** An element type of the safetensors format; the constants have the format's names. */
public enum DType {
  BOOL(1),
  U8(1),
  I8(1),
  I16(2),
  U16(2),
  I32(4),
  U32(4),
  I64(8),
  U64(8),
  /** IEEE 754 binary16: 5 bits of exponent, 10 of fraction. */
  F16(2),
  /** The upper half of a binary32: 8 bits of exponent, 7 of fraction. */
  BF16(2),
  F32(4),
  F64(8),
  F8_E4M3(1),
  F8_E5M2(1);

  /** The types in which the weights of a network are stored and that can be read as numbers. */
  public static final Set<DType> WEIGHTS =
      Collections.unmodifiableSet(EnumSet.of(F16, BF16, F32, F64));

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
