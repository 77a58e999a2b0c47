package dev.tessera.tensor;

/** Numbers of 16 bits and their 32-bit values. */
final class HalfPrecision {
  private static final int FLOAT_FRACTION_BITS = 23;
  private static final int F16_FRACTION_BITS = 10;
  private static final int F16_FRACTION_MASK = (1 << F16_FRACTION_BITS) - 1;
  private static final int F16_EXPONENT_MASK = 0x1f;

  /** Difference of the exponent biases of binary32 and binary16. */
  private static final int BIAS_DIFFERENCE = 127 - 15;

  /** The value of the last bit of a subnormal binary16. */
  private static final float F16_SMALLEST = 0x1p-24f;

  private HalfPrecision() {}

  /** The binary16 value, exact; the payload of a NaN is kept. */
  static float ofFloat16(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >>> F16_FRACTION_BITS & F16_EXPONENT_MASK;
    int fraction = bits & F16_FRACTION_MASK;
    if (exponent == 0) {
      float magnitude = fraction * F16_SMALLEST;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wideExponent = exponent == F16_EXPONENT_MASK ? 0xff : exponent + BIAS_DIFFERENCE;
    return Float.intBitsToFloat(
        sign
            | wideExponent << FLOAT_FRACTION_BITS
            | fraction << FLOAT_FRACTION_BITS - F16_FRACTION_BITS);
  }

  /** The bfloat16 value, exact. */
  static float ofBFloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The nearest bfloat16, ties to the even one; a NaN stays one. */
  static short toBFloat16(float value) {
    int bits = Float.floatToIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16);
    }
    int lowestKept = bits >>> 16 & 1;
    return (short) (bits + 0x7fff + lowestKept >>> 16);
  }
}
