package dev.tessera.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Vec3;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class MortonTest {
  private static int trial;
  private final Random random = new Random(trial++);
  private final Morton morton = new Morton(0.01);

  @RepeatedTest(50)
  void decodingGivesTheMiddleOfTheCell() {
    Vec3 x = randomPosition();

    Vec3 middle = morton.decode(morton.encode(x));

    double half = 0.005 + 1e-9; // positions of 1e4 m are rounded to 2e-12
    assertThat(Math.abs(middle.x() - x.x())).isLessThanOrEqualTo(half);
    assertThat(Math.abs(middle.y() - x.y())).isLessThanOrEqualTo(half);
    assertThat(Math.abs(middle.z() - x.z())).isLessThanOrEqualTo(half);
    assertThat(morton.encode(middle)).isEqualTo(morton.encode(x));
  }

  @RepeatedTest(50)
  void keysInterleaveTheBitsOfTheCells() {
    Vec3 x = randomPosition();
    long key = morton.encode(x);

    for (int k = 0; k < Morton.BITS; k++) {
      assertThat(key >> 3 * k & 1).isEqualTo(cell(x.x()) >> k & 1);
      assertThat(key >> 3 * k + 1 & 1).isEqualTo(cell(x.y()) >> k & 1);
      assertThat(key >> 3 * k + 2 & 1).isEqualTo(cell(x.z()) >> k & 1);
    }
    assertThat(key).isNotNegative();
  }

  @RepeatedTest(20)
  void aPrefixNamesTheCubeAroundThePoint() {
    Vec3 x = randomPosition();
    int levels = random.nextInt(22);
    Tiling tiling = new Tiling(morton, levels);

    Bounds cube = tiling.bounds(tiling.tileOf(morton.encode(x)));

    assertThat(cube.contains(x)).isTrue();
    assertThat(cube.maxX() - cube.minX()).isCloseTo(Math.pow(2, levels) * 0.01, within(1e-9));
  }

  @Test
  void theOriginIsTheLowestCornerOfItsCell() {
    assertThat(morton.encode(Vec3.ZERO)).isEqualTo(0b111L << 60);
    assertThat(morton.corner(morton.encode(Vec3.ZERO), 0)).isEqualTo(Vec3.ZERO);
  }

  @Test
  void cellsDoubleUntilTheBoundsFit() {
    Bounds city = new Bounds(-30_000, -100, -50, 25_000, 100, 300);

    assertThat(Morton.covering(city).cellMeters()).isEqualTo(0.04);
    assertThat(Morton.covering(Bounds.empty()).cellMeters()).isEqualTo(0.01);
    assertThat(Morton.covering(city).encode(new Vec3(-30_000, 0, 0))).isNotNegative();
  }

  @Test
  void refusesAPositionOutOfReach() {
    assertThatThrownBy(() -> morton.encode(new Vec3(0, 20_000, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot make a key: 20000.0 m is beyond 10485.76 m from the origin");
  }

  @Test
  void tilesHoldAboutTheAskedNumberOfPoints() {
    Bounds square = new Bounds(0, 0, 0, 1000, 1000, 30);

    Tiling tiling = Tiling.of(morton, square, 16_000_000, 1_000_000);

    assertThat(tiling.edgeMeters()).isBetween(250 / Math.sqrt(2), 250 * Math.sqrt(2));
  }

  @Test
  void aSmallMapIsOneTile() {
    Tiling tiling = Tiling.of(morton, new Bounds(-9, -9, 0, 9, 9, 3), 1000, 1_000_000);

    assertThat(tiling.tileOf(morton.encode(new Vec3(-9, 9, 1)))).isZero();
    assertThat(tiling.tileOf(morton.encode(new Vec3(9, -9, 1)))).isZero();
  }

  private Vec3 randomPosition() {
    return new Vec3(random.nextDouble(), random.nextDouble(), random.nextDouble())
        .times(20_000)
        .minus(new Vec3(10_000, 10_000, 10_000));
  }

  private static long cell(double meters) {
    return (long) Math.floor(meters / 0.01) + (1 << 20);
  }
}
