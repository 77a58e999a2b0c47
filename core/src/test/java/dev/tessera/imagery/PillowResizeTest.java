package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Laws of resizing, on seeded random sizes up and down; golden bytes have their own test. */
class PillowResizeTest {
  private static final int TRIALS = 40;
  private static final int LONGEST_SIDE = 90;

  /** Mirrored weights may differ in the last of their 22 bits, and so tip one rounding. */
  private static final int FLIP_ERROR_LEVELS = 1;

  private final Random random = new Random(11);

  @ParameterizedTest
  @EnumSource
  void imageOfOneColorKeepsIt(ResizeFilter filter) {
    for (int trial = 0; trial < TRIALS; trial++) {
      ImageSize from = size();
      byte[] color = noise(new ImageSize(1, 1));

      byte[] resized = resize(tiled(color, from), from, size(), filter);

      assertThat(resized).isEqualTo(tiled(color, resized.length / 3));
    }
  }

  @ParameterizedTest
  @EnumSource
  void imageOfTheSameSizeIsTheSame(ResizeFilter filter) {
    for (int trial = 0; trial < TRIALS; trial++) {
      ImageSize size = size();
      byte[] pixels = noise(size);

      assertThat(resize(pixels, size, size, filter)).isEqualTo(pixels);
    }
  }

  @ParameterizedTest
  @EnumSource
  void flippedImageGivesTheFlippedResult(ResizeFilter filter) {
    for (int trial = 0; trial < TRIALS; trial++) {
      ImageSize from = size();
      ImageSize to = size();
      byte[] pixels = noise(from);

      byte[] resized = resize(pixels, from, to, filter);
      byte[] ofFlipped = resize(flipped(pixels, from), from, to, filter);

      assertThat(largestDifference(ofFlipped, flipped(resized, to)))
          .isLessThanOrEqualTo(FLIP_ERROR_LEVELS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPartIsThatPartOfTheWhole(ResizeFilter filter) {
    for (int trial = 0; trial < TRIALS; trial++) {
      ImageSize from = size();
      ImageSize to = size();
      byte[] pixels = noise(from);
      int left = random.nextInt(to.width());
      int top = random.nextInt(to.height());
      PixelBox part =
          new PixelBox(
              left,
              top,
              1 + random.nextInt(to.width() - left),
              1 + random.nextInt(to.height() - top));

      byte[] alone = new PillowResize(from, to, part, filter).apply(pixels);

      assertThat(alone).isEqualTo(cut(resize(pixels, from, to, filter), to, part));
    }
  }

  @ParameterizedTest
  @EnumSource
  void channelsDoNotMix(ResizeFilter filter) {
    for (int trial = 0; trial < TRIALS; trial++) {
      ImageSize from = size();
      ImageSize to = size();
      byte[] pixels = noise(from);

      byte[] resized = resize(reversedChannels(pixels), from, to, filter);

      assertThat(resized).isEqualTo(reversedChannels(resize(pixels, from, to, filter)));
    }
  }

  @Test
  void overshootIsClippedAndDoesNotWrap() {
    ImageSize from = new ImageSize(20, 1);
    byte[] edge = new byte[60];
    Arrays.fill(edge, 30, 60, (byte) 255);

    byte[] resized = resize(edge, from, new ImageSize(100, 1), ResizeFilter.LANCZOS3);

    assertThat(Arrays.copyOf(resized, 90)).containsOnly(0);
    assertThat(Arrays.copyOfRange(resized, 210, 300)).containsOnly(255);
  }

  @Test
  void partOutsideTheResultIsWrongUsage() {
    ImageSize size = new ImageSize(10, 20);

    assertThatThrownBy(
            () -> new PillowResize(size, size, new PixelBox(5, 0, 6, 20), ResizeFilter.BICUBIC))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot resize to 10 x 20 and keep 6 x 20 at (5, 0): it is not inside");
  }

  @Test
  void bytesOfAnotherSizeAreWrongUsage() {
    ImageSize size = new ImageSize(10, 20);

    assertThatThrownBy(() -> resize(new byte[599], size, size, ResizeFilter.BICUBIC))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot resize: 599 bytes are not 10 x 20 pixels of 3 bytes");
  }

  private static byte[] resize(byte[] pixels, ImageSize from, ImageSize to, ResizeFilter filter) {
    return new PillowResize(from, to, PixelBox.all(to), filter).apply(pixels);
  }

  private ImageSize size() {
    return new ImageSize(1 + random.nextInt(LONGEST_SIDE), 1 + random.nextInt(LONGEST_SIDE));
  }

  private byte[] noise(ImageSize size) {
    byte[] pixels = new byte[3 * size.width() * size.height()];
    random.nextBytes(pixels);
    return pixels;
  }

  private static byte[] tiled(byte[] color, ImageSize size) {
    return tiled(color, size.width() * size.height());
  }

  private static byte[] tiled(byte[] color, int pixels) {
    byte[] image = new byte[3 * pixels];
    for (int i = 0; i < image.length; i++) {
      image[i] = color[i % 3];
    }
    return image;
  }

  /** Left to right and top to bottom: the order of pixels is reversed. */
  private static byte[] flipped(byte[] pixels, ImageSize size) {
    byte[] flipped = new byte[pixels.length];
    int last = size.width() * size.height() - 1;
    for (int i = 0; i <= last; i++) {
      System.arraycopy(pixels, 3 * i, flipped, 3 * (last - i), 3);
    }
    return flipped;
  }

  private static byte[] reversedChannels(byte[] pixels) {
    byte[] reversed = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      reversed[i] = pixels[i - i % 3 + 2 - i % 3];
    }
    return reversed;
  }

  private static byte[] cut(byte[] pixels, ImageSize size, PixelBox part) {
    byte[] cut = new byte[3 * part.width() * part.height()];
    for (int y = 0; y < part.height(); y++) {
      int from = 3 * ((part.top() + y) * size.width() + part.left());
      System.arraycopy(pixels, from, cut, 3 * y * part.width(), 3 * part.width());
    }
    return cut;
  }

  private static int largestDifference(byte[] a, byte[] b) {
    int largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs((a[i] & 0xff) - (b[i] & 0xff)));
    }
    return largest;
  }
}
