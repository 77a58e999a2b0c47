package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NaturalOrderTest {
  private static final NaturalOrder ORDER = NaturalOrder.INSTANCE;

  @Test
  void numbersCountByTheirValue() {
    List<String> ordered =
        List.of(
            "IMG_2.jpg",
            "IMG_10.jpg",
            "IMG_010.jpg",
            "IMG_99999999999999999999.jpg",
            "IMG_100000000000000000000.jpg",
            "a/2.jpg",
            "a/10.jpg",
            "a-b/1.jpg",
            "a1/1.jpg");
    List<String> shuffled = new ArrayList<>(ordered);
    Collections.shuffle(shuffled, new Random(1));

    shuffled.sort(ORDER);

    assertThat(shuffled).isEqualTo(ordered);
  }

  @Test
  void aBeginningComesBeforeTheWhole() {
    assertThat(ORDER.compare("IMG", "IMG_1")).isNegative();
    assertThat(ORDER.compare("IMG_1", "IMG_1b")).isNegative();
    assertThat(ORDER.compare("", "a")).isNegative();
  }

  @Test
  void itIsATotalOrderConsistentWithEquals() {
    Random random = new Random(2);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      names.add(randomName(random));
    }
    for (String a : names) {
      for (String b : names) {
        assertThat(Integer.signum(ORDER.compare(a, b)))
            .isEqualTo(-Integer.signum(ORDER.compare(b, a)));
        assertThat(ORDER.compare(a, b) == 0).isEqualTo(a.equals(b));
        for (String c : names) {
          if (ORDER.compare(a, b) < 0 && ORDER.compare(b, c) < 0) {
            assertThat(ORDER.compare(a, c)).as("%s, %s, %s", a, b, c).isNegative();
          }
        }
      }
    }
  }

  private static String randomName(Random random) {
    String alphabet = "001122/a_";
    StringBuilder name = new StringBuilder();
    for (int i = random.nextInt(6); i >= 0; i--) {
      name.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return name.toString();
  }
}
