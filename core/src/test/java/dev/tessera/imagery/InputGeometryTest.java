package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.NetworkInput.Mode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Between a network's pixels and those of the original photo. */
class InputGeometryTest {
  private static final int TRIALS = 200;

  /** A few roundings (2^-53) of coordinates below 2^14 pixels. */
  private static final double ROUNDING_PIXELS = 1e-10;

  private final Random random = new Random(9);

  @ParameterizedTest
  @EnumSource
  void positionsComeBackFromTheNetwork(Mode mode) {
    for (int trial = 0; trial < TRIALS; trial++) {
      InputGeometry geometry = randomGeometry(mode);
      double u = random.nextDouble() * geometry.original().width();
      double v = random.nextDouble() * geometry.original().height();

      assertThat(geometry.originalU(geometry.networkX(u))).isEqualTo(u, within(ROUNDING_PIXELS));
      assertThat(geometry.originalV(geometry.networkY(v))).isEqualTo(v, within(ROUNDING_PIXELS));
    }
  }

  @ParameterizedTest
  @EnumSource
  void validPixelsShowTheOriginalAndThePaddingDoesNot(Mode mode) {
    for (int trial = 0; trial < TRIALS; trial++) {
      InputGeometry geometry = randomGeometry(mode);
      PixelBox valid = geometry.valid();

      assertThat(geometry.originalU(valid.left()))
          .isBetween(-ROUNDING_PIXELS, 0.5 * width(geometry));
      assertThat(geometry.originalU(valid.left() + valid.width()))
          .isBetween(0.5 * width(geometry), width(geometry) + ROUNDING_PIXELS);
      if (mode == Mode.PAD) {
        assertThat(geometry.originalU(valid.left())).isEqualTo(0, within(ROUNDING_PIXELS));
        assertThat(geometry.originalV(valid.top() + valid.height()))
            .isEqualTo(geometry.original().height(), within(ROUNDING_PIXELS));
      }
    }
  }

  /** Crops and padding are centred to half a pixel of the network's input. */
  @ParameterizedTest
  @EnumSource
  void centreOfTheInputIsTheCentreOfThePhoto(Mode mode) {
    for (int trial = 0; trial < TRIALS; trial++) {
      InputGeometry geometry = randomGeometry(mode);

      assertThat(geometry.networkX(width(geometry) / 2))
          .isEqualTo(geometry.network().width() / 2.0, within(0.5 + ROUNDING_PIXELS));
      assertThat(geometry.networkY(geometry.original().height() / 2.0))
          .isEqualTo(geometry.network().height() / 2.0, within(0.5 + ROUNDING_PIXELS));
    }
  }

  @Test
  void centreOfTheTopLeftPixelIsAtOneHalfAtEverySize() {
    InputGeometry half = new NetworkInput(Mode.CROP, 518, 14, 1).geometry(new ImageSize(1036, 784));

    assertThat(half.originalU(0.5)).isEqualTo(1);
    assertThat(half.originalV(0.5)).isEqualTo(1);
    assertThat(half.networkX(0.5)).isEqualTo(0.25);
  }

  @Test
  void paddingMovesPositionsByWholePixels() {
    InputGeometry alone = NetworkInput.defaults().geometry(new ImageSize(5472, 3648));

    InputGeometry padded = alone.centeredIn(new ImageSize(520, 393));

    assertThat(padded.padLeft()).isEqualTo(1);
    assertThat(padded.padTop()).isEqualTo(21);
    assertThat(padded.originalU(101.5)).isEqualTo(alone.originalU(100.5));
    assertThat(padded.originalV(71.5)).isEqualTo(alone.originalV(50.5));
    assertThat(padded.valid().contains(0, 21)).isFalse();
    assertThat(padded.valid().contains(1, 21)).isTrue();
    assertThat(padded.valid().contains(518, 370)).isTrue();
    assertThat(padded.valid().contains(518, 371)).isFalse();
  }

