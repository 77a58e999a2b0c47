package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Scalar;
import org.opencv.imgcodecs.Imgcodecs;

class PhotoDecoderTest {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;
  private static final int BLUE = 0x2040c0;
  private static final int RED = 0xd03010;

  /** JPEG and CMYK-free colour conversions round to a few levels. */
  private static final int LEVELS = 6;

  private final PhotoDecoder decoder = new PhotoDecoder(PhotoDecoder.Config.defaults());

  @BeforeAll
  static void load() {
    OpenCv.ensureLoaded();
  }

  /** The stored image is such that its upright form is red in the top left quarter only. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyExifOrientationIsTurnedUpright(int orientation) {
    boolean lying = orientation >= 5;
    int storedWidth = lying ? HEIGHT : WIDTH;
    int storedHeight = lying ? WIDTH : HEIGHT;
    byte[] png = encode(".png", stored(orientation, storedWidth, storedHeight));

    UprightPhoto photo = decoded(png, view(WIDTH, HEIGHT, orientation));

    assertThat(photo.width()).isEqualTo(WIDTH);
    assertThat(photo.height()).isEqualTo(HEIGHT);
    assertThat(photo.rgbAt(WIDTH / 4.0, HEIGHT / 4.0)).isEqualTo(RED);
    assertThat(photo.rgbAt(3 * WIDTH / 4.0, HEIGHT / 4.0)).isEqualTo(BLUE);
    assertThat(photo.rgbAt(WIDTH / 4.0, 3 * HEIGHT / 4.0)).isEqualTo(BLUE);
    assertThat(photo.rgbAt(3 * WIDTH / 4.0, 3 * HEIGHT / 4.0)).isEqualTo(BLUE);
  }

  /** Exif 2.32, 4.6.4: far means that row (column) 0 shows the bottom or right of the scene. */
  private static Mat stored(int orientation, int width, int height) {
    boolean firstRowIsFar = List.of(3, 4, 6, 7).contains(orientation);
    boolean firstColumnIsFar = List.of(2, 3, 7, 8).contains(orientation);
    Mat image = new Mat(height, width, CvType.CV_8UC3);
    byte[] bgr = new byte[3 * width * height];
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        boolean nearRow = row < height / 2 != firstRowIsFar;
        boolean nearColumn = column < width / 2 != firstColumnIsFar;
        int rgb = nearRow && nearColumn ? RED : BLUE;
        int at = 3 * (row * width + column);
        bgr[at] = (byte) rgb;
        bgr[at + 1] = (byte) (rgb >> 8);
        bgr[at + 2] = (byte) (rgb >> 16);
      }
    }
    image.put(0, 0, bgr);
    return image;
  }

  @Test
  void largePhotoIsReducedAndItsPixelsScaleBack() {
    byte[] jpeg = encode(".jpg", stored(1, 1000, 600));
    PhotoDecoder small = new PhotoDecoder(new PhotoDecoder.Config(100));

    UprightPhoto photo = decoded(small, jpeg, view(1000, 600, 1));

    assertThat(photo.width()).isEqualTo(100);
    assertThat(photo.height()).isEqualTo(60);
    assertThat(photo.originalU(0)).isEqualTo(5, within(1e-12));
    assertThat(photo.originalV(59)).isEqualTo(595, within(1e-12));
    assertNear(photo.rgbAt(20, 20), RED);
    assertNear(photo.rgbAt(80, 20), BLUE);
  }

  @Test
  void centreOfTheTopLeftPixelIsAtOneHalf() {
    UprightPhoto photo = decoded(encode(".png", stored(1, WIDTH, HEIGHT)), view(WIDTH, HEIGHT, 1));

    assertThat(photo.originalU(0)).isEqualTo(0.5);
    assertThat(photo.originalV(0)).isEqualTo(0.5);
  }

  @Test
  void grayPhotoKeepsItsLevels() {
    Mat gray = new Mat(HEIGHT, WIDTH, CvType.CV_8UC1, new Scalar(141));

    UprightPhoto photo = decoded(encode(".jpg", gray), view(WIDTH, HEIGHT, 1));

    assertThat(photo.rgbAt(10, 10)).isEqualTo(141 << 16 | 141 << 8 | 141);
    assertThat(photo.gray()[500] & 0xff).isEqualTo(141);
  }

  @Test
  void sixteenBitPhotoIsReducedToEight() {
    for (String extension : List.of(".png", ".tiff")) {
      Mat deep = new Mat(HEIGHT, WIDTH, CvType.CV_16UC1, new Scalar(0x8d00));

      UprightPhoto photo = decoded(encode(extension, deep), view(WIDTH, HEIGHT, 1));

      assertThat(photo.gray()[0] & 0xff).isEqualTo(0x8d);
    }
  }

  @Test
  void cmykPhotoBecomesRgb() {
    UprightPhoto photo = decoded(SamplePhoto.cmykJpeg(WIDTH, HEIGHT, 200), view(WIDTH, HEIGHT, 1));

    assertNear(photo.rgbAt(40, 30), 0xc8c8c8);
  }

  @Test
  void emptyFileIsAValue() {
    assertUnreadable(new byte[0], PhotoDecoder.Reason.EMPTY_FILE, "a.jpg has no bytes");
  }

  @Test
  void fileThatIsNoImageIsAValue() {
    byte[] noise = new byte[5000];
    new Random(1).nextBytes(noise);

    assertUnreadable(
        noise, PhotoDecoder.Reason.UNDECODABLE, "a.jpg: no decoder accepts its 5000 bytes");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.9, 0.999})
  void jpegCutShortIsAValue(double share) {
    byte[] jpeg = encode(".jpg", stored(1, WIDTH, HEIGHT));

    assertUnreadable(
        Arrays.copyOf(jpeg, (int) (share * jpeg.length)),
        PhotoDecoder.Reason.TRUNCATED,
        "a.jpg ends before its end-of-image marker");
  }

  @Test
  void pngCutShortIsAValue() {
    byte[] png = encode(".png", stored(1, WIDTH, HEIGHT));

    PhotoDecoder.Outcome outcome =
        decoder.decode(Arrays.copyOf(png, png.length / 2), view(WIDTH, HEIGHT, 1));

    assertThat(outcome).isInstanceOf(PhotoDecoder.Outcome.Unreadable.class);
  }

  @Test
  void bytesAfterTheEndOfAJpegDoNotMatter() {
    byte[] jpeg = encode(".jpg", stored(1, WIDTH, HEIGHT));
    byte[] longer = Arrays.copyOf(jpeg, jpeg.length + 1000);

    assertThat(decoded(longer, view(WIDTH, HEIGHT, 1)).bgr())
        .isEqualTo(decoded(jpeg, view(WIDTH, HEIGHT, 1)).bgr());
  }

  @Test
  void photoOfAnotherShapeThanItsViewIsAValue() {
    assertThat(decoder.decode(encode(".png", stored(1, HEIGHT, WIDTH)), view(WIDTH, HEIGHT, 1)))
        .isEqualTo(
            new PhotoDecoder.Outcome.Unreadable(
                PhotoDecoder.Reason.WRONG_SIZE, "a.jpg decodes to 64 x 96, its view says 96 x 64"));
  }

  private void assertUnreadable(byte[] bytes, PhotoDecoder.Reason reason, String detail) {
    assertThat(decoder.decode(bytes, view(WIDTH, HEIGHT, 1)))
        .isEqualTo(new PhotoDecoder.Outcome.Unreadable(reason, detail));
  }

  private static void assertNear(int rgb, int expected) {
    for (int shift = 0; shift <= 16; shift += 8) {
      assertThat(rgb >> shift & 0xff).isCloseTo(expected >> shift & 0xff, within(LEVELS));
    }
  }

  private UprightPhoto decoded(byte[] bytes, View view) {
    return decoded(decoder, bytes, view);
  }

  private static UprightPhoto decoded(PhotoDecoder decoder, byte[] bytes, View view) {
    PhotoDecoder.Outcome outcome = decoder.decode(bytes, view);
    assertThat(outcome).isInstanceOf(PhotoDecoder.Outcome.Decoded.class);
    return ((PhotoDecoder.Outcome.Decoded) outcome).photo();
  }

  private static byte[] encode(String extension, Mat image) {
    MatOfByte bytes = new MatOfByte();
    Imgcodecs.imencode(extension, image, bytes);
    image.release();
    byte[] file = bytes.toArray();
    bytes.release();
    return file;
  }

  private static View view(int width, int height, int orientation) {
    return SampleView.of("a.jpg", width, height, orientation);
  }
}
