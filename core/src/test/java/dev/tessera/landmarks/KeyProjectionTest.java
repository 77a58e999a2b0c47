package dev.tessera.landmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyProjectionTest {
  /** Sums of 128 products of numbers below one, rounded 128 times. */
  private static final double ROUNDING = 128 * 0x1p-52;

  /** The reference values come from another language's logarithm and cosine. */
  private static final double OTHER_LIBRARY = 1e-13;

  private final KeyProjection projection = KeyProjection.seeded(KeyProjection.SEED);

  @Test
  void directionsAreOrthonormal() {
    for (int a = 0; a < KeyProjection.KEY_LENGTH; a++) {
      for (int b = 0; b <= a; b++) {
        double dot = 0;
        for (int i = 0; i < 128; i++) {
          dot += projection.direction(a)[i] * projection.direction(b)[i];
        }
        assertThat(dot).isCloseTo(a == b ? 1 : 0, within(ROUNDING));
      }
    }
  }

  @Test
  void directionsOfTheSeedAreThoseOfTheFormat() {
    assertThat(projection.direction(0)[0]).isCloseTo(0.09127787357003711, within(OTHER_LIBRARY));
    assertThat(projection.direction(0)[1]).isCloseTo(0.027969727839010312, within(OTHER_LIBRARY));
    assertThat(projection.direction(1)[0]).isCloseTo(0.029572158080437946, within(OTHER_LIBRARY));
    assertThat(projection.direction(15)[64])
        .isCloseTo(-0.020084751700684515, within(OTHER_LIBRARY));
    assertThat(projection.direction(31)[127]).isCloseTo(0.05744544403994182, within(OTHER_LIBRARY));
  }

  @Test
  void aKeyHasTheComponentsOfItsDescriptorAlongTheDirections() {
    float[] descriptors = new float[2 * 128];
    Random random = new Random(1);
    for (int i = 0; i < descriptors.length; i++) {
      descriptors[i] = random.nextFloat();
    }

    float[] keys = projection.keys(descriptors);

    double expected = 0;
    for (int i = 0; i < 128; i++) {
      expected += projection.direction(5)[i] * descriptors[128 + i];
    }
    assertThat(keys).hasSize(2 * KeyProjection.KEY_LENGTH);
    assertThat(keys[KeyProjection.KEY_LENGTH + 5]).isEqualTo((float) expected);
  }
}
