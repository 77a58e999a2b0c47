package dev.tessera.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RecallCurveTest {
  private static final double ROUNDING = 1e-12;

  @Test
  void areaOfASmallCaseIsThatComputedByHand() {
    double[] errors = {1, 2, 10, Double.POSITIVE_INFINITY};

    // Recall is 0 on [0,1), 1/4 on [1,2), 1/2 on [2,5): (0 + 0.25 + 1.5) / 5.
    assertThat(RecallCurve.area(errors, 5)).isCloseTo(0.35, within(ROUNDING));
    // ... 1/2 on [2,10), 3/4 on [10,30): (0.25 + 4 + 15) / 30.
    assertThat(RecallCurve.area(errors, 30)).isCloseTo(19.25 / 30, within(ROUNDING));
  }

  @Test
  void areaLiesBetweenZeroAndOneAndGrowsWithTheThreshold() {
    double[] errors = new Random(1).doubles(100, 0, 60).toArray();

    double narrow = RecallCurve.area(errors, 5);
    double wide = RecallCurve.area(errors, 30);

    assertThat(narrow).isBetween(0.0, wide);
    assertThat(wide).isLessThan(1);
  }

  @Test
  void noPairsHaveNoArea() {
    assertThat(RecallCurve.area(new double[0], 5)).isNaN();
  }

  @Test
  void thresholdMustBePositive() {
    assertThatThrownBy(() -> RecallCurve.area(new double[] {1}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Threshold must be positive, was 0.0");
  }
}
