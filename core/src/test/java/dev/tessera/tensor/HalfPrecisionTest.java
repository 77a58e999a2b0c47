package dev.tessera.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfPrecisionTest {
  private static final int PATTERNS = 1 << 16;

  @Test
  void everyFloat16IsItsFormula() {
    for (int bits = 0; bits < PATTERNS; bits++) {
      assertSame(bits, HalfPrecision.ofFloat16((short) bits), value(bits, 5, 10));
    }
  }

  @Test
  void everyBFloat16IsItsFormula() {
    for (int bits = 0; bits < PATTERNS; bits++) {
      assertSame(bits, HalfPrecision.ofBFloat16((short) bits), value(bits, 8, 7));
    }
  }

  /**
   * A binary number of IEEE 754: {@code (-1)^s 2^(e - bias) (1 + f / 2^F)}, for e = 0 {@code (-1)^s
   * 2^(1 - bias) f / 2^F}, and for the largest e infinity or no number. A double holds it exactly.
   */
  private static double value(int bits, int exponentBits, int fractionBits) {
    int bias = (1 << exponentBits - 1) - 1;
    int exponent = bits >> fractionBits & (1 << exponentBits) - 1;
    double fraction = (bits & (1 << fractionBits) - 1) / Math.pow(2, fractionBits);
    double sign = bits >> 15 == 0 ? 1 : -1;
    if (exponent == (1 << exponentBits) - 1) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * Math.pow(2, 1 - bias) * fraction
        : sign * Math.pow(2, exponent - bias) * (1 + fraction);
  }

  /** Equal as doubles, 0 and -0 told apart. */
  private static void assertSame(int bits, double actual, double expected) {
    assertThat(Double.doubleToLongBits(actual))
        .as(Integer.toHexString(bits))
        .isEqualTo(Double.doubleToLongBits(expected));
  }

  @Test
  void everyBFloat16SurvivesRounding() {
    for (int bits = 0; bits < PATTERNS; bits++) {
      float value = HalfPrecision.ofBFloat16((short) bits);
      float again = HalfPrecision.ofBFloat16(HalfPrecision.toBFloat16(value));
      assertSame(bits, again, value);
    }
  }

  @Test
  void roundingTakesTheNearestAndOfTwoTheEven() {
    Random random = new Random(11);
    for (int i = 0; i < 100_000; i++) {
      int upper = random.nextInt(0x7f7f);
      int lower = i % 3 == 0 ? 0x8000 : random.nextInt(PATTERNS);
      float value = Float.intBitsToFloat(upper << 16 | lower);

      int rounded = HalfPrecision.toBFloat16(value);

      double below = (double) value - HalfPrecision.ofBFloat16((short) upper);
      double above = (double) HalfPrecision.ofBFloat16((short) (upper + 1)) - value;
      boolean up = below > above || below == above && upper % 2 == 1;
      assertThat(rounded).as("%08x", upper << 16 | lower).isEqualTo(up ? upper + 1 : upper);
      assertThat(HalfPrecision.toBFloat16(-value) & 0x7fff).isEqualTo(rounded);
    }
  }

  @Test
  void whatIsBeyondTheLargestBFloat16BecomesInfinite() {
    float rounded = HalfPrecision.ofBFloat16(HalfPrecision.toBFloat16(Float.MAX_VALUE));

    assertThat(rounded).isEqualTo(Float.POSITIVE_INFINITY);
  }
}
