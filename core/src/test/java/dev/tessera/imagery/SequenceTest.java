package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.PhotoOutcome.Accepted;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PhotoOutcome.Reason;
import dev.tessera.imagery.PositionPrior.Suspicion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is decided about several views together: order, duplicates, impossible positions. */
class SequenceTest {
  private static final LocalFrame WORLD = new LocalFrame(new GeoPoint(48, 8, 100));
  private static final PositionChecks CHECKS = new PositionChecks(PositionChecks.Config.defaults());
  private static final double INFLATED_METERS = 1000;

  @Test
  void aFolderIsOrderedByTimeIfAllItsViewsHaveOne() {
    View first = view("b/9.jpg", 1_000L, null);
    View second = view("b/1.jpg", 2_000L, null);
    View third = view("b/5.jpg", 2_000L, null);

    assertThat(SequenceOrder.sorted(List.of(third, second, first)))
        .containsExactly(first, second, third);
  }

  @Test
  void aFolderIsOrderedByNameIfATimeIsMissingOrAllAreTheSame() {
    View two = view("b/2.jpg", 9_000L, null);
    View ten = view("b/10.jpg", 1_000L, null);
    View untimed = view("b/3.jpg", null, null);

    assertThat(SequenceOrder.sorted(List.of(ten, untimed, two))).containsExactly(two, untimed, ten);
    assertThat(SequenceOrder.sorted(List.of(view("b/10.jpg", 5L, null), view("b/2.jpg", 5L, null))))
        .extracting(View::name)
        .containsExactly("b/2.jpg", "b/10.jpg");
  }

  @Test
  void sequencesAreFolders() {
    List<View> views =
        List.of(
            view("flight10/1.jpg", null, null),
            view("flight2/2.jpg", null, null),
            view("flight2/1.jpg", null, null),
            view("top.jpg", null, null));

    assertThat(SequenceOrder.sequences(views))
        .extracting(sequence -> sequence.stream().map(View::name).toList())
        .containsExactly(
            List.of("top.jpg"),
            List.of("flight2/1.jpg", "flight2/2.jpg"),
            List.of("flight10/1.jpg"));
  }

  @Test
  void ofDuplicatesTheFirstByNaturalNameStaysWhateverTheOrder() {
    Accepted two = accepted("a/2.jpg", 'e');
    Accepted ten = accepted("a/10.jpg", 'e');
    Accepted copy = accepted("b/1.jpg", 'e');
    Accepted other = accepted("b/2.jpg", 'f');
    List<PhotoOutcome> photos = new ArrayList<>(List.of(two, ten, copy, other));
    for (int seed = 0; seed < 10; seed++) {
      Collections.shuffle(photos, new Random(seed));

      assertThat(Duplicates.resolve(photos))
          .containsExactlyInAnyOrder(
              two,
              other,
              new Quarantined(ten.uri(), ten.name(), Reason.DUPLICATE, "same bytes as a/2.jpg"),
              new Quarantined(copy.uri(), copy.name(), Reason.DUPLICATE, "same bytes as a/2.jpg"));
    }
  }

  @Test
  void photosOfDifferentContentAreNoDuplicates() {
    assertThatThrownBy(() -> Duplicates.kept(accepted("a", 'e'), accepted("b", 'f')))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot compare a and b: their digests differ");
  }

  @Test
  void aSteadyFlightIsBelieved() {
    List<View> flight = flight(20);

    assertThat(CHECKS.check(flight)).isEqualTo(flight);
  }

  @Test
  void aJumpIsInflatedAndItsNeighboursAreNot() {
    for (int wrong : new int[] {0, 7, 19}) {
      List<View> flight = flight(20);
      flight.set(wrong, moved(flight.get(wrong), 2_000));

      List<View> checked = CHECKS.check(flight);

      for (int i = 0; i < flight.size(); i++) {
        PositionPrior before = flight.get(i).position();
        PositionPrior expected =
            i == wrong
                ? new PositionPrior(
                    before.point(), INFLATED_METERS, INFLATED_METERS, Suspicion.SPEED_JUMP)
                : before;
        assertThat(checked.get(i).position()).as("view %d", i).isEqualTo(expected);
      }
    }
  }

