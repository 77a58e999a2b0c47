package dev.tessera.tensor;

import static dev.tessera.tensor.RawSafetensors.file;
import static dev.tessera.tensor.RawSafetensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A file that is not whole and right is refused with one line that names it and says why. */
class BadSafetensorsTest {
  private static final String PICKLE_REASON = "only safetensors files are read";

  @TempDir Path folder;

  private static byte[] one(String dtype, String shape, int begin, int end, int dataBytes) {
    return file("{" + tensor("x", dtype, shape, begin, end) + "}", new byte[dataBytes]);
  }

  private static byte[] two(String first, String second, int dataBytes) {
    return file("{" + first + "," + second + "}", new byte[dataBytes]);
  }

  private static byte[] padded(int... start) {
    byte[] bytes = new byte[64];
    for (int i = 0; i < start.length; i++) {
      bytes[i] = (byte) start[i];
    }
    return bytes;
  }

  static Stream<Arguments> sizes() {
    byte[] good = one("F32", "[3]", 0, 12, 12);
    return Stream.of(
        arguments("empty file", new byte[0], "the file is empty"),
        arguments("three bytes", new byte[3], "3 bytes are too few"),
        arguments("length alone", Arrays.copyOf(good, 8), "8 bytes are too few"),
        arguments("header cut", Arrays.copyOf(good, 30), "is cut short, the file has 30"),
        arguments(
            "data cut",
            Arrays.copyOf(good, good.length - 1),
            "tensor 'x' ends at byte 12 of the data and the file holds 11: it is cut short"),
        arguments(
            "data left over",
            Arrays.copyOf(good, good.length + 5),
            "5 bytes after the last tensor belong to none"),
        arguments(
            "negative length", file(-1, new byte[64]), "header would have 18446744073709551615"),
        arguments("huge length", file(1L << 40, new byte[64]), "header would have 1099511627776"),
        arguments("length 0", file(0, new byte[64]), "does not begin with a brace"),
        arguments("photo", padded(0xff, 0xd8, 0xff, 0xe0, 0, 16), "not a safetensors file"),
        arguments("new pickle", padded('P', 'K', 3, 4, 0, 0, 8, 8), PICKLE_REASON),
        arguments("old pickle", padded(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46), PICKLE_REASON),
        arguments(
            "pointer",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
                .getBytes(StandardCharsets.US_ASCII),
            "git lfs pull"));
  }

