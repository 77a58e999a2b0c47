package dev.tessera.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.jobs.report.Hull.Spot;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HullTest {
  private static final List<Spot> SQUARE =
      List.of(new Spot(0, 0), new Spot(4, 0), new Spot(4, 4), new Spot(0, 4));

  @Test
  void cornersOfASquareAreTheHullOfAllThatIsInIt() {
    Random random = new Random(6);
    Stream<Spot> inside =
        Stream.generate(() -> new Spot(4 * random.nextDouble(), 4 * random.nextDouble())).limit(99);

    assertThat(Hull.of(Stream.concat(inside, SQUARE.stream()).toList()))
        .containsExactlyInAnyOrderElementsOf(SQUARE);
  }

  @Test
  void aLineHasItsEnds() {
    assertThat(Hull.of(List.of(new Spot(1, 1), new Spot(3, 3), new Spot(2, 2))))
        .containsExactly(new Spot(1, 1), new Spot(3, 3));
  }

  @Test
  void fewerThanThreeAreTheirOwnHull() {
    assertThat(Hull.of(List.of())).isEmpty();
    assertThat(Hull.of(List.of(new Spot(1, 2), new Spot(1, 2)))).containsExactly(new Spot(1, 2));
  }
}
