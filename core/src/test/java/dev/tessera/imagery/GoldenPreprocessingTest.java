package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.imagery.NetworkInput.Mode;
import dev.tessera.imagery.PreprocTensors.Tensor;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;

/** What the reference makes of the golden images, bit for bit. */
class GoldenPreprocessingTest {
  private static final int PATCH = 14;

  @ParameterizedTest
  @CsvSource({
    "case.0, a_97x61.png, CROP, 112, 1",
    "case.1, a_97x61.png, PAD, 112, 1",
    "case.2, b_123x200.jpg, CROP, 112, 1",
    "case.3, b_123x200.jpg, PAD, 112, 1",
    "case.4, c_50x41_rgba.png, CROP, 112, 1",
    "case.5, c_50x41_rgba.png, PAD, 112, 1",
    "case.6, d_64x48_gray.png, CROP, 112, 1",
    "case.7, d_64x48_gray.png, PAD, 112, 1",
    "case.8, e_200x77_palette.png, CROP, 112, 1",
    "case.9, e_200x77_palette.png, PAD, 112, 1",
    "case.12, g_30x500.png, CROP, 112, 1",
    "case.13, h_120x90.png, CROP, 112, 1",
    "case.14, h_120x90.png, PAD, 112, 1",
    "case.15, a_97x61.png b_123x200.jpg d_64x48_gray.png, CROP, 84, 1",
    "case.16, a_97x61.png b_123x200.jpg c_50x41_rgba.png, PAD, 56, 0",
    "case.19, g_30x500.png, CROP, 56, 1",
    "eval.a_97x61.png.70, a_97x61.png, FIT, 70, 1",
    "eval.b_123x200.jpg.112, b_123x200.jpg, FIT, 112, 1",
    "eval.h_120x90.png.210, h_120x90.png, FIT, 210, 1",
  })
  void preparedPhotosAreThoseOfTheReference(
      String tensor, String files, Mode mode, int target, double padValue) {
    NetworkInput input = new NetworkInput(mode, target, PATCH, padValue);

    assertThat(largestDifference(PreprocTensors.bundled(), tensor, files, input)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "case.10, f_300x225.jpg, CROP, 112",
    "case.11, f_300x225.jpg, PAD, 112",
    "case.17, h_120x90.png, CROP, 518",
    "case.18, f_300x225.jpg, CROP, 70",
    "eval.f_300x225.jpg.154, f_300x225.jpg, FIT, 154",
  })
  void largerOnesToo(String tensor, String files, Mode mode, int target) {
    NetworkInput input = new NetworkInput(mode, target, PATCH, 1);

    assertThat(largestDifference(PreprocTensors.shared(), tensor, files, input)).isZero();
  }

  /** If this fails while the PNG cases hold, the JPEG library decodes in another way. */
  @ParameterizedTest
  @ValueSource(strings = {"b_123x200.jpg", "f_300x225.jpg"})
  void jpegIsDecodedAsByTheReference(String file) {
    PreprocTensors golden = PreprocTensors.shared();
    Tensor expected = golden.tensor("decoded." + file); // (height, width, 3), red first

    byte[] bgr = decoded(golden.file(file));

    int largest = 0;
    for (int i = 0; i < bgr.length; i++) {
      int mirrored = i - i % 3 + 2 - i % 3;
      largest = Math.max(largest, Math.abs((expected.values()[i] & 0xff) - (bgr[mirrored] & 0xff)));
    }
    assertThat(bgr).hasSameSizeAs(expected.values());
    assertThat(largest).isZero();
  }

  @Test
  void photoThatTheReferenceCannotPrepareIsRefused() {
    NetworkInput input = new NetworkInput(Mode.PAD, 112, PATCH, 1);
    View view = SampleView.of("g.png", 30, 500, 1);

    InputPlan plan = input.plan(List.of(view));

    assertThat(plan.photos()).isEmpty();
    assertThat(plan.size()).isEmpty();
    assertThat(plan.refused())
        .containsExactly(
            new InputPlan.Refused(
                view,
                "Cannot prepare photo g.png: 30 x 500 pixels become 7 x 112, 0 patches of 14 wide"));
  }

  private static byte[] decoded(byte[] file) {
    OpenCv.ensureLoaded();
    try (MatScope scope = new MatScope()) {
      Mat image =
          scope.own(Imgcodecs.imdecode(scope.own(new MatOfByte(file)), Imgcodecs.IMREAD_COLOR));
      byte[] bgr = new byte[(int) (3 * image.total())];
      image.get(0, 0, bgr);
      return bgr;
    }
  }

  /** Largest difference in levels of 1/255, infinite if the shapes differ. */
  private static double largestDifference(
      PreprocTensors golden, String tensor, String files, NetworkInput input) {
    Tensor expected = golden.tensor(tensor);
    List<String> names = List.of(files.split(" ", -1));
    InputPlan plan = input.plan(names.stream().map(GoldenPreprocessingTest::view).toList());
    FloatBuffer values = FloatBuffer.allocate(expected.values().length);
    for (int i = 0; i < names.size(); i++) {
      prepare(input, golden.file(names.get(i)), plan.photos().get(i)).writeTo(values);
    }
    assertThat(values.hasRemaining()).as("shape").isFalse();
    boolean planar = tensor.startsWith("case");
    ImageSize size = plan.size().orElseThrow();
    assertThat(expected.shape())
        .isEqualTo(
            planar
                ? new int[] {names.size(), 3, size.height(), size.width()}
                : new int[] {size.height(), size.width(), 3});
    int plane = size.width() * size.height();
    double largest = 0;
    for (int i = 0; i < expected.values().length; i++) {
      int at = planar ? i : i % 3 * plane + i / 3;
      float value = (expected.values()[i] & 0xff) / 255f;
      largest = Math.max(largest, 255.0 * Math.abs(values.get(at) - value));
    }
    System.out.printf("%s: largest difference %s levels%n", tensor, largest);
    return largest;
  }

  private static NetworkPhoto prepare(NetworkInput input, byte[] file, InputPlan.Planned photo) {
    NetworkPhotoDecoder.Outcome outcome = new NetworkPhotoDecoder(input).decode(file, photo);
    assertThat(outcome).isInstanceOf(NetworkPhotoDecoder.Outcome.Prepared.class);
    return ((NetworkPhotoDecoder.Outcome.Prepared) outcome).photo();
  }

  /** Names end in the size: {@code a_97x61.png}. */
  private static View view(String name) {
    int[] size =
        Stream.of(name.split("[_x.]", -1))
            .filter(part -> part.matches("\\d+"))
            .mapToInt(Integer::parseInt)
            .toArray();
    return SampleView.of(name, size[0], size[1], 1);
  }
}