  static Stream<Arguments> headers() {
    return Stream.of(
        arguments("no JSON", file("{\"x\":"), "its header is not valid JSON"),
        arguments("comment", file("{/* */}"), "its header is not valid JSON"),
        arguments("second object", file("{}{}"), "its header is not valid JSON"),
        arguments("NUL padding", file("{}\0\0"), "its header is not valid JSON"),
        arguments(
            "not UTF-8",
            file(6, new byte[] {'{', '"', (byte) 0xff, '"', '}', ' '}),
            "its header is not UTF-8"),
        arguments("number for tensor", file("{\"x\":3}"), "tensor 'x' must be an object, is NUM"),
        arguments("nothing known", file("{\"x\":{}}"), "must have a dtype, a shape and two"),
        arguments("metadata", file("{\"__metadata__\":{\"a\":1}}"), "must be a string, is NUMBER"),
        arguments("dtype", one("F31", "[3]", 0, 12, 12), "dtype of tensor 'x' is 'F31', known are"),
        arguments("case of dtype", one("f32", "[3]", 0, 12, 12), "is 'f32', known are [BOOL, U8"),
        arguments("negative", one("F32", "[-3]", 0, 12, 12), "must not be negative, was [-3]"),
        arguments("fraction", one("F32", "[3.5]", 0, 12, 12), "'3.5', which is not a whole number"),
        arguments("exponent", one("F32", "[3e0]", 0, 12, 12), "'3e0', which is not a whole number"),
        arguments("word", one("F32", "[\"3\"]", 0, 12, 12), "must be whole numbers, is STRING"),
        arguments("wide", one("F32", "[9223372036854775808]", 0, 4, 4), "which is above 2^63"),
        arguments(
            "product", one("U8", "[4294967296,4294967296,3]", 0, 0, 0), "must be below 2^63 bytes"),
        arguments("bytes", one("F64", "[2305843009213693952]", 0, 0, 0), "below 2^63 bytes"),
        arguments("size", one("F32", "[3]", 0, 8, 8), "has 8 bytes, but [3] of F32 take 12"),
        arguments("scalar", one("F32", "[]", 0, 8, 8), "has 8 bytes, but [] of F32 take 4"),
        arguments("backwards", one("F32", "[3]", 12, 0, 12), "are [12, 0], not an interval"),
        arguments("before the data", one("F32", "[3]", -4, 8, 12), "are [-4, 8], not an interval"),
        arguments("hole", one("F32", "[3]", 4, 16, 16), "begins at byte 4 of the data, after"),
        arguments(
            "overlap",
            two(tensor("x", "U8", "[4]", 0, 4), tensor("y", "U8", "[4]", 2, 6), 6),
            "tensor 'y' begins at byte 2 of the data, before byte 4"),
        arguments(
            "name twice",
            two(tensor("x", "U8", "[4]", 0, 4), tensor("x", "U8", "[4]", 4, 8), 8),
            "its header has 'x' twice"),
        arguments(
            "field twice",
            file("{\"x\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}"),
            "tensor 'x' has 'dtype' twice"),
        arguments(
            "three offsets",
            file("{\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0,0]}}"),
            "two data_offsets"),
        arguments("lines", file("{\"a\\nb\":3}"), "tensor 'a?b' must be an object"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"sizes", "headers"})
  void isRefusedInOneLine(String name, byte[] content, String why) throws IOException {
    Path path = Files.write(folder.resolve("bad.safetensors"), content);

    assertThatThrownBy(() -> Safetensors.open(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read " + path + ": ")
        .hasMessageContaining(why)
        .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\n"));
  }

  @Test
  void namesAPathThatIsNoFile() {
    assertThatThrownBy(() -> Safetensors.open(folder.resolve("x.safetensors")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("x.safetensors: no such file");
    assertThatThrownBy(() -> Safetensors.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(": it is not a file");
  }

  /** A header of 640 bytes begins as a pickle does. */
  @Test
  void headerLengthThatLooksLikeAPickleIsNone() throws IOException {
    String header = "%-640s".formatted("{" + tensor("x", "U8", "[1]", 0, 1) + "}");
    Path path = Files.write(folder.resolve("good.safetensors"), file(header, (byte) 7));

    try (Safetensors opened = Safetensors.open(path)) {
      assertThat(opened.byteArray("x")).containsExactly(7);
    }
  }

  @Test
  void damageIsRefusedOrHarmless() throws IOException {
    byte[] whole = sample();
    Path path = folder.resolve("damaged.safetensors");
    Random random = new Random(5);
    int refused = 0;
    int trials = 2000;
    for (int trial = 0; trial < trials; trial++) {
      Files.write(path, damaged(whole, random));
      try (Safetensors opened = Safetensors.open(path)) {
        opened.names().forEach(opened::byteArray);
      } catch (IllegalArgumentException refusal) {
        refused++;
        assertThat(refusal.getMessage()).startsWith("Cannot read " + path).doesNotContain("\n");
      }
    }
    assertThat(refused).isBetween(trials / 2, trials - 1);
  }

  private byte[] sample() throws IOException {
    Path path = folder.resolve("whole.safetensors");
    List<TensorInfo> tensors =
        List.of(
            TensorInfo.of("weight", DType.F32, 2, 3),
            TensorInfo.of("index", DType.I64, 2),
            TensorInfo.of("scale", DType.BF16),
            TensorInfo.of("nothing", DType.U8, 0, 5));
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(path, tensors, Map.of("format", "pt"))) {
      writer.write("weight", new float[] {1, 2, 3, 4, 5, 6});
      writer.write("index", new long[] {-1, 9});
      writer.write("scale", new float[] {0.5f});
      writer.finish();
    }
    return Files.readAllBytes(path);
  }

  /** Flips bits or changes bytes, mostly of the header, or cuts or lengthens the file. */
  private static byte[] damaged(byte[] whole, Random random) {
    int kind = random.nextInt(8);
    if (kind < 2) {
      return Arrays.copyOf(whole, random.nextInt(whole.length + 16));
    }
    byte[] bytes = whole.clone();
    for (int change = random.nextInt(3); change >= 0; change--) {
      int at = random.nextInt(kind < 4 ? Long.BYTES + 2 : whole.length);
      bytes[at] =
          (byte) (random.nextBoolean() ? bytes[at] ^ 1 << random.nextInt(8) : random.nextInt(256));
    }
    return bytes;
  }
}
