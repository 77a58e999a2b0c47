package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.imagery.NetworkInput.Mode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Where photos go in the input of a network, from their sizes alone. */
class NetworkInputTest {
  private static final int TRIALS = 200;

  private final Random random = new Random(3);

  /**
   * 2.5 patches (518 x 35) are 2: halves go to even. 55.5 patches (3648 x 5472) come out 7e-15 too
   * large, and so are 56, in the reference as well.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CROP | 5472 | 3648 | 518 x 350 | 518 x 350 at (0, 0)   | 518 x 350 | 518 x 350 at (0, 0)",
        "CROP | 3648 | 5472 | 518 x 784 | 518 x 518 at (0, 133) | 518 x 518 | 518 x 518 at (0, 0)",
        "CROP | 700  | 700  | 518 x 518 | 518 x 518 at (0, 0)   | 518 x 518 | 518 x 518 at (0, 0)",
        "CROP | 518  | 35   | 518 x 28  | 518 x 28 at (0, 0)    | 518 x 28  | 518 x 28 at (0, 0)",
        "PAD  | 5472 | 3648 | 518 x 350 | 518 x 350 at (0, 0)   | 518 x 518 | 518 x 350 at (0, 84)",
        "PAD  | 3648 | 5472 | 350 x 518 | 350 x 518 at (0, 0)   | 518 x 518 | 350 x 518 at (84, 0)",
        "PAD  | 700  | 700  | 518 x 518 | 518 x 518 at (0, 0)   | 518 x 518 | 518 x 518 at (0, 0)",
        "FIT  | 4000 | 3000 | 523 x 392 | 518 x 392 at (2, 0)   | 518 x 392 | 518 x 392 at (0, 0)",
        "FIT  | 3000 | 4000 | 392 x 523 | 392 x 518 at (0, 2)   | 392 x 518 | 392 x 518 at (0, 0)",
        "FIT  | 1226 | 370  | 518 x 157 | 518 x 154 at (0, 1)   | 518 x 154 | 518 x 154 at (0, 0)",
      })
  void sizesAreThoseOfTheReference(
      Mode mode, int width, int height, String resized, String kept, String size, String valid) {
    NetworkInput input = new NetworkInput(mode, 518, 14, 1);

    InputGeometry geometry = input.geometry(new ImageSize(width, height));

    assertThat(geometry.resized()).hasToString(resized);
    assertThat(geometry.kept()).hasToString(kept);
    assertThat(geometry.network()).hasToString(size);
    assertThat(geometry.valid()).hasToString(valid);
  }

  @ParameterizedTest
  @EnumSource
  void inputsAreWholePatchesAndInsideTheTarget(Mode mode) {
    for (int trial = 0; trial < TRIALS; trial++) {
      InputGeometry geometry = randomInput(mode).geometry(randomPhoto());

      ImageSize size = geometry.network();
      assertThat(size.width() % 14 + size.height() % 14).isZero();
      assertThat(Math.max(size.width(), size.height())).isLessThanOrEqualTo(518);
      assertThat(geometry.valid().isWithin(size)).isTrue();
    }
  }

  @Test
  void onlyShrinkingToFitUsesLanczos() {
    ImageSize large = new ImageSize(1000, 750);
    ImageSize small = new ImageSize(100, 75);
    for (Mode mode : Mode.values()) {
      NetworkInput input = new NetworkInput(mode, 518, 14, 1);

      assertThat(input.filter(input.geometry(large)))
          .isEqualTo(mode == Mode.FIT ? ResizeFilter.LANCZOS3 : ResizeFilter.BICUBIC);
      assertThat(input.filter(input.geometry(small))).isEqualTo(ResizeFilter.BICUBIC);
    }
  }

  @ParameterizedTest
  @EnumSource
  void photosOfOneShapeAreNotPaddedFurther(Mode mode) {
    NetworkInput input = new NetworkInput(mode, 518, 14, 1);
    View view = SampleView.of("a.jpg", 4000, 3000, 1);

    InputPlan plan = input.plan(List.of(view, view));

    InputGeometry alone = input.geometry(new ImageSize(4000, 3000));
    assertThat(plan.photos())
        .containsExactly(new InputPlan.Planned(view, alone), new InputPlan.Planned(view, alone));
  }

  @Test
  void photosOfManyShapesArePaddedToTheLargestSidesAmongThem() {
    View wide = SampleView.of("wide.jpg", 1226, 370, 1);
    View photo = SampleView.of("photo.jpg", 4000, 3000, 1);
    View strip = SampleView.of("strip.jpg", 9000, 100, 1);
    View tall = SampleView.of("tall.jpg", 3000, 4000, 1);
    NetworkInput input = new NetworkInput(Mode.FIT, 518, 14, 1);

    InputPlan plan = input.plan(List.of(wide, photo, strip, tall));

    assertThat(plan.size()).contains(new ImageSize(518, 518));
    assertThat(plan.photos())
        .extracting(InputPlan.Planned::view)
        .containsExactly(wide, photo, tall);
    assertThat(plan.photos())
        .extracting(planned -> planned.geometry().valid().toString())
        .containsExactly("518 x 154 at (0, 182)", "518 x 392 at (0, 63)", "392 x 518 at (63, 0)");
    assertThat(plan.refused())
        .containsExactly(
            new InputPlan.Refused(
                strip,
                "Cannot prepare photo strip.jpg: 9000 x 100 pixels become 518 x 6, 0 patches of 14"
                    + " high"));
  }

  @Test
  void photosOfASetWithoutTheLargestShapeNeedLess() {
    View wide = SampleView.of("wide.jpg", 1226, 370, 1);
    View photo = SampleView.of("photo.jpg", 4000, 3000, 1);

    InputPlan plan = NetworkInput.defaults().plan(List.of(wide, photo));

    assertThat(plan.size()).contains(new ImageSize(518, 392));
    assertThat(plan.photos().get(0).geometry().valid()).hasToString("518 x 154 at (0, 119)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CROP | 5000 | 60   | 5000 x 60 pixels become 518 x 6, 0 patches of 14 high",
        "PAD  | 60   | 5000 | 60 x 5000 pixels become 6 x 518, 0 patches of 14 wide",
        "FIT  | 60   | 5000 | 60 x 5000 pixels become 6 x 518, 0 patches of 14 wide",
      })
  void photoWithoutAPatchIsWrongUsage(Mode mode, int width, int height, String why) {
    NetworkInput input = new NetworkInput(mode, 518, 14, 1);

    assertThatThrownBy(() -> input.geometry(new ImageSize(width, height)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot prepare a photo: " + why);
  }

  @Test
  void settingsThatNoNetworkHasAreWrongUsage() {
    assertThatThrownBy(() -> new NetworkInput(Mode.CROP, 512, 14, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Input size must be a positive multiple of the patch of 14 pixels, was 512");
    assertThatThrownBy(() -> new NetworkInput(Mode.PAD, 518, 14, 255))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Pad value must be in 0..1, was 255.0");
  }

  private NetworkInput randomInput(Mode mode) {
    return new NetworkInput(mode, 14 * (10 + random.nextInt(28)), 14, 1);
  }

  private ImageSize randomPhoto() {
    return new ImageSize(300 + random.nextInt(3000), 300 + random.nextInt(3000));
  }
}
