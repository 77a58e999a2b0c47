package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TracksTest {
  private static final int[] THREE_VIEWS = {4, 4, 4};

  private static VerifiedPair matches(int... features) {
    return new VerifiedPair(features, new double[9], 0);
  }

  @Test
  void matchesJoinIntoATrackThroughAllViews() {
    Tracks tracks =
        Tracks.join(
            THREE_VIEWS,
            List.of(new ViewPair(0, 1), new ViewPair(1, 2)),
            List.of(matches(2, 3), matches(3, 1)));

    assertThat(tracks.count()).isEqualTo(1);
    assertThat(tracks.end(0) - tracks.begin(0)).isEqualTo(3);
    assertThat(tracks.viewOf(0)).isZero();
    assertThat(tracks.featureOf(0)).isEqualTo(2);
    assertThat(tracks.featureOf(1)).isEqualTo(3);
    assertThat(tracks.featureOf(2)).isEqualTo(1);
  }

  @Test
  void trackThatMeetsAViewTwiceIsLeftOut() {
    Tracks tracks =
        Tracks.join(
            THREE_VIEWS,
            List.of(new ViewPair(0, 1), new ViewPair(0, 2), new ViewPair(1, 2)),
            List.of(matches(0, 0, 1, 1), matches(0, 2), matches(0, 3, 1, 0)));

    assertThat(tracks.count()).isEqualTo(1);
    assertThat(tracks.featureOf(tracks.begin(0))).isEqualTo(1);
  }

  @Test
  void orderOfThePairsDoesNotMatter() {
    List<ViewPair> pairs = List.of(new ViewPair(0, 1), new ViewPair(1, 2), new ViewPair(0, 2));
    List<VerifiedPair> verified = List.of(matches(0, 1, 2, 2), matches(1, 3), matches(3, 0));

    Tracks forth = Tracks.join(THREE_VIEWS, pairs, verified);
    Tracks back =
        Tracks.join(
            THREE_VIEWS,
            List.of(pairs.get(2), pairs.get(1), pairs.get(0)),
            List.of(verified.get(2), verified.get(1), verified.get(0)));

    assertThat(back.count()).isEqualTo(forth.count()).isEqualTo(3);
    for (int o = 0; o < forth.observationCount(); o++) {
      assertThat(back.viewOf(o)).isEqualTo(forth.viewOf(o));
      assertThat(back.featureOf(o)).isEqualTo(forth.featureOf(o));
    }
  }

  @Test
  void everyObservationIsListedWithItsViewAndTrack() {
    Tracks tracks =
        Tracks.join(
            THREE_VIEWS,
            List.of(new ViewPair(0, 1), new ViewPair(1, 2)),
            List.of(matches(0, 0, 1, 1, 2, 2), matches(0, 0)));

    int[] track = tracks.trackOfObservation();
    int listed = 0;
    for (int view = 0; view < 3; view++) {
      for (int o : tracks.observationsOf(view)) {
        assertThat(tracks.viewOf(o)).isEqualTo(view);
        assertThat(o).isBetween(tracks.begin(track[o]), tracks.end(track[o]) - 1);
        listed++;
      }
    }
    assertThat(listed).isEqualTo(tracks.observationCount()).isEqualTo(7);
  }
}
