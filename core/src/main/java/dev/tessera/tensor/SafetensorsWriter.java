package dev.tessera.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntConsumer;

/**
 * Writes a safetensors file whose tensors are known by name, type and shape beforehand. Their
 * elements may come in any order of the tensors and in any number of pieces; nothing is kept in
 * memory. The file appears under its name only when it is complete, with {@link #finish}.
 */
public final class SafetensorsWriter implements AutoCloseable {
  private static final int STAGING_BYTES = 1 << 18;

  private final Path path;
  private final Path attempt;
  private final FileChannel channel;
  private final Map<String, Cursor> cursors = new HashMap<>();
  private final ByteBuffer staging =
      ByteBuffer.allocateDirect(STAGING_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** Where the next bytes of a tensor go. */
  private static final class Cursor {
    private final TensorInfo tensor;
    private final long end;
    private long position;

    private Cursor(TensorInfo tensor, long position) {
      this.tensor = tensor;
      this.position = position;
      this.end = position + tensor.bytes();
    }
  }

  private SafetensorsWriter(Path path) throws IOException {
    this.path = path;
    attempt = path.resolveSibling(".%s.%s.tmp".formatted(path.getFileName(), UUID.randomUUID()));
    channel = FileChannel.open(attempt, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /**
   * Begins a file beside {@code path} and writes its header.
   *
   * @param metadata free text for the header
   * @throws IllegalArgumentException if a name comes twice, the header is larger than the format
   *     allows, or a file of that path cannot be
   */
  public static SafetensorsWriter create(
      Path path, List<TensorInfo> tensors, Map<String, String> metadata) throws IOException {
    SafetensorsHeader header;
    byte[] encoded;
    try {
      header = SafetensorsHeader.place(tensors, metadata);
      encoded = header.encode();
    } catch (IllegalArgumentException bad) {
      throw new IllegalArgumentException(
          "Cannot write %s: %s".formatted(path, bad.getMessage()), bad);
    }
    requirePlace(path);
    SafetensorsWriter writer = new SafetensorsWriter(path);
    try {
      writer.begin(header, encoded);
    } catch (IOException failed) {
      writer.close();
      throw failed;
    }
    return writer;
  }

  /** Says at the start what would only fail at the end. */
  private static void requirePlace(Path path) {
    if (Files.isDirectory(path)) {
      throw new IllegalArgumentException("Cannot write %s: it is a directory".formatted(path));
    }
    if (!Files.isDirectory(path.toAbsolutePath().getParent())) {
      throw new IllegalArgumentException(
          "Cannot write %s: its directory is not there".formatted(path));
    }
  }

  private void begin(SafetensorsHeader header, byte[] encoded) throws IOException {
    long dataStart = (long) SafetensorsHeader.LENGTH_BYTES + encoded.length;
    for (SafetensorsHeader.Entry entry : header.entries()) {
      cursors.put(entry.tensor().name(), new Cursor(entry.tensor(), dataStart + entry.begin()));
    }
    staging.putLong(0, encoded.length);
    writeFully(staging.slice(0, Long.BYTES), 0);
    writeFully(ByteBuffer.wrap(encoded), SafetensorsHeader.LENGTH_BYTES);
  }

  /** Appends bytes as they are stored, little endian, to a tensor of any type. */
  public SafetensorsWriter write(String name, ByteBuffer bytes) throws IOException {
    Cursor cursor = cursor(name, bytes.remaining());
    int count = bytes.remaining();
    writeFully(bytes, cursor.position);
    cursor.position += count;
    return this;
  }

  /** Appends to an F32 tensor, or to a BF16 tensor with ties to even. */
  public SafetensorsWriter write(String name, float[] values) throws IOException {
    if (dtype(name) == DType.BF16) {
      return write(name, values.length, i -> staging.putShort(HalfPrecision.toBFloat16(values[i])));
    }
    requireDtype(name, DType.F32);
    return write(name, values.length, i -> staging.putFloat(values[i]));
  }

  /** Appends to an F64 tensor. */
  public SafetensorsWriter write(String name, double[] values) throws IOException {
    requireDtype(name, DType.F64);
    return write(name, values.length, i -> staging.putDouble(values[i]));
  }

  /** Appends to an I64 tensor. */
  public SafetensorsWriter write(String name, long[] values) throws IOException {
    requireDtype(name, DType.I64);
    return write(name, values.length, i -> staging.putLong(values[i]));
  }

  /** Appends elements block by block; {@code stage} puts element i into the staging buffer. */
  private SafetensorsWriter write(String name, int count, IntConsumer stage) throws IOException {
    int elementBytes = dtype(name).bytes();
    cursor(name, (long) count * elementBytes);
    staging.clear();
    for (int i = 0; i < count; i++) {
      stage.accept(i);
      if (staging.remaining() < elementBytes || i == count - 1) {
        write(name, staging.flip());
        staging.clear();
      }
    }
    return this;
  }

  private DType dtype(String name) {
    return cursor(name, 0).tensor.dtype();
  }

  private void requireDtype(String name, DType given) {
    if (dtype(name) != given) {
      throw new IllegalArgumentException(
          "Cannot write %s values to tensor %s of %s: its dtype is %s"
              .formatted(given, Excerpt.of(name), path, dtype(name)));
    }
  }

  /** The place of a tensor that has room for {@code moreBytes}. */
  private Cursor cursor(String name, long moreBytes) {
    Cursor cursor = cursors.get(name);
    if (cursor == null) {
      throw new IllegalArgumentException(
          "Cannot write tensor %s of %s: it was not announced".formatted(Excerpt.of(name), path));
    }
    if (moreBytes > cursor.end - cursor.position) {
      throw new IllegalArgumentException(
          "Cannot write tensor %s of %s: %d bytes are more than the %d that its shape leaves"
              .formatted(Excerpt.of(name), path, moreBytes, cursor.end - cursor.position));
    }
    return cursor;
  }

  private void writeFully(ByteBuffer bytes, long position) throws IOException {
    long next = position;
    while (bytes.hasRemaining()) {
      next += channel.write(bytes, next);
    }
  }

  /**
   * Gives the file its name, in place of a file that had it.
   *
   * @throws IllegalStateException if a tensor is not complete; there is no file then
   */
  public void finish() throws IOException {
    for (Cursor cursor : cursors.values()) {
      if (cursor.position != cursor.end) {
        throw new IllegalStateException(
            "Cannot finish %s: tensor %s lacks %d of its %d bytes"
                .formatted(
                    path,
                    Excerpt.of(cursor.tensor.name()),
                    cursor.end - cursor.position,
                    cursor.tensor.bytes()));
      }
    }
    channel.close();
    Files.move(attempt, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Deletes what was written, unless it was finished. */
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(attempt);
  }
}
