package dev.tessera.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  private Path path;

  @BeforeEach
  void namesTheFile() {
    path = folder.resolve("out.safetensors");
  }

  private SafetensorsWriter create(TensorInfo... tensors) throws IOException {
    return SafetensorsWriter.create(path, List.of(tensors), Map.of());
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Random random = new Random(3);
    float[] floats = new float[200_000];
    double[] doubles = new double[70_001];
    long[] longs = random.longs(50_000).toArray();
    byte[] bytes = new byte[999];
    random.nextBytes(bytes);
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.intBitsToFloat(random.nextInt());
    }
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = Double.longBitsToDouble(random.nextLong());
    }

    try (SafetensorsWriter writer =
        create(
            TensorInfo.of("u8", DType.U8, 999),
            TensorInfo.of("f32", DType.F32, 2, 100_000),
            TensorInfo.of("empty", DType.BF16, 4, 0),
            TensorInfo.of("f64", DType.F64, 70_001),
            TensorInfo.of("i64", DType.I64, 50_000))) {
      writer.write("f32", floats).write("f64", doubles).write("i64", longs);
      writer.write("u8", ByteBuffer.wrap(bytes)).finish();
    }

    try (Safetensors read = Safetensors.open(path)) {
      assertThat(read.info("f32").shape()).containsExactly(2L, 100_000L);
      assertThat(read.floats("f32")).isEqualTo(floats);
      assertThat(read.doubles("f64")).isEqualTo(doubles);
      assertThat(read.longs("i64")).isEqualTo(longs);
      assertThat(read.byteArray("u8")).isEqualTo(bytes);
      assertThat(read.floats("empty")).isEmpty();
    }
  }

  @Test
  void tensorsComeInAnyOrderAndInPieces() throws IOException {
    try (SafetensorsWriter writer =
        create(TensorInfo.of("a", DType.F32, 5), TensorInfo.of("b", DType.I64, 2))) {
      writer.write("b", new long[] {1});
      writer.write("a", new float[] {1, 2, 3});
      writer.write("b", new long[] {2});
      ByteBuffer rest = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      writer.write("a", rest.putFloat(4).putFloat(5).flip());
      writer.finish();
    }

    try (Safetensors read = Safetensors.open(path)) {
      assertThat(read.floats("a")).containsExactly(1, 2, 3, 4, 5);
      assertThat(read.longs("b")).containsExactly(1, 2);
    }
  }

  @Test
  void float32IsRoundedToBFloat16() throws IOException {
    try (SafetensorsWriter writer = create(TensorInfo.of("x", DType.BF16, 3))) {
      writer.write("x", new float[] {1, 1 + 0x1p-7f + 0x1p-8f, -3.0f - 0x1p-20f}).finish();
    }

    try (Safetensors read = Safetensors.open(path)) {
      assertThat(read.floats("x")).containsExactly(1, 1 + 0x1p-6f, -3);
    }
  }

  @Test
  void metadataKeepsItsTextAndOrder() throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("z", "{\"embed\": 48, \"s\": \"a<b\"}");
    metadata.put("a", "\u00e9\n\u2028");

    try (SafetensorsWriter writer = SafetensorsWriter.create(path, List.of(), metadata)) {
      writer.finish();
    }

    try (Safetensors read = Safetensors.open(path)) {
      assertThat(read.metadata()).containsExactlyEntriesOf(metadata);
    }
  }

  @Test
  void headerIsPaddedAndElementsAreAligned() throws IOException {
    for (int length = 1; length <= 9; length++) {
      try (SafetensorsWriter writer =
          create(
              TensorInfo.of("n".repeat(length), DType.U8, 3),
              TensorInfo.of("half", DType.BF16, 1),
              TensorInfo.of("double", DType.F64, 1))) {
        writer.write("n".repeat(length), ByteBuffer.wrap(new byte[] {1, 2, 3}));
        writer.write("half", new float[] {1}).write("double", new double[] {1}).finish();
      }

      byte[] file = Files.readAllBytes(path);
      long header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
      assertThat(header % 8).isZero();
      assertThat(file).hasSize(8 + (int) header + 8 + 2 + 3);
      assertThat(new String(file, 8, (int) header, StandardCharsets.UTF_8).stripTrailing())
          .startsWith("{\"double\":")
          .endsWith("}");
    }
  }

  @Test
  void fileIsWhatTheFormatSays() throws IOException {
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(
            path, List.of(TensorInfo.of("xy", DType.U8, 1, 2)), Map.of("a", "b"))) {
      writer.write("xy", ByteBuffer.wrap(new byte[] {'O', 'K'})).finish();
    }

    String header =
        "{\"__metadata__\":{\"a\":\"b\"},"
            + "\"xy\":{\"dtype\":\"U8\",\"shape\":[1,2],\"data_offsets\":[0,2]}}       ";
    assertThat(Files.readString(path, StandardCharsets.ISO_8859_1))
        .isEqualTo((char) header.length() + "\0\0\0\0\0\0\0" + header + "OK");
  }

  @Test
  void placeIsCheckedBeforeAnythingIsWritten() throws IOException {
    path = folder.resolve("absent").resolve("x.safetensors");
    assertThatThrownBy(this::create)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write %s: its directory is not there".formatted(path));

    path = folder;
    assertThatThrownBy(this::create)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write %s: it is a directory".formatted(folder));
    assertThat(files()).isEmpty();
  }

  @Test
  void fileAppearsOnlyWhenItIsFinished() throws IOException {
    Files.writeString(path, "old");
    try (SafetensorsWriter writer = create(TensorInfo.of("x", DType.F32, 2))) {
      writer.write("x", new float[] {1});
      assertThat(path).hasContent("old");
      assertThatThrownBy(writer::finish)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Cannot finish %s: tensor 'x' lacks 4 of its 8 bytes".formatted(path));
    }
    assertThat(files()).containsExactly(path);
    assertThat(path).hasContent("old");

    try (SafetensorsWriter writer = create(TensorInfo.of("x", DType.F32, 2))) {
      writer.write("x", new float[] {1, 2}).finish();
    }

    assertThat(files()).containsExactly(path);
    try (Safetensors read = Safetensors.open(path)) {
      assertThat(read.floats("x")).containsExactly(1, 2);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    try (SafetensorsWriter writer = create(TensorInfo.of("x", DType.F32, 2))) {
      assertThatThrownBy(() -> writer.write("y", new float[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot write tensor 'y' of %s: it was not announced".formatted(path));
      assertThatThrownBy(() -> writer.write("x", new float[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("12 bytes are more than the 8 that its shape leaves");
      assertThatThrownBy(() -> writer.write("x", new double[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot write F64 values to tensor 'x' of %s: its dtype is F32".formatted(path));
      assertThatThrownBy(() -> writer.write("x", new long[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Cannot write I64 values");
    }
  }

  @Test
  void namesAreUnique() {
    TensorInfo x = TensorInfo.of("x", DType.U8, 1);

    assertThatThrownBy(() -> create(x, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write %s: the name 'x' is taken".formatted(path));
    assertThatThrownBy(() -> create(TensorInfo.of("__metadata__", DType.U8, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write %s: the name '__metadata__' is taken".formatted(path));
  }

  @Test
  void shapeOfATensorIsCheckedAtBirth() {
    assertThatThrownBy(() -> TensorInfo.of("x", DType.U8, 2, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Shape of tensor 'x' must not be negative, was [2, -1]");
    assertThatThrownBy(() -> TensorInfo.of("x", DType.F64, 1L << 60))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be below 2^63 bytes");
    assertThat(TensorInfo.of("x", DType.F64, 1L << 60, 0).bytes()).isZero();
    assertThat(TensorInfo.of("x", DType.F64, 3, 2).dimensions()).containsExactly(3, 2);
  }
}