  @Test
  void photosOfOneSecondMayBeFiftyMetersApart() {
    List<View> burst =
        List.of(
            view("1.jpg", 0L, at(0, 0)),
            view("2.jpg", 0L, at(50, 0)),
            view("3.jpg", 0L, at(100, 0)));

    assertThat(CHECKS.check(burst)).isEqualTo(burst);
  }

  @Test
  void viewsWithoutTimeOrOfAnotherCameraAreNotCompared() {
    List<View> flight = flight(20);
    View jump = moved(flight.get(7), 2_000);
    View untimed = view(jump.name(), null, jump.position());
    flight.set(7, untimed);

    assertThat(CHECKS.check(flight)).isEqualTo(flight);
  }

  @Test
  void onePositionForAllIsNotBelieved() {
    List<View> views =
        List.of(
            view("1.jpg", 0L, at(5, 5)),
            view("2.jpg", null, at(5, 5)),
            view("3.jpg", 9L, null),
            view("4.jpg", 9L, at(5, 5)));

    List<View> checked = CHECKS.check(views);

    assertThat(checked.get(2)).isEqualTo(views.get(2));
    for (int i : new int[] {0, 1, 3}) {
      assertThat(checked.get(i).position())
          .isEqualTo(
              new PositionPrior(
                  at(5, 5).point(), INFLATED_METERS, INFLATED_METERS, Suspicion.IDENTICAL_FOR_ALL));
    }
  }

  @Test
  void twoViewsAtOnePlaceAreBelieved() {
    List<View> views = List.of(view("1.jpg", 0L, at(5, 5)), view("2.jpg", 0L, at(5, 5)));

    assertThat(CHECKS.check(views)).isEqualTo(views);
  }

  @Test
  void summariesMergeInAnyOrder() {
    List<View> same =
        List.of(
            view("a/1.jpg", null, at(5, 5)),
            view("b/1.jpg", null, null),
            view("c/1.jpg", null, at(5, 5)),
            view("d/1.jpg", null, at(5, 5)));
    List<View> different = new ArrayList<>(same);
    different.add(view("e/1.jpg", null, at(6, 5)));
    different.add(view("f/1.jpg", null, at(5, 5)));
    for (int seed = 0; seed < 10; seed++) {
      assertThat(summary(same, seed).identicalForAll()).isTrue();
      assertThat(summary(different, seed)).isEqualTo(new PositionSummary(5, null));
    }
    assertThat(PositionSummary.EMPTY.identicalForAll()).isFalse();
  }

  /** Merged as a random tree. */
  private static PositionSummary summary(List<View> views, int seed) {
    Random random = new Random(seed);
    List<PositionSummary> parts = new ArrayList<>(views.stream().map(PositionSummary::of).toList());
    while (parts.size() > 1) {
      PositionSummary a = parts.remove(random.nextInt(parts.size()));
      PositionSummary b = parts.remove(random.nextInt(parts.size()));
      parts.add(a.merge(b));
    }
    return parts.get(0);
  }

  /** Ten metres a second, a photo every two seconds. */
  private static List<View> flight(int photos) {
    List<View> flight = new ArrayList<>();
    for (int i = 0; i < photos; i++) {
      flight.add(view("flight/%02d.jpg".formatted(i), 2_000L * i, at(20 * i, 3)));
    }
    return flight;
  }

  private static View moved(View view, double eastMeters) {
    Vec3 enu = WORLD.toEnu(view.position().point());
    return view.withPosition(at(enu.x() + eastMeters, enu.y()));
  }

  private static PositionPrior at(double eastMeters, double northMeters) {
    return new PositionPrior(
        WORLD.toGeo(new Vec3(eastMeters, northMeters, 0)), 3, 10, Suspicion.NONE);
  }

  private static Accepted accepted(String name, char hexDigit) {
    return new Accepted(view(name, null, null, hexDigit), List.of());
  }

  private static View view(String name, Long captureMillis, PositionPrior position) {
    return view(name, captureMillis, position, 'a');
  }

  private static View view(String name, Long captureMillis, PositionPrior position, char hexDigit) {
    String sha256 = String.valueOf(hexDigit).repeat(64);
    return new View(
        ViewId.ofSha256(sha256),
        "file:/photos/" + name,
        name,
        sha256,
        640,
        480,
        1,
        new FocalPrior(600, FocalPrior.Source.ASSUMED),
        "camera",
        captureMillis,
        position);
  }
}
