package dev.tessera.tensor;

import static dev.tessera.tensor.RawSafetensors.file;
import static dev.tessera.tensor.RawSafetensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  private static final String CASE_C = "vggt_tiny.caseC_1x56x56.safetensors";

  /** Sums were taken in float64 in another order; the terms are below 10 and some ten thousand. */
  private static final double SUM_ERROR = 1e-9;

  @TempDir Path folder;

  private Safetensors open(String header, byte... data) throws IOException {
    return Safetensors.open(Files.write(folder.resolve("x.safetensors"), file(header, data)));
  }

  @Test
  void goldenFileHasTheReferencesShapesAndValues() throws IOException {
    try (Safetensors golden = Safetensors.open(GoldenTensors.path(CASE_C))) {
      assertThat(golden.names()).hasSize(24);
      assertThat(golden.metadata()).containsEntry("case", "vggt_tiny.caseC_1x56x56");
      assertThat(golden.info("in.images"))
          .isEqualTo(TensorInfo.of("in.images", DType.F32, 1, 3, 56, 56));
      assertThat(golden.info("out.world_points_from_depth").dtype()).isEqualTo(DType.F64);
      assertThat(golden.floats("out.pose_enc")).startsWith(1.0667589f).endsWith(0.24403107f);
      assertThat(sum(golden.doubles("out.depth"))).isEqualTo(5932.357520073652, within(SUM_ERROR));
      assertThat(sum(golden.doubles("out.world_points_from_depth")))
          .isEqualTo(5426.9646766172045, within(SUM_ERROR));
    }
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }

  @Test
  void goldenImagesAreWholeLevelsOf255() throws IOException {
    try (Safetensors golden = Safetensors.open(GoldenTensors.path(CASE_C))) {
      for (float value : golden.floats("in.images")) {
        assertThat(value).isEqualTo(Math.round(value * 255) / 255f);
      }
    }
  }

  @Test
  void scalarsAndEmptyTensorsAreTensors() throws IOException {
    String header =
        "{"
            + tensor("none", "F32", "[0,7]", 0, 0)
            + ","
            + tensor("one", "U8", "[]", 0, 1)
            + ","
            + tensor("alsoNone", "I64", "[3,0]", 1, 1)
            + "}";

    try (Safetensors opened = open(header, (byte) 200)) {
      assertThat(opened.names()).containsExactly("none", "one", "alsoNone");
      assertThat(opened.info("one").elements()).isEqualTo(1);
      assertThat(opened.longs("one")).containsExactly(200);
      assertThat(opened.floats("none")).isEmpty();
      assertThat(opened.longs("alsoNone")).isEmpty();
    }
  }

  @Test
  void fileWithoutTensorsIsAFile() throws IOException {
    try (Safetensors opened = open("{\"__metadata__\":{\"a\":\"\u00e9\"}}   ")) {
      assertThat(opened.names()).isEmpty();
      assertThat(opened.metadata()).containsEntry("a", "\u00e9");
    }
  }

  @Test
  void unknownFieldsOfATensorAreSkipped() throws IOException {
    String header =
        "{\"x\":{\"dtype\":\"I8\",\"note\":{\"a\":[1]},\"shape\":[1],\"data_offsets\":[0,1]}}";

    try (Safetensors opened = open(header, (byte) -3)) {
      assertThat(opened.longs("x")).containsExactly(-3);
    }
  }

  @Test
  void elementsNeedNoAlignment() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(13).order(ByteOrder.LITTLE_ENDIAN);
    data.put((byte) 1).putFloat(1.5f).putDouble(-2.25);
    String header =
        "{"
            + tensor("a", "BOOL", "[1]", 0, 1)
            + ","
            + tensor("b", "F32", "[1]", 1, 5)
            + ","
            + tensor("c", "F64", "[1]", 5, 13)
            + "} ";

    try (Safetensors opened = open(header, data.array())) {
      assertThat(opened.longs("a")).containsExactly(1);
      assertThat(opened.floats("b")).containsExactly(1.5f);
      assertThat(opened.doubles("c")).containsExactly(-2.25);
    }
  }

  @Test
  void wholeNumbersKeepTheirSigns() throws IOException {
    byte[] ones = new byte[8];
    Arrays.fill(ones, (byte) 0xff);

    assertThat(longs("I8", 8, ones)).containsOnly(-1);
    assertThat(longs("U8", 8, ones)).containsOnly(0xff);
    assertThat(longs("I16", 4, ones)).containsOnly(-1);
    assertThat(longs("U16", 4, ones)).containsOnly(0xffff);
    assertThat(longs("I32", 2, ones)).containsOnly(-1);
    assertThat(longs("U32", 2, ones)).containsOnly(0xffffffffL);
    assertThat(longs("I64", 1, ones)).containsOnly(-1);
  }

  private long[] longs(String dtype, int count, byte[] data) throws IOException {
    try (Safetensors opened =
        open("{" + tensor("x", dtype, "[" + count + "]", 0, data.length) + "}", data)) {
      return opened.longs("x");
    }
  }

  @Test
  void halfPrecisionIsWidened() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3c00).putShort((short) 0xc100);
    data.putShort((short) 0x3f80).putShort((short) 0xc020);
    String header =
        "{" + tensor("h", "F16", "[2]", 0, 4) + "," + tensor("b", "BF16", "[2]", 4, 8) + "}";

    try (Safetensors opened = open(header, data.array())) {
      assertThat(opened.floats("h")).containsExactly(1, -2.5f);
      assertThat(opened.floats("b")).containsExactly(1, -2.5f);
      assertThat(opened.doubles("h")).containsExactly(1, -2.5);
      assertThat(opened.doubles("b")).containsExactly(1, -2.5);
    }
  }

  @Test
  void numbersAreRoundedOnlyWhenAsked() throws IOException {
    byte[] third = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(1.0 / 3).array();

    try (Safetensors opened = open("{" + tensor("x", "F64", "[]", 0, 8) + "}", third)) {
      assertThat(opened.roundedFloats("x")).containsExactly(1f / 3);
      assertThatThrownBy(() -> opened.floats("x"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot read tensor 'x' as float32: its dtype is F64: round it, or read float64");
      assertThatThrownBy(() -> opened.longs("x"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot read tensor 'x' as int64: its dtype is F64");
    }
  }

  @Test
  void typesWithoutAJavaTypeAreReadAsBytes() throws IOException {
    for (String dtype : new String[] {"F8_E4M3", "F8_E5M2"}) {
      try (Safetensors opened = open("{" + tensor("x", dtype, "[1]", 0, 1) + "}", (byte) 56)) {
        assertThat(opened.byteArray("x")).containsExactly(56);
        assertThatThrownBy(() -> opened.roundedFloats("x"))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("Cannot read tensor 'x' as float32: its dtype is " + dtype);
        assertThatThrownBy(() -> opened.doubles("x"))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("Cannot read tensor 'x' as float64: its dtype is " + dtype);
      }
    }
  }

  @Test
  void valuesGoWhereTheBufferStands() throws IOException {
    try (Safetensors golden = Safetensors.open(GoldenTensors.path(CASE_C))) {
      FloatBuffer buffer = FloatBuffer.allocate(11).position(1);

      golden.floats("out.pose_enc", buffer);

      assertThat(buffer.position()).isEqualTo(10);
      assertThat(Arrays.copyOfRange(buffer.array(), 1, 10))
          .containsExactly(golden.floats("out.pose_enc"));
      assertThatThrownBy(() -> golden.floats("out.pose_enc", FloatBuffer.allocate(8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot read tensor 'out.pose_enc': it has 9 elements, the buffer has room for 8");
    }
  }

  @Test
  void bytesAreDirectLittleEndianAndReadOnly() throws IOException {
    try (Safetensors golden = Safetensors.open(GoldenTensors.path(CASE_C))) {
      ByteBuffer bytes = golden.bytes("out.pose_enc");

      assertThat(bytes.isDirect()).isTrue();
      assertThat(bytes.isReadOnly()).isTrue();
      assertThat(bytes.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
      assertThat(bytes.remaining()).isEqualTo(36);
      bytes.getFloat();
      assertThat(golden.bytes("out.pose_enc").position()).isZero();
    }
  }

  @Test
  void bothWaysOfMappingReadTheSame() throws IOException {
    Path path = GoldenTensors.path(CASE_C);

    try (Safetensors readOnly = Safetensors.open(path, MappedFile.readOnly(path));
        Safetensors copyOnWrite = Safetensors.open(path, MappedFile.copyOnWrite(path))) {
      for (String name : readOnly.names()) {
        assertThat(readOnly.bytes(name)).isEqualTo(copyOnWrite.bytes(name));
      }
    }
  }

  /** Whoever runs the test: the superuser may write to it all the same. */
  @Test
  void fileThatMayNotBeWrittenIsRead() throws IOException {
    Path path = folder.resolve("x.safetensors");
    Files.write(path, file("{" + tensor("x", "U8", "[1]", 0, 1) + "}", (byte) 5));
    assertThat(path.toFile().setWritable(false)).isTrue();

    try (Safetensors opened = Safetensors.open(path)) {
      assertThat(opened.byteArray("x")).containsExactly(5);
    }
  }

  @Test
  void memoryThatIsWrittenToLeavesTheFileAlone() throws IOException {
    Path path = Files.write(folder.resolve("x"), new byte[] {1, 2, 3});

    try (MappedFile file = MappedFile.copyOnWrite(path)) {
      ByteBuffer memory = file.map(1, 2);
      memory.put(0, (byte) 9);
      assertThat(memory.get(0)).isEqualTo((byte) 9);
    }

    assertThat(Files.readAllBytes(path)).containsExactly(1, 2, 3);
  }

  @Test
  void buffersOutliveTheFileAndTheFileSaysItIsClosed() throws IOException {
    Safetensors opened = open("{" + tensor("x", "U8", "[1]", 0, 1) + "}", (byte) 5);
    ByteBuffer bytes = opened.bytes("x");

    opened.close();

    assertThat(bytes.get(0)).isEqualTo((byte) 5);
    assertThatThrownBy(() -> opened.bytes("x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Cannot read tensor 'x': ")
        .hasMessageEndingWith("x.safetensors was closed");
  }

  @Test
  void nameThatIsNotThereIsRefused() throws IOException {
    try (Safetensors opened = open("{}")) {
      assertThatThrownBy(() -> opened.floats("weight"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Cannot read tensor 'weight': ")
          .hasMessageEndingWith("x.safetensors has none of that name");
    }
  }

  /**
   * A sparse file: one tensor that no buffer holds, more than one mapping, and values at its end.
   */
  @Test
  void filesAboveFourGigabytesAreRead() throws IOException {
    long gib = 1L << 30;
    long huge = 2 * gib;
    long[] begins = {0, huge, huge + gib, huge + 2 * gib, huge + 2 * gib + 8, huge + 2 * gib + 20};
    String header =
        "{"
            + tensor("huge", "U8", "[2147483648]", begins[0], begins[1])
            + ","
            + tensor("a", "F32", "[16384,16384]", begins[1], begins[2])
            + ","
            + tensor("b", "BF16", "[536870912]", begins[2], begins[3])
            + ","
            + tensor("c", "I64", "[1]", begins[3], begins[4])
            + ","
            + tensor("d", "F32", "[3]", begins[4], begins[5])
            + "}";
    ByteBuffer end = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    end.putLong(-7).putFloat(1).putFloat(2).putFloat(3).flip();
    byte[] head = file(header);
    Path path = Files.write(folder.resolve("large.safetensors"), head);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.write(end, head.length + begins[3]);
    }

    try (Safetensors opened = Safetensors.open(path)) {
      assertThat(opened.longs("c")).containsExactly(-7);
      assertThat(opened.floats("d")).containsExactly(1, 2, 3);
      assertThat(opened.bytes("a").remaining()).isEqualTo((int) gib);
      assertThat(opened.bytes("b").getShort((int) gib - 2)).isZero();
      assertThat(opened.info("huge").bytes()).isEqualTo(huge);
      assertThatThrownBy(() -> opened.bytes("huge"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Cannot read tensor 'huge' of " + path)
          .hasMessageEndingWith("it has 2147483648 bytes, a buffer holds 2147483647");
    }
  }

  @Test
  void manyTensorsKeepTheirNames() throws IOException {
    int count = 3000;
    StringBuilder header = new StringBuilder("{");
    for (int i = count - 1; i >= 0; i--) {
      header.append(tensor("t" + i, "U8", "[1]", i, i + 1)).append(i > 0 ? "," : "}");
    }
    byte[] data = new byte[count];
    IntStream.range(0, count).forEach(i -> data[i] = (byte) (i % 251));

    try (Safetensors opened = open(header.toString(), data)) {
      for (int i = 0; i < count; i++) {
        assertThat(opened.bytes("t" + i).get(0)).isEqualTo(data[i]);
      }
      assertThat(opened.names()).startsWith("t0", "t1").endsWith("t" + (count - 1));
    }
  }
}