  /**
   * A network that unprojects its pixel of index (i, j) with its own intrinsics, whose focal
   * lengths agree at original size, puts a point where our camera sees it at the centre of that
   * pixel.
   */
  @ParameterizedTest
  @EnumSource
  void pointOfAPixelProjectsToThatPixelOfTheOriginal(Mode mode) {
    for (int trial = 0; trial < TRIALS; trial++) {
      InputGeometry geometry = randomGeometry(mode);
      double focal = (0.5 + random.nextDouble()) * width(geometry);
      double fx = focal * geometry.resized().width() / geometry.original().width();
      double fy = focal * geometry.resized().height() / geometry.original().height();
      double cx = geometry.network().width() / 2.0;
      double cy = geometry.network().height() / 2.0;
      int i = random.nextInt(geometry.network().width());
      int j = random.nextInt(geometry.network().height());
      double depth = 1 + 9 * random.nextDouble();
      Vec3 xInCamera = new Vec3((i - cx) * depth / fx, (j - cy) * depth / fy, depth);

      Intrinsics camera = geometry.atOriginalSize(fx, fy, cx, cy);

      double[] pixel = camera.project(xInCamera);
      assertThat(pixel[0]).isEqualTo(geometry.originalU(i + 0.5), within(ROUNDING_PIXELS));
      assertThat(pixel[1]).isEqualTo(geometry.originalV(j + 0.5), within(ROUNDING_PIXELS));
    }
  }

  @Test
  void intrinsicsAreThoseOfTheOriginalAndKeepTheProductOfTheFocalLengths() {
    InputGeometry half = new NetworkInput(Mode.CROP, 518, 14, 1).geometry(new ImageSize(1036, 784));

    Intrinsics camera = half.atOriginalSize(300, 400, 258.5, 195.5);

    assertThat(camera.width()).isEqualTo(1036);
    assertThat(camera.height()).isEqualTo(784);
    assertThat(camera.focalPixels()).isEqualTo(Math.sqrt(600.0 * 800.0), within(ROUNDING_PIXELS));
    assertThat(camera.cx()).isEqualTo(518);
    assertThat(camera.cy()).isEqualTo(392);
    assertThat(camera.k1()).isZero();
  }

  @Test
  void geometryThatDoesNotFitIsWrongUsage() {
    ImageSize size = new ImageSize(28, 14);
    PixelBox all = PixelBox.all(size);

    assertThatThrownBy(() -> new InputGeometry(size, size, new PixelBox(1, 0, 28, 14), size, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Kept part must lie in the 28 x 14 pixels of the photo, was 28 x 14 at (1, 0)");
    assertThatThrownBy(() -> new InputGeometry(size, size, all, size, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Kept part of 28 x 14 pixels must fit into 28 x 14 pixels behind padding of 0 and 1");
    assertThatThrownBy(
            () -> new InputGeometry(size, size, all, size, 0, 0).centeredIn(new ImageSize(28, 13)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot pad 28 x 14 pixels to 28 x 13: they do not fit");
  }

  @Test
  void placeOfAnotherPhotoIsWrongUsage() {
    InputGeometry geometry = NetworkInput.defaults().geometry(new ImageSize(640, 480));

    assertThatThrownBy(() -> new InputPlan.Planned(SampleView.of("a.jpg", 480, 640, 6), geometry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot place photo a.jpg of 480 x 640 pixels: the geometry is for 640 x 480");
  }

  private static double width(InputGeometry geometry) {
    return geometry.original().width();
  }

  /** Of a photo among others of other shapes. */
  private InputGeometry randomGeometry(Mode mode) {
    ImageSize photo = new ImageSize(300 + random.nextInt(3000), 300 + random.nextInt(3000));
    InputGeometry alone =
        new NetworkInput(mode, 14 * (10 + random.nextInt(28)), 14, 1).geometry(photo);
    ImageSize set =
        new ImageSize(
            alone.network().width() + random.nextInt(50),
            alone.network().height() + random.nextInt(50));
    return alone.centeredIn(set);
  }
}
