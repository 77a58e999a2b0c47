package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.imagery.NetworkInput.Mode;
import dev.tessera.imagery.NetworkPhotoDecoder.Outcome;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Scalar;
import org.opencv.imgcodecs.Imgcodecs;

/** From files to the input of a network: orientation, place, transparency, depth, bad files. */
class NetworkPhotoDecoderTest {
  private static final int WIDTH = 300;
  private static final int HEIGHT = 200;
  private static final ImageSize SIZE = new ImageSize(WIDTH, HEIGHT);

  /** Pixels at the border of the photo, where the kernel sees only one side of a slope. */
  private static final int BORDER = 4;

  /**
   * Two roundings to levels, each unbiased: the mean over a thousand pixels is good to a hundredth
   * of a level. A shift of half a pixel of the network's input would be 255 / 112 / 2 levels.
   */
  private static final double MEAN_ERROR_LEVELS = 0.1;

  private static final NetworkInput INPUT = new NetworkInput(Mode.PAD, 112, 14, 0.5);

  @BeforeAll
  static void load() {
    OpenCv.ensureLoaded();
  }

  /** Red is the position across, green the position down. */
  @ParameterizedTest
  @CsvSource({"CROP, false", "CROP, true", "PAD, false", "PAD, true", "FIT, false", "FIT, true"})
  void everyPixelShowsThePlaceThatTheGeometrySays(Mode mode, boolean portrait) {
    ImageSize size = portrait ? new ImageSize(HEIGHT, WIDTH) : SIZE;
    View view = SampleView.of("a.png", size.width(), size.height(), 1);
    NetworkInput input = new NetworkInput(mode, 112, 14, 1);

    NetworkPhoto photo = prepared(input, png(slopes(size), size), view);

    InputGeometry geometry = photo.geometry();
    PixelBox valid = geometry.valid();
    double across = 0;
    double down = 0;
    int count = 0;
    for (int row = valid.top() + BORDER; row < valid.top() + valid.height() - BORDER; row++) {
      for (int x = valid.left() + BORDER; x < valid.left() + valid.width() - BORDER; x++) {
        int rgb = photo.rgbAt(x, row);
        across += (rgb >> 16) - 255 * geometry.originalU(x + 0.5) / size.width();
        down += (rgb >> 8 & 0xff) - 255 * geometry.originalV(row + 0.5) / size.height();
        count++;
      }
    }
    assertThat(across / count).isCloseTo(0, within(MEAN_ERROR_LEVELS));
    assertThat(down / count).isCloseTo(0, within(MEAN_ERROR_LEVELS));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8})
  void storedOrientationMakesNoDifference(int orientation) {
    byte[] upright = noise(SIZE);
    View view = SampleView.of("a.png", WIDTH, HEIGHT, orientation);
    boolean lying = orientation >= 5;
    ImageSize storedSize = lying ? new ImageSize(HEIGHT, WIDTH) : SIZE;
    byte[] stored = png(stored(upright, orientation, storedSize), storedSize);

    NetworkPhoto photo = prepared(INPUT, stored, view);

    assertThat(photo.planes()).isEqualTo(preparedUpright(upright).planes());
  }

  @Test
  void valuesAreLevelsOf255AndPaddingIsThePadValue() {
    NetworkPhoto photo = preparedUpright(noise(SIZE));

    float[] values = values(photo);

    PixelBox valid = photo.geometry().valid();
    assertThat(valid).hasToString("112 x 70 at (0, 21)");
    assertThat(values).hasSize(3 * 112 * 112);
    int from = 0;
    for (int i = 0; i < values.length; i++) {
      boolean padding = !valid.contains(i % 112, i / 112 % 112);
      float expected = padding ? 0.5f : (photo.planes()[from++] & 0xff) / 255f;
      assertThat(values[i]).isEqualTo(expected);
    }
  }

  @Test
  void paddingHasNoColor() {
    NetworkPhoto photo = preparedUpright(noise(SIZE));

    assertThatThrownBy(() -> photo.rgbAt(3, 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot take the colour of pixel (3, 20): the photo fills 112 x 70 at (0, 21)");
  }

  /** Half of 0x40 over a background of int(255 * 0.5): (64 * 128 + 127 * 127) / 255 = 95.4. */
  @ParameterizedTest
  @ValueSource(ints = {8, 16})
  void alphaIsLaidOverThePadValue(int bits) {
    int type = bits == 8 ? CvType.CV_8UC4 : CvType.CV_16UC4;
    int step = bits == 8 ? 1 : 256;
    int below = step - 1; // the low byte does not matter
    Scalar color = new Scalar(0, 0x40 * step + below, 255 * step + below, 128 * step + below);
    Mat image = new Mat(HEIGHT, WIDTH, type, color);

    NetworkPhoto photo = prepared(INPUT, encode(".png", image), upright());

    assertThat(photo.rgbAt(50, 50)).isEqualTo(191 << 16 | 95 << 8 | 63);
  }

  /** As in the reference: only an alpha channel of a colour image counts. */
  @Test
  void transparentEntriesOfAPaletteKeepTheirColor() throws IOException {
    byte[] level = {10, 20};
    byte[] alpha = {0, (byte) 255};
    IndexColorModel palette = new IndexColorModel(8, 2, level, level, level, alpha);
    BufferedImage image =
        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_INDEXED, palette);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);

    NetworkPhoto photo = prepared(INPUT, png.toByteArray(), upright());

    assertThat(photo.rgbAt(50, 50)).isEqualTo(0x0a0a0a);
  }

  @ParameterizedTest
  @ValueSource(strings = {"16-bit PNG", "16-bit TIFF", "CMYK JPEG"})
  void deepAndCmykPhotosAreReducedAsByThePhotoDecoder(String kind) {
    byte[] file = unusual(kind);
    PhotoDecoder other = new PhotoDecoder(PhotoDecoder.Config.defaults());

    NetworkPhoto photo = prepared(INPUT, file, upright());

    UprightPhoto expected = ((PhotoDecoder.Outcome.Decoded) other.decode(file, upright())).photo();
    assertThat(photo.rgbAt(50, 50)).isEqualTo(expected.rgbAt(50, 50));
  }

  private static byte[] unusual(String kind) {
    if (kind.startsWith("CMYK")) {
      return SamplePhoto.cmykJpeg(WIDTH, HEIGHT, 200);
    }
    Mat deep = new Mat(HEIGHT, WIDTH, CvType.CV_16UC3, new Scalar(0x10ff, 0x2080, 0x3000));
    return encode(kind.endsWith("PNG") ? ".png" : ".tiff", deep);
  }

  @Test
  void filesThatCannotBeReadAreTheValuesThatThePhotoDecoderGives() {
    byte[] jpeg = encode(".jpg", new Mat(HEIGHT, WIDTH, CvType.CV_8UC3, new Scalar(1, 2, 3)));
    byte[] noise = new byte[5000];
    new Random(1).nextBytes(noise);
    PhotoDecoder other = new PhotoDecoder(PhotoDecoder.Config.defaults());
    List<byte[]> files =
        List.of(new byte[0], noise, Arrays.copyOf(jpeg, jpeg.length / 2), new byte[] {1});
    for (byte[] file : files) {
      PhotoDecoder.Outcome.Unreadable expected =
          (PhotoDecoder.Outcome.Unreadable) other.decode(file, upright());

      assertThat(decode(INPUT, file, upright()))
          .isEqualTo(new Outcome.Unreadable(expected.reason(), expected.detail()));
    }
  }

  /** One row of pixels less than planned would move all that follows. */
  @Test
  void photoOfAnotherSizeThanItsViewIsAValue() {
    ImageSize smaller = new ImageSize(WIDTH, HEIGHT - 1);

    assertThat(decode(INPUT, png(noise(smaller), smaller), upright()))
        .isEqualTo(
            new Outcome.Unreadable(
                PhotoDecoder.Reason.WRONG_SIZE,
                "a.png decodes to 300 x 199, its view says 300 x 200"));
  }

  /**
   * Moved by one pixel of the network's input in any direction, a real photo agrees less with what
   * it was made from. Stored lying or not, the header decides.
   */
  @ParameterizedTest
  @CsvSource({
    "brighton_beach/images/DJI_0018.jpg, 1",
    "brighton_beach/images/DJI_0018.jpg, 6",
    "lund/images/01.jpg, 1",
    "lund/images/01.jpg, 8",
    "kitti06_0-50/images/000000.jpg, 1",
    "kitti06_0-50/images/000000.jpg, 3",
  })
  void realPhotoLiesWhereTheGeometrySays(String file, int orientation) throws IOException {
    byte[] jpeg =
        SamplePhoto.of(1, 1)
            .orientation(orientation)
            .exifInto(Files.readAllBytes(SharedPhotos.path(file)));
    PhotoOutcome read = new PhotoReader(PhotoReader.Config.defaults()).read(file, file, jpeg);
    View view = ((PhotoOutcome.Accepted) read).view();
    UprightPhoto original =
        ((PhotoDecoder.Outcome.Decoded)
                new PhotoDecoder(new PhotoDecoder.Config(1036)).decode(jpeg, view))
            .photo();
    for (Mode mode : Mode.values()) {
      NetworkPhoto photo = prepared(new NetworkInput(mode, 518, 14, 1), jpeg, view);

      double inPlace = disagreement(photo, original, view, 0, 0);

      for (int dy = -1; dy <= 1; dy++) {
        for (int dx = -1; dx <= 1; dx++) {
          if (dx != 0 || dy != 0) {
            assertThat(disagreement(photo, original, view, dx, dy))
                .as("%s moved by (%d, %d)", mode, dx, dy)
                .isGreaterThan(inPlace);
          }
        }
      }
    }
  }

  /**
   * Mean difference of green to the photo's colour, moved by whole pixels of the network's input.
   */
  private static double disagreement(
      NetworkPhoto photo, UprightPhoto original, View view, int dx, int dy) {
    InputGeometry geometry = photo.geometry();
    PixelBox valid = geometry.valid();
    double scaleX = (double) original.width() / view.width();
    double scaleY = (double) original.height() / view.height();
    double sum = 0;
    int count = 0;
    for (int row = valid.top() + BORDER; row < valid.top() + valid.height() - BORDER; row++) {
      for (int x = valid.left() + BORDER; x < valid.left() + valid.width() - BORDER; x++) {
        double u = geometry.originalU(x + dx + 0.5);
        double v = geometry.originalV(row + dy + 0.5);
        int there = original.rgbAt(u * scaleX - 0.5, v * scaleY - 0.5);
        sum += Math.abs((photo.rgbAt(x, row) >> 8 & 0xff) - (there >> 8 & 0xff));
        count++;
      }
    }
    return sum / count;
  }

  private static View upright() {
    return SampleView.of("a.png", WIDTH, HEIGHT, 1);
  }

  private static NetworkPhoto preparedUpright(byte[] bgr) {
    return prepared(INPUT, png(bgr, SIZE), upright());
  }

  private static NetworkPhoto prepared(NetworkInput input, byte[] file, View view) {
    Outcome outcome = decode(input, file, view);
    assertThat(outcome).isInstanceOf(Outcome.Prepared.class);
    return ((Outcome.Prepared) outcome).photo();
  }

  private static Outcome decode(NetworkInput input, byte[] file, View view) {
    InputPlan plan = input.plan(List.of(view));
    return new NetworkPhotoDecoder(input).decode(file, plan.photos().get(0));
  }

  private static float[] values(NetworkPhoto photo) {
    FloatBuffer values = FloatBuffer.allocate(photo.valueCount());
    photo.writeTo(values);
    return values.array();
  }

  private static byte[] noise(ImageSize size) {
    byte[] pixels = new byte[3 * size.width() * size.height()];
    new Random(8).nextBytes(pixels);
    return pixels;
  }

  /** Levels rise from 0 at the left to 255 at the right in red, downwards in green. */
  private static byte[] slopes(ImageSize size) {
    byte[] bgr = new byte[3 * size.width() * size.height()];
    for (int y = 0; y < size.height(); y++) {
      for (int x = 0; x < size.width(); x++) {
        int at = 3 * (y * size.width() + x);
        bgr[at + 1] = (byte) Math.round(255 * (y + 0.5) / size.height());
        bgr[at + 2] = (byte) Math.round(255 * (x + 0.5) / size.width());
      }
    }
    return bgr;
  }

  /** The stored pixels of an upright photo (Exif 2.32, 4.6.4: what row 0 and column 0 show). */
  private static byte[] stored(byte[] upright, int orientation, ImageSize stored) {
    boolean fromBottom = List.of(3, 4, 7, 8).contains(orientation);
    boolean fromRight = List.of(2, 3, 6, 7).contains(orientation);
    byte[] pixels = new byte[upright.length];
    for (int row = 0; row < stored.height(); row++) {
      for (int column = 0; column < stored.width(); column++) {
        int x = orientation >= 5 ? row : column;
        int y = orientation >= 5 ? column : row;
        int atX = fromRight ? WIDTH - 1 - x : x;
        int atY = fromBottom ? HEIGHT - 1 - y : y;
        System.arraycopy(
            upright, 3 * (atY * WIDTH + atX), pixels, 3 * (row * stored.width() + column), 3);
      }
    }
    return pixels;
  }

  private static byte[] png(byte[] bgr, ImageSize size) {
    Mat image = new Mat(size.height(), size.width(), CvType.CV_8UC3);
    image.put(0, 0, bgr);
    return encode(".png", image);
  }

  private static byte[] encode(String extension, Mat image) {
    try (MatScope scope = new MatScope()) {
      MatOfByte file = scope.own(new MatOfByte());
      Imgcodecs.imencode(extension, scope.own(image), file);
      return file.toArray();
    }
  }
}
