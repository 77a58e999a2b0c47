package dev.tessera.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.PositionInterpolation.Config;
import dev.tessera.partition.PositionInterpolation.Stop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class PositionInterpolationTest {
  private static final Config CONFIG = new Config(3, 50);

  @Test
  void aShortGapIsFilledEvenly() {
    assertThat(filled("a 0,0", "a ?", "a ?", "a ?", "a 40,20"))
        .containsExactly("0,0", "10,5", "20,10", "30,15", "40,20");
  }

  @Test
  void aLongGapStaysOpen() {
    assertThat(filled("a 0,0", "a ?", "a ?", "a ?", "a ?", "a 40,20"))
        .containsExactly("0,0", "?", "?", "?", "?", "40,20");
  }

  @Test
  void aJumpStaysOpen() {
    assertThat(filled("a 0,0", "a ?", "a 51,0", "a ?", "a 61,0"))
        .containsExactly("0,0", "?", "51,0", "56,0", "61,0");
  }

  @Test
  void aGapBetweenFoldersStaysOpen() {
    assertThat(filled("a 0,0", "a ?", "b ?", "b 4,0", "b ?", "b 6,0"))
        .containsExactly("0,0", "?", "?", "4,0", "5,0", "6,0");
  }

  @Test
  void viewsBeforeTheFirstFixAndAfterTheLastStayOpen() {
    assertThat(filled("a ?", "a 0,0", "a ?")).containsExactly("?", "0,0", "?");
  }

  @Test
  void nothingIsLostOrReordered() {
    List<ViewSite> sites = SeededSites.mixed(3, 500, 0.5);

    List<ViewSite> filled = new ArrayList<>();
    Iterator<ViewSite> iterator =
        new PositionInterpolation(Config.defaults())
            .fill(sites.stream().map(site -> new Stop("walk", site)).iterator());
    iterator.forEachRemaining(filled::add);

    assertThat(filled.stream().map(ViewSite::view).toList())
        .isEqualTo(sites.stream().map(ViewSite::view).toList());
    assertThatThrownBy(iterator::next)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("Cannot read past the end of the sequence");
  }

  private static List<String> filled(String... stops) {
    List<Stop> sequence = new ArrayList<>();
    for (String stop : stops) {
      int order = sequence.size();
      sequence.add(new Stop(stop.substring(0, 1), site(stop.substring(2), order)));
    }
    List<String> filled = new ArrayList<>();
    new PositionInterpolation(CONFIG)
        .fill(sequence.iterator())
        .forEachRemaining(site -> filled.add(text(site)));
    return filled;
  }

  private static ViewSite site(String text, int order) {
    if (text.equals("?")) {
      return ViewSite.unpositioned(new ViewId(order), order);
    }
    double[] at = Arrays.stream(text.split(",", -1)).mapToDouble(Double::parseDouble).toArray();
    return new ViewSite(new ViewId(order), at[0], at[1], order);
  }

  private static String text(ViewSite site) {
    return site.hasPosition()
        ? Math.round(site.eastMeters()) + "," + Math.round(site.northMeters())
        : "?";
  }
}
