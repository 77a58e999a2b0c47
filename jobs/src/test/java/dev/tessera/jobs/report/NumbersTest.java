package dev.tessera.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0 s",
        "0.42 | 0.42 s",
        "59.94 | 59.9 s",
        "59.96 | 1 min 00 s",
        "245 | 4 min 05 s",
        "3600 | 1 h 00 min",
        "90061 | 25 h 01 min",
        "NaN | –"
      })
  void durations(double seconds, String text) {
    assertThat(Numbers.duration(seconds)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0.00",
        "0.649 | 0.65",
        "0.0512 | 0.051",
        "0.00123 | 0.0012",
        "12.34 | 12.3",
        "-1234.5 | −1,235",
        "-0.0000001 | 0.000000",
        "Infinity | –"
      })
  void significantDigits(double value, String text) {
    assertThat(Numbers.significant(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0,5,0 %", "5,5,100 %", "99999,100000,99.9 %", "1,100000,0.1 %", "1,0,–"})
  void aShareIsNeverRoundedToAllOrNothing(long part, long whole, String text) {
    assertThat(Numbers.percent(part, whole)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1.9,1", "2,2", "4.99,2", "5,5", "99,50", "0.03,0.02", "1000,1000"})
  void roundNumbersAreOneTwoFive(double value, double round) {
    double relativeRounding = 1e-12; // of Math.pow with a negative exponent
    assertThat(Numbers.roundDown(value) / round - 1).isBetween(-relativeRounding, relativeRounding);
  }

  @Test
  void coordinatesAreShort() {
    assertThat(Numbers.coordinate(12.0)).isEqualTo("12");
    assertThat(Numbers.coordinate(-0.26)).isEqualTo("-0.3");
    assertThat(Numbers.coordinate(-0.01)).isEqualTo("0");
  }
}
